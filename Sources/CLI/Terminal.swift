import Glibc
import Language
import Synchronization

/// Where a command writes. Results go to standard output, everything about them to standard error.
struct Terminal: Sendable {
  /// Colour only on a terminal, and never where NO_COLOR is set (no-color.org).
  var colour: Bool
  /// Progress only where somebody looks.
  var isInteractive: Bool
  /// Whether results go to a terminal.
  var isScreen = false
  /// Takes text and the descriptor it is for.
  var put: @Sendable (String, Int32) -> Void = Terminal.toDescriptor

  static let standard = Terminal(
    colour: isatty(1) == 1 && getenv("NO_COLOR") == nil, isInteractive: isatty(2) == 1, isScreen: isatty(1) == 1)

  func out(_ text: String) { put(Terminal.harmless(text) + "\n", 1) }
  func err(_ text: String) { put(Terminal.harmless(text) + "\n", 2) }

  /// Titles, lines and keys are a site's own words: nothing in them may move the cursor, clear the screen, name the window
  /// or turn the direction of what follows. Colours are ours.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    for (index, scalar) in scalars.enumerated() {
      let isKept = !isHarmful(scalar) || (scalar == "\u{1B}" && isColour(scalars[(index + 1)...]))
      result.append(isKept ? scalar : "\u{FFFD}")
    }
    return String(result)
  }

  /// Controls but for the line's end and the tab, and overrides and isolates of direction. Not ZWNJ and the marks that
  /// Persian text needs.
  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// `[1m` and the like, as ``styled(_:_:)`` and the renderer of diagnostics write it.
  private static func isColour(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    guard rest.first == "[" else { return false }
    let end = rest.dropFirst().prefix(8).firstIndex { !("0"..."9").contains($0) && $0 != ";" }
    return end.map { rest[$0] == "m" } ?? false
  }

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

  /// Columns as wide as their widest cell, two spaces apart; each row is one line.
  func table(_ rows: [[String]]) {
    let rows = rows.map { $0.map { Terminal.harmless($0).replacing("\n", with: " ") } }
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

  static let toDescriptor: @Sendable (String, Int32) -> Void = { text, descriptor in
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// What a command would print, kept as lines instead.
final class TextPage: Sendable {
  private let text = Mutex("")

  func terminal(like other: Terminal) -> Terminal {
    var terminal = other
    terminal.put = { [self] text, _ in self.text.withLock { $0 += text } }
    return terminal
  }

  var lines: [String] {
    let all = text.withLock { $0 }.split(separator: "\n", omittingEmptySubsequences: false)
    // Every line ends with its break: there is none after the last.
    return all.dropLast().map(String.init)
  }
}
