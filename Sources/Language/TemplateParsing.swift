extension Template {
  /// A template longer than what it may give makes no sense.
  static func parse(_ source: String) throws(SyntaxError) -> [Part] {
    guard source.utf8.count <= outputLimit else {
      throw SyntaxError("a template has at most \(outputLimit) bytes", offset: 0)
    }
    var cursor = TextCursor(source)
    var parts: [Part] = []
    var literal = String.UnicodeScalarView()
    while let scalar = cursor.next {
      if scalar != "{" && scalar != "}" {
        literal.append(scalar)
        cursor.offset += 1
      } else if cursor.take("{{") {
        literal.append("{")
      } else if cursor.take("}}") {
        literal.append("}")
      } else if scalar == "}" {
        throw SyntaxError("this '}' closes nothing", offset: cursor.offset, help: "write }} for a brace itself")
      } else {
        if !literal.isEmpty { parts.append(.literal(String(literal))) }
        literal = String.UnicodeScalarView()
        parts.append(try reference(&cursor))
      }
    }
    if !literal.isEmpty { parts.append(.literal(String(literal))) }
    return parts
  }

  /// From `{` to behind its `}`.
  private static func reference(_ cursor: inout TextCursor) throws(SyntaxError) -> Part {
    let start = cursor.offset
    cursor.offset += 1
    cursor.skipSpace()
    let offset = cursor.offset
    let name = cursor.takeName()
    guard !name.isEmpty else {
      throw SyntaxError(
        "a name is expected after '{'", offset: offset, help: "as in {start | time}; write {{ for a brace itself")
    }
    cursor.skipSpace()
    let filters = cursor.take("|") ? try FilterChain(parsing: &cursor) : FilterChain()
    guard cursor.take("}") else {
      if cursor.isAtEnd { throw SyntaxError("'{' is not closed", offset: start, help: "write {{ for a brace itself") }
      throw SyntaxError("'|' or '}' is expected here", offset: cursor.offset, help: "as in {start | time}")
    }
    return .reference(Reference(name: name, offset: offset), filters)
  }
}
