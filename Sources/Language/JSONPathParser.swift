/// Reads RFC 9535's grammar; filters are in JSONPathFilterParser.swift, tokens in JSONPathScanner.swift.
struct JSONPathParser {
  var scan: JSONPathScanner
  private var nesting = 0

  static func parse(_ source: String) throws(SyntaxError) -> JSONPathQuery {
    guard source.utf8.count <= JSONPath.maximumLength else {
      throw SyntaxError("a JSONPath may not be longer than \(JSONPath.maximumLength) bytes", offset: 0)
    }
    var parser = JSONPathParser(scan: JSONPathScanner(source))
    return try parser.wholeQuery()
  }

  private init(scan: JSONPathScanner) { self.scan = scan }

  private mutating func wholeQuery() throws(SyntaxError) -> JSONPathQuery {
    guard scan.take("$") else {
      throw scan.problem("a JSONPath begins with '$'", help: "write '$' for the document or the current row")
    }
    let segments = try self.segments()
    guard scan.isAtEnd else {
      if scan.peek == "." || scan.peek == "[" { throw scan.problem("unexpected \(scan.described)") }
      throw scan.problem(
        "unexpected \(scan.described)", help: "go on with '.name', '[…]' or '..', or end the path here")
    }
    return JSONPathQuery(isRelative: false, segments: segments)
  }

  /// Runs `body` one level deeper.
  mutating func nested<Result>(
    _ body: (inout JSONPathParser) throws(SyntaxError) -> Result
  ) throws(SyntaxError) -> Result {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= JSONPath.maximumNesting else {
      throw scan.problem("filters, parentheses and functions nest deeper than \(JSONPath.maximumNesting) levels")
    }
    return try body(&self)
  }
}

extension JSONPathParser {
  mutating func segments() throws(SyntaxError) -> [JSONPathSegment] {
    var segments: [JSONPathSegment] = []
    while true {
      let before = scan.index
      scan.skipSpace()
      guard let segment = try segment() else {
        scan.index = before
        return segments
      }
      segments.append(segment)
    }
  }

  private mutating func segment() throws(SyntaxError) -> JSONPathSegment? {
    if scan.peek == "[" { return JSONPathSegment(isDescendant: false, selectors: try bracketed()) }
    guard scan.take(".") else { return nil }
    let isDescendant = scan.take(".")
    if isDescendant, scan.peek == "[" { return JSONPathSegment(isDescendant: true, selectors: try bracketed()) }
    if scan.take("*") { return JSONPathSegment(isDescendant: isDescendant, selectors: [.all]) }
    guard let name = scan.shorthandName() else { throw missingName(isDescendant) }
    return JSONPathSegment(isDescendant: isDescendant, selectors: [.name(name)])
  }

  private func missingName(_ isDescendant: Bool) -> SyntaxError {
    let dots = isDescendant ? ".." : "."
    if scan.isAtEnd { return scan.problem("a name, '*'\(isDescendant ? " or '['" : "") must follow '\(dots)'") }
    let example = scan.peek == "[" ? "leave out the '.' before '['" : "quote names that have other characters: ['a-b']"
    return scan.problem("a name cannot begin with \(scan.described)", help: example)
  }

  private mutating func bracketed() throws(SyntaxError) -> [JSONPathSelector] {
    let opening = scan.index
    scan.index += 1
    var selectors: [JSONPathSelector] = []
    repeat {
      scan.skipSpace()
      if scan.isAtEnd { throw scan.problem("']' is missing", at: opening) }
      selectors.append(try selector())
      scan.skipSpace()
    } while scan.take(",")
    guard scan.take("]") else {
      if scan.isAtEnd { throw scan.problem("']' is missing", at: opening) }
      throw scan.problem("expected ',' or ']', found \(scan.described)")
    }
    return selectors
  }

  private mutating func selector() throws(SyntaxError) -> JSONPathSelector {
    switch scan.peek {
    case "'", "\"": return .name(try scan.quotedString())
    case "*":
      scan.index += 1
      return .all
    case "?":
      scan.index += 1
      scan.skipSpace()
      return .filter(try nested { parser throws(SyntaxError) in try parser.condition() })
    case "]", ",": throw scan.problem("a selector is missing before \(scan.described)")
    default: return try indexOrSlice()
    }
  }

  private mutating func indexOrSlice() throws(SyntaxError) -> JSONPathSelector {
    let start = try scan.integer()
    let afterStart = scan.index
    scan.skipSpace()
    guard scan.take(":") else {
      scan.index = afterStart
      if let start { return .index(start) }
      throw unknownSelector()
    }
    scan.skipSpace()
    let end = try scan.integer()
    let afterEnd = scan.index
    scan.skipSpace()
    guard scan.take(":") else {
      scan.index = afterEnd
      return .slice(start: start, end: end, step: 1)
    }
    scan.skipSpace()
    let step = try scan.integer()
    return .slice(start: start, end: end, step: step ?? 1)
  }

  private mutating func unknownSelector() -> SyntaxError {
    let start = scan.index
    if scan.peek == "(" || scan.peek == "@" {
      return scan.problem("expected a selector, found \(scan.described)", help: "a filter begins with '?': [?@.a == 1]")
    }
    if let name = scan.shorthandName() {
      return scan.problem("a name inside brackets must be quoted", at: start, help: "did you mean ['\(name)']?")
    }
    return scan.problem(
      "expected a selector, found \(scan.described)", help: "selectors are 'name', *, 0, 0:2 and ?condition")
  }
}
