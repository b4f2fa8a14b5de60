/// A word of an expression and where it stands.
struct ExpressionToken: Sendable {
  enum Kind: Sendable, Hashable {
    case name(String)
    /// A number, text, duration, day, time or amount.
    case literal(Value)
    case local(CivilDate, CivilTime)
    case symbol(String)
    case end
  }

  var kind: Kind
  /// In Unicode scalars.
  var offset: Int
  /// As written, for messages.
  var text: String

  /// The words of `source`, the last one an ``Kind/end``.
  static func all(in source: String) throws(SyntaxError) -> [ExpressionToken] {
    var cursor = TextCursor(withASCIIDigits: source)
    var tokens: [ExpressionToken] = []
    while true {
      cursor.skipSpace()
      let start = cursor.offset
      let kind = try next(&cursor)
      tokens.append(ExpressionToken(kind: kind, offset: start, text: cursor.text(from: start)))
      if kind == .end { return tokens }
    }
  }

  private static let symbols = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", "+", "-", "."]
  /// What other languages write.
  private static let foreign = ["&&": "and", "||": "or", "===": "==", "!==": "!=", "<>": "!=", "=": "==", "!": "not"]

  private static func next(_ cursor: inout TextCursor) throws(SyntaxError) -> Kind {
    guard let scalar = cursor.next else { return .end }
    if ("0"..."9").contains(scalar) { return try ExpressionLiterals.numeric(&cursor) }
    if scalar == "'" || scalar == "\"" { return .literal(.text(try cursor.takeQuoted())) }
    if TextCursor.startsName(scalar) { return .name(cursor.takeName()) }
    for (wrong, right) in foreign.sorted(by: { $0.key.utf8.count > $1.key.utf8.count }) {
      let start = cursor.offset
      guard cursor.take(wrong) else { continue }
      // `=` and `!` also begin operators of ours.
      if wrong.utf8.count == 1, cursor.next == "=" {
        cursor.offset = start
        continue
      }
      throw SyntaxError("unknown operator '\(wrong)'", offset: start, help: "did you mean '\(right)'?")
    }
    if let symbol = symbols.first(where: { cursor.take($0) }) { return .symbol(symbol) }
    throw SyntaxError(
      "'\(scalar)' has no meaning in an expression", offset: cursor.offset,
      help: "names, numbers, 'text', 15m, 2026-10-06, 12:30, [lists], and or not in matches == != < <= > >=")
  }
}

extension TextCursor {
  /// Persian and Arabic-Indic digits outside quotes count as ASCII ones; offsets stay.
  init(withASCIIDigits text: String) {
    var quote: Unicode.Scalar?
    let folded = text.unicodeScalars.map { scalar in
      if let open = quote {
        if scalar == open { quote = nil }
        return scalar
      }
      if scalar == "'" || scalar == "\"" { quote = scalar }
      return asciiDigit(scalar) ?? scalar
    }
    self.init(String(String.UnicodeScalarView(folded)))
  }
}
