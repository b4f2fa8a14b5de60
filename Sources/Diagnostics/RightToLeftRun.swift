/// A stretch of a line that a terminal may show from right to left: Persian words and what stands between them.
enum RightToLeftRun {
  /// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE: <https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates>
  static let opening: Unicode.Scalar = "\u{2068}"
  static let closing: Unicode.Scalar = "\u{2069}"

  /// In order, as indices of `scalars`. ASCII punctuation ends a run: it is YAML's own, and must stay where it is.
  static func all(in scalars: ArraySlice<Unicode.Scalar>) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    var end = scalars.startIndex
    for index in scalars.indices {
      if isRightToLeft(scalars[index]) {
        start = start ?? index
        end = index + 1
      } else if let first = start {
        if belongsToWord(scalars[index]) {
          end = index + 1
        } else if scalars[index] != " " {
          runs.append(first..<end)
          start = nil
        }
      }
    }
    if let start { runs.append(start..<end) }
    return runs
  }

  /// Hebrew, Arabic and their neighbours, with their own digits and punctuation: all of the blocks that
  /// <https://www.unicode.org/Public/UNIDATA/extracted/DerivedBidiClass.txt> gives to right-to-left scripts.
  static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }

  /// Joiners and marks.
  private static func belongsToWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: true
    default: false
    }
  }
}
