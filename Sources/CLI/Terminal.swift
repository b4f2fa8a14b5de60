import Glibc
import Language

/// Where a command writes. Results go to standard output, everything about them to standard error.
struct Terminal: Sendable {
  /// Colour only on a terminal, and never where NO_COLOR is set (no-color.org).
  var colour: Bool
  /// Progress only where somebody looks.
  var isInteractive: Bool

  static let standard = Terminal(
    colour: isatty(1) == 1 && getenv("NO_COLOR") == nil, isInteractive: isatty(2) == 1)

  func out(_ text: String) { put(text + "\n", 1) }
  func err(_ text: String) { put(text + "\n", 2) }

  /// A line that the next one replaces; nothing where nobody looks.
  func progress(_ text: String) {
    if isInteractive { put("\r\u{1B}[K" + text, 2) }
  }

  func clearProgress() {
    if isInteractive { put("\r\u{1B}[K", 2) }
  }

  enum Style: String { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

  func styled(_ text: String, _ style: Style) -> String {
    colour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Columns as wide as their widest cell, two spaces apart.
  func table(_ rows: [[String]]) {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    for row in rows {
      var line = ""
      for (index, cell) in row.enumerated() {
        line += cell
        if index < row.count - 1 { line += String(repeating: " ", count: widths[index] - cell.count + 2) }
      }
      out(line)
    }
  }

  private func put(_ text: String, _ descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
