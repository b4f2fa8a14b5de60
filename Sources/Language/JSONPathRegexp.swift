import Patterns

/// I-Regexp (RFC 9485), the interoperable regular expressions of JSONPath's `match` and `search`, mapped to PCRE2.
///
/// Everything outside its small grammar is refused: lookaround, back-references, lazy quantifiers and `\d` mean different
/// things to different readers of a path. `^` and `$` are anchors as in RFC 9485's mapping (section 5.4), so `\$` is
/// allowed besides its escapes.
enum IRegexp {
  static func compile(_ source: String, whole: Bool) throws(SyntaxError) -> Pattern {
    var reader = IRegexpReader(source)
    let translated = try reader.translate()
    do {
      return try Pattern(translated, options: whole ? .wholeText : [])
    } catch {
      throw SyntaxError(error.message, offset: min(error.offset, source.unicodeScalars.count))
    }
  }
}

/// Checks the grammar and copies it; only `.` is written otherwise.
private struct IRegexpReader {
  private var scan: JSONPathScanner
  private var output = String.UnicodeScalarView()

  init(_ source: String) { scan = JSONPathScanner(source) }

  mutating func translate() throws(SyntaxError) -> String {
    try alternatives(depth: 0)
    guard scan.isAtEnd else { throw scan.problem("')' without '('") }
    return String(output)
  }

  private mutating func copy(_ count: Int = 1) {
    output.append(contentsOf: scan.scalars[scan.index..<scan.index + count])
    scan.index += count
  }

  private mutating func alternatives(depth: Int) throws(SyntaxError) {
    guard depth <= JSONPath.maximumNesting else { throw scan.problem("parentheses nest too deep") }
    while let scalar = scan.peek, scalar != ")" {
      if scalar == "|" {
        copy()
      } else {
        try atom(depth: depth)
        try quantifier()
      }
    }
  }

  private mutating func atom(depth: Int) throws(SyntaxError) {
    switch scan.peek {
    case "(":
      let opening = scan.index
      scan.index += 1
      output.append(contentsOf: "(?:".unicodeScalars)
      try alternatives(depth: depth + 1)
      guard scan.peek == ")" else { throw scan.problem("')' is missing", at: opening) }
      copy()
    case ".":
      scan.index += 1
      output.append(contentsOf: "[^\\n\\r]".unicodeScalars)
    case "[": try characterClass()
    case "\\": try escape()
    case "*", "+", "?", "{": throw scan.problem("nothing to repeat before \(scan.described)")
    case "]", "}": throw scan.problem("\(scan.described) must be escaped")
    default: copy()
    }
  }

  private mutating func quantifier() throws(SyntaxError) {
    switch scan.peek {
    case "*", "+", "?": copy()
    case "{": try repetition()
    default: return
    }
    if let next = scan.peek, "*+?{".unicodeScalars.contains(next) {
      throw scan.problem("a second quantifier (lazy or possessive) is not allowed")
    }
  }

  private mutating func repetition() throws(SyntaxError) {
    let start = scan.index
    copy()
    var digits = copyDigits()
    if digits, scan.peek == "," {
      copy()
      _ = copyDigits()
    } else if scan.peek == "," {
      digits = false
    }
    guard digits, scan.peek == "}" else { throw scan.problem("a repetition is {n}, {n,} or {n,m}", at: start) }
    copy()
  }

  private mutating func copyDigits() -> Bool {
    let start = scan.index
    while let scalar = scan.peek, scan.isDigit(scalar) { copy() }
    return scan.index > start
  }
}

extension IRegexpReader {
  private mutating func characterClass() throws(SyntaxError) {
    let opening = scan.index
    copy()
    if scan.peek == "^" { copy() }
    if scan.peek == "-" { literalHyphen() }
    var isEmpty = scan.index == opening + 1 || scan.scalars[scan.index - 1] == "^"
    while let scalar = scan.peek, scalar != "]" {
      isEmpty = false
      if scalar == "-" {
        literalHyphen()
        guard scan.peek == "]" else { throw scan.problem("'-' must be first, last, escaped or in a range") }
      } else if try classMember(), scan.peek == "-", scan.index + 1 < scan.scalars.count,
        scan.scalars[scan.index + 1] != "]"
      {
        copy()
        guard try classMember() else { throw scan.problem("a range must end in a character") }
      }
    }
    guard scan.peek == "]" else { throw scan.problem("']' is missing", at: opening) }
    if isEmpty { throw scan.problem("an empty class", at: opening) }
    copy()
  }

  private mutating func literalHyphen() {
    scan.index += 1
    output.append(contentsOf: "\\-".unicodeScalars)
  }

  /// - Returns: Whether it was a single character, which may begin a range.
  private mutating func classMember() throws(SyntaxError) -> Bool {
    switch scan.peek {
    case "\\": return try escape()
    case "[": throw scan.problem("'[' must be escaped inside a class")
    case "-", "]", nil: throw scan.problem("a character is missing before \(scan.described)")
    default:
      copy()
      return true
    }
  }

  /// - Returns: Whether it stands for one character, not for a category.
  @discardableResult
  private mutating func escape() throws(SyntaxError) -> Bool {
    let start = scan.index
    guard start + 1 < scan.scalars.count else { throw scan.problem("a character must follow '\\'") }
    let scalar = scan.scalars[start + 1]
    if scalar == "p" || scalar == "P" {
      try category()
      return false
    }
    guard "()*+-.?[\\]^nrt{|}$".unicodeScalars.contains(scalar) else {
      let instead = ["d": "[0-9]", "w": "[A-Za-z0-9_]", "s": "[ \\t\\r\\n]"][String(scalar)]
      throw scan.problem("'\\\(scalar)' is not allowed", help: instead.map { "did you mean \($0)?" })
    }
    copy(2)
    return true
  }

  private mutating func category() throws(SyntaxError) {
    let rest = scan.scalars[(scan.index + 2)...]
    guard rest.first == "{", let end = rest.firstIndex(of: "}") else {
      throw scan.problem("a category is written \\p{Lu}")
    }
    let name = rest[(rest.startIndex + 1)..<end]
    let minor = name.first.flatMap { Self.categories[$0] }
    let isKnown = name.count == 1 || name.count == 2 && minor?.contains(name[name.startIndex + 1]) == true
    guard minor != nil, isKnown else { throw scan.problem("unknown category") }
    copy(end + 1 - scan.index)
  }

  /// RFC 9485 section 4, rule IsCategory.
  private static let categories: [Unicode.Scalar: String.UnicodeScalarView] = [
    "L": "lmotu".unicodeScalars, "M": "cen".unicodeScalars, "N": "dlo".unicodeScalars,
    "P": "cdefios".unicodeScalars, "Z": "lps".unicodeScalars, "S": "ckmo".unicodeScalars, "C": "cfno".unicodeScalars,
  ]
}
