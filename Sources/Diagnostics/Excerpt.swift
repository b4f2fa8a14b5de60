/// A source line as it is shown under a diagnostic, and where the caret stands below it.
///
/// Tabs become one space, so a column is a column; characters that would move the terminal's cursor or turn the line's
/// direction round become U+FFFD. A line wider than the window is cut on both sides of the caret.
///
/// Some terminals show Persian from right to left, others in the file's order. Where Persian stands before the caret,
/// each run of it is isolated (U+2068 … U+2069): whatever a terminal does inside a run, the run keeps its cells, and what
/// stands behind it keeps its own. Of a place inside a run, whose cell depends on the terminal, the whole run is marked.
struct Excerpt: Equatable {
  var text: String
  /// Terminal cells before the caret.
  var indent: Int
  /// `^`, or as many as the marked run has cells.
  var caret: String

  /// - Parameter column: From 1, in scalars; one past the end points behind the line.
  init(line: String, column: Int, width: Int) {
    let scalars = line.unicodeScalars.map(Self.printable)
    let place = min(max(column, 1), scalars.count + 1) - 1
    let window = Self.window(of: scalars, around: place, width: max(width, 20))
    let runs = RightToLeftRun.all(in: scalars[window])
    let marked = runs.first { $0.contains(place) } ?? place..<place
    let isMixed = runs.first.map { $0.lowerBound <= place } ?? false
    func cells(_ range: Range<Int>) -> Int { scalars[range].reduce(0) { $0 + Self.cells($1) } }
    let isCut = window.lowerBound > 0
    indent = cells(window.lowerBound..<marked.lowerBound) + (isCut ? 1 : 0)
    caret = String(repeating: "^", count: max(1, cells(marked)))
    var text = String.UnicodeScalarView(isCut ? "…".unicodeScalars : "".unicodeScalars)
    for index in window {
      if isMixed, runs.contains(where: { $0.lowerBound == index }) { text.append(RightToLeftRun.opening) }
      text.append(scalars[index])
      if isMixed, runs.contains(where: { $0.upperBound == index + 1 }) { text.append(RightToLeftRun.closing) }
    }
    if window.upperBound < scalars.count { text.append("…") }
    self.text = String(text)
  }

  /// The scalars to show: all of a short line, else so many that the caret stands in the second third.
  private static func window(of scalars: [Unicode.Scalar], around caret: Int, width: Int) -> Range<Int> {
    guard scalars.count > width else { return 0..<scalars.count }
    let start = min(max(0, caret - width / 2), scalars.count - width)
    return start..<(start + width)
  }

  /// The scalar itself, or what stands for one that must not reach a terminal.
  static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x09: " "
    // C0, DEL, C1; line and paragraph separators; embeddings, overrides and isolates ("Trojan Source").
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: "\u{FFFD}"
    default: scalar
    }
  }

  /// Cells a scalar takes: none for marks and joiners, two for wide East Asian letters and emoji.
  static func cells(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}

/// Text from a file as a message may quote it: in single quotes, on one line, cut to `limit` scalars.
public func quoted(_ text: String, limit: Int = 60) -> String {
  let scalars = text.unicodeScalars.prefix(limit + 1).map { $0 == "\n" ? " " : Excerpt.printable($0) }
  guard scalars.count > limit else { return "'" + String(String.UnicodeScalarView(scalars)) + "'" }
  return "'" + String(String.UnicodeScalarView(scalars.prefix(limit))) + "…'"
}
