/// A selector with what stands in quotes apart from the rest: words are looked for in the one, classes in the other.
///
/// Positions are scalars of the whole selector.
struct SelectorText {
  /// Quoted parts as blanks.
  private(set) var code: String
  /// What stands in quotes.
  private(set) var texts: [(text: String, offset: Int)] = []
  /// Of CSS: what follows a dot.
  private(set) var classes: [(text: String, offset: Int)] = []

  init(xpath: String) {
    code = ""
    code = blanked(xpath)
  }

  init(css: String) {
    code = ""
    code = blanked(css)
    let scalars = Array(code.unicodeScalars)
    var index = 0
    var depth = 0
    while index < scalars.count {
      if scalars[index] == "[" { depth += 1 }
      if scalars[index] == "]" { depth -= 1 }
      guard scalars[index] == ".", depth == 0 else {
        index += 1
        continue
      }
      let name = scalars[(index + 1)...].prefix(while: isNameScalar)
      if !name.isEmpty { classes.append((String(String.UnicodeScalarView(name)), index + 1)) }
      index += name.count + 1
    }
  }

  /// Where an element of this name is asked for; nil where none is.
  func offset(ofStep name: String) -> Int? {
    let scalars = Array(code.unicodeScalars)
    let wanted = Array(name.unicodeScalars)
    guard scalars.count >= wanted.count else { return nil }
    for start in 0...(scalars.count - wanted.count) where scalars[start..<(start + wanted.count)].elementsEqual(wanted)
    {
      let before = start > 0 ? scalars[start - 1] : "/"
      let after = start + wanted.count < scalars.count ? scalars[start + wanted.count] : "/"
      // `@tbody`, `.tbody`, `#tbody` and `$tbody` are something else.
      if !isNameScalar(before), !"@.#$".unicodeScalars.contains(before), !isNameScalar(after), after != "(" {
        return start
      }
    }
    return nil
  }

  private mutating func blanked(_ source: String) -> String {
    var result = String.UnicodeScalarView()
    var open: (quote: Unicode.Scalar, start: Int)?
    var inside = String.UnicodeScalarView()
    for (offset, scalar) in source.unicodeScalars.enumerated() {
      if let (quote, start) = open {
        if scalar == quote {
          texts.append((String(inside), start))
          open = nil
        } else {
          inside.append(scalar)
        }
        result.append(" ")
      } else {
        if scalar == "'" || scalar == "\"" {
          open = (scalar, offset + 1)
          inside = String.UnicodeScalarView()
        }
        result.append(open == nil ? scalar : " ")
      }
    }
    return String(result)
  }
}

private func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
  scalar == "-" || scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
}
