/// A template's text with each `{…}` as one placeholder: enough to judge the shape of a URL before it is rendered.
struct TemplateSkeleton {
  struct Piece {
    /// U+FFFC for a placeholder.
    var scalar: Unicode.Scalar
    /// Where it stands in the template's source, in scalars.
    var offset: Int
    /// The name asked for; nil for literal text.
    var name: String?
  }

  private(set) var pieces: [Piece] = []

  /// - Parameter source: Of a template that compiles; `{{` and `}}` stand for one brace.
  init(_ source: String) {
    let scalars = Array(source.unicodeScalars)
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      let isDoubled = index + 1 < scalars.count && scalars[index + 1] == scalar
      if scalar == "{", !isDoubled {
        let end = Self.end(ofPlaceholderAt: index, in: scalars)
        let inside = String(String.UnicodeScalarView(scalars[min(index + 1, end)..<end]))
        let name = inside.prefix { $0 != "|" }.filter { $0 != " " }
        pieces.append(Piece(scalar: "\u{FFFC}", offset: index, name: name))
        index = end + 1
      } else {
        pieces.append(Piece(scalar: scalar, offset: index, name: nil))
        index += (scalar == "{" || scalar == "}") && isDoubled ? 2 : 1
      }
    }
  }

  /// The index of the closing brace, one in quotes not counted.
  private static func end(ofPlaceholderAt start: Int, in scalars: [Unicode.Scalar]) -> Int {
    var quote: Unicode.Scalar?
    for index in (start + 1)..<max(scalars.count, start + 1) {
      let scalar = scalars[index]
      if let open = quote {
        if scalar == open { quote = nil }
      } else if scalar == "'" || scalar == "\"" {
        quote = scalar
      } else if scalar == "}" {
        return index
      }
    }
    return scalars.count
  }
}
