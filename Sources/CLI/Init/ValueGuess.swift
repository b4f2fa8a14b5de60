import Language

/// What a list of values looks like: the type that reads all of them.
enum ValueGuess {
  /// What stands behind `as:`, options with it; nil where the values are best taken as they are.
  static func type(of values: [String], name: String) -> String? {
    let given = values.map { trimmed($0) }.filter { !$0.isEmpty }
    guard !given.isEmpty else { return nil }
    let context = RenderContext(zone: .utc, now: Instant(seconds: 1_760_000_000))
    func all(_ type: TypeSpec) -> Bool {
      given.allSatisfy { text in
        guard let value = try? type.convert(.text(text), context) else { return false }
        return !value.isNull
      }
    }
    let digits = foldedForComparing(given.joined())
    let hasCurrency = ["تومان", "ریال", "toman", "rial", "$", "€", "£"].contains { digits.lowercased().contains($0) }
    if hasCurrency, all(TypeSpec(.money)) { return "money" }
    if given.allSatisfy({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) { return "url" }
    guard digits.contains(where: \.isNumber) else { return nil }
    let isLikeDate = given.allSatisfy { $0.contains("-") || $0.contains("/") || $0.contains(":") }
    if isLikeDate {
      for type in [ValueType.instant, .date, .time] where all(TypeSpec(type)) { return type.rawValue }
      if all(TypeSpec(.date, calendar: .jalali)) { return "date, calendar: jalali" }
    }
    let isNumber = given.allSatisfy { $0.allSatisfy { $0.isNumber || ",.٬٫-+ ".contains($0) } }
    // A number with a leading zero is a name: a code, a telephone.
    if isNumber, !isName(name), !given.contains(where: { $0.count > 1 && $0.first == "0" && !$0.contains(".") }) {
      if all(TypeSpec(.integer)) { return "integer" }
      if all(TypeSpec(.decimal)) { return "decimal" }
    }
    return nil
  }

  /// Whole numbers of a field named like a time that are seconds or milliseconds since 1970.
  static func isEpoch(_ values: [Int64], name: String) -> Bool {
    let words = [
      "time", "date", "at", "start", "end", "from", "until", "created", "updated", "ts", "timestamp", "expires",
    ]
    guard name.split(separator: "_").contains(where: { words.contains(String($0)) }) else { return false }
    return !values.isEmpty
      && values.allSatisfy {
        (1_000_000_000...4_000_000_000).contains($0) || (1_000_000_000_000...4_000_000_000_000).contains($0)
      }
  }

  /// Whether a field so named tells things apart rather than measures them.
  static func isName(_ name: String) -> Bool {
    let parts = name.split(separator: "_").map(String.init)
    return parts.contains { ["id", "uuid", "slug", "code", "sku", "key", "guid", "href", "link", "url"].contains($0) }
  }
}
