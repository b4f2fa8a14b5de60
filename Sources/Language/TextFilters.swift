extension FilterKind {
  static let textFilters: [FilterKind] = [
    FilterKind(
      "prefix", 1...1, "prefix: '، '", "puts text before, where there is a value",
      make: { arguments in { value, _ in value.mappingText { $0.isEmpty ? $0 : arguments[0] + $0 } } }),
    FilterKind(
      "suffix", 1...1, "suffix: ' تومان'", "puts text behind, where there is a value",
      make: { arguments in { value, _ in value.mappingText { $0.isEmpty ? $0 : $0 + arguments[0] } } }),
    FilterKind(
      "default", 1...1, "default: 'نامشخص'", "stands in for null and for empty text", takesNull: true,
      make: { arguments in { value, _ in value.isNull || value == .text("") ? .text(arguments[0]) : value } }),
    plain("trim", "without white space at both ends", trimmed),
    plain("lower", "in lower case") { $0.lowercased() },
    plain("upper", "in upper case") { $0.uppercased() },
    plain("fold", "as it is compared: ي, ك, digits, ZWNJ and spaces in one spelling", foldedForComparing),
    plain("urlencode", "percent-encoded, all but letters, digits and -._~", { percentEncoded($0) }),
    FilterKind(
      "replace", 2...2, "replace: 'دکتر ', ''", "every occurrence of the first text becomes the second",
      make: { (arguments) throws(SyntaxError) in
        guard !arguments[0].isEmpty else { throw SyntaxError("there is nothing to replace", offset: 0) }
        return { value, _ in value.mappingText { bounded($0.replacing(arguments[0], with: arguments[1])) } }
      }),
    FilterKind(
      "truncate", 1...1, "truncate: 25", "at most so many characters, the last an ellipsis where some were cut",
      make: { (arguments) throws(SyntaxError) in
        guard let limit = Int(foldDigits(arguments[0])), (1...Template.outputLimit).contains(limit) else {
          throw SyntaxError("'\(arguments[0])' is no length", offset: 0, help: "a number from 1, as in truncate: 25")
        }
        return { value, _ in
          value.mappingText { $0.count <= limit ? $0 : trimmed(String($0.prefix(limit - 1))) + "…" }
        }
      }),
    FilterKind(
      "split", 1...1, "split: ','", "a list of the parts between, each trimmed",
      make: { (arguments) throws(SyntaxError) in
        guard !arguments[0].isEmpty else { throw SyntaxError("there is nothing to split at", offset: 0) }
        return { value, _ in
          guard value.elements == nil else { return value }
          return .list(value.plainText.split(separator: arguments[0]).map { .text(trimmed(String($0))) })
        }
      }),
    FilterKind(
      "join", 1...1, "join: '، '", "the parts of a list as one text",
      make: { arguments in
        { value, _ in
          guard let elements = value.elements else { return value }
          let texts = elements.map(\.plainText).filter { !$0.isEmpty }
          return texts.isEmpty ? .null : .text(bounded(texts.joined(separator: arguments[0])))
        }
      }),
    FilterKind(
      "first", 0...0, "split: '-' | first", "the first part of a list",
      make: { _ in { value, _ in value.elements.map { $0.first ?? .null } ?? value } }),
    FilterKind(
      "last", 0...0, "split: '-' | last", "the last part of a list",
      make: { _ in { value, _ in value.elements.map { $0.last ?? .null } ?? value } }),
  ]

  private static func plain(
    _ name: String, _ summary: String, _ change: @escaping @Sendable (String) -> String
  ) -> FilterKind {
    FilterKind(name, 0...0, name, summary, make: { _ in { value, _ in value.mappingText(change) } })
  }
}

/// Cut to ``Template/outputLimit`` bytes at a character's end: filters repeat, and must not multiply a page's text.
func bounded(_ text: String) -> String {
  guard text.utf8.count > Template.outputLimit else { return text }
  var cut = ""
  var length = 0
  for character in text {
    length += character.utf8.count
    if length > Template.outputLimit { break }
    cut.append(character)
  }
  return cut
}

extension Value {
  /// The value as text, changed; in a list each part. Null stays.
  func mappingText(_ change: (String) -> String) -> Value {
    if let elements { return .list(elements.map { $0.mappingText(change) }) }
    return isNull ? .null : .text(bounded(change(plainText)))
  }

  /// The parts of a list, or of a JSON array.
  var elements: [Value]? {
    switch self {
    case .list(let values): values
    case .json(.array(let values)): values.map(Value.init(json:))
    default: nil
    }
  }
}
