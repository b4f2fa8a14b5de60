/// How wide text is on a terminal, in cells. Good enough to cut a line: a terminal that shows a character wider than this
/// says cuts the line itself, as ``StatusScreen`` turns wrapping off.
enum DisplayWidth {
  /// `line` cut to `columns` cells, with `…` in the last one where something is missing. Colours cost nothing and end with
  /// the line.
  static func cut(_ line: String, to columns: Int) -> String {
    var result = ""
    var used = 0
    var isColoured = false
    var rest = Substring(line)
    /// Where `…` would go: up to here there is room for it.
    var mark: (end: String.Index, isColoured: Bool) = (result.startIndex, false)
    while let character = rest.first {
      if let colour = colour(at: rest) {
        result += colour
        isColoured = colour != "\u{1B}[0m"
        rest = rest.dropFirst(colour.count)
        continue
      }
      rest.removeFirst()
      let shown: Character = character == "\t" ? " " : character
      let width = width(of: shown)
      if used < columns { mark = (result.endIndex, isColoured) }
      guard used + width <= columns else {
        guard columns > 0 else { return "" }
        return result[..<mark.end] + "…" + (mark.isColoured ? "\u{1B}[0m" : "")
      }
      result.append(shown)
      used += width
    }
    return isColoured ? result + "\u{1B}[0m" : result
  }

  /// Cells of one character: what joins or marks another one takes none of its own.
  static func width(of character: Character) -> Int { character.unicodeScalars.map(width).max() ?? 0 }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return isWide(scalar.value) ? 2 : 1
    }
  }

  /// East Asian wide and full-width blocks and pictures, by block (Unicode 15, EastAsianWidth.txt).
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }

  /// `ESC [ … m` at the start, as ``Terminal/styled(_:_:)`` writes it.
  private static func colour(at text: Substring) -> String? {
    guard text.hasPrefix("\u{1B}["), let end = text.prefix(10).firstIndex(of: "m") else { return nil }
    return String(text[...end])
  }
}
