import PluginHost

extension Reading where Value == Budget {
  /// `500 parts/day`, or a list of that and `200 messages/day`.
  static let budget = Reading(.oneOrMany(.budget)) { entry, context in
    var budget = Budget()
    for element in entry.elements ?? [entry] {
      guard let (count, unit) = amount(element.node.scalar?.text ?? "") else {
        return context.mismatch(
          "a budget such as 500 parts/day", element, help: "parts/day (of SMS), messages/day, or a list of both")
      }
      let property: WritableKeyPath<Budget, Int?> = unit == "parts" ? \.parts : \.messages
      guard budget[keyPath: property] == nil else {
        context.error(.duplicateEntry, "a second budget of \(unit)", at: element, help: "keep one of them")
        return nil
      }
      budget[keyPath: property] = count
    }
    return budget == Budget() ? context.mismatch("a budget such as 500 parts/day", entry) : budget
  }

  private static func amount(_ text: String) -> (Int, String)? {
    let words = text.split(separator: " ")
    guard words.count == 2, let count = wholeNumber(words[0]), (1...10_000_000).contains(count) else { return nil }
    switch words[1] {
    case "parts/day": return (count, "parts")
    case "messages/day": return (count, "messages")
    default: return nil
    }
  }
}
