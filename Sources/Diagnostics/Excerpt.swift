/// A source line as it is shown under a diagnostic, and how far right the caret stands.
///
/// Tabs become one space, so a column is a column; characters that would move the terminal's cursor or turn the line's
/// direction round become U+FFFD. A line wider than the window is cut on both sides of the caret.
struct Excerpt: Equatable {
  var text: String
  /// Terminal cells before the caret.
  var indent: Int

  /// - Parameter column: From 1, in scalars; one past the end points behind the line.
  init(line: String, column: Int, width: Int) {
    let scalars = line.unicodeScalars.map(Self.printable)
    let caret = min(max(column, 1), scalars.count + 1) - 1
    let window = Self.window(of: scalars, around: caret, width: max(width, 20))
    var text = String.UnicodeScalarView(scalars[window])
    var indent = scalars[window.lowerBound..<caret].reduce(0) { $0 + Self.cells($1) }
    if window.lowerBound > 0 {
      text.insert("…", at: text.startIndex)
      indent += 1
    }
    if window.upperBound < scalars.count { text.append("…") }
    self.text = String(text)
    self.indent = indent
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
  private static func cells(_ scalar: Unicode.Scalar) -> Int {
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
