import Diagnostics
import Language

extension Reading where Value == String {
  /// The text of any scalar but null, numbers as they are written; never empty.
  static let text = Reading(.text) { entry, context in
    guard let scalar = entry.node.scalar, !entry.node.isNull else { return context.mismatch("text", entry) }
    if scalar.text.isEmpty { return context.mismatch("text that is not empty", entry) }
    return scalar.text
  }

  /// A site's, notifier's, step's or channel's id.
  static let id = Reading(.id) { entry, context in
    guard let text = text(entry, context) else { return nil }
    if isID(text) { return text }
    return context.mismatch(
      "an id", entry,
      help: "ids are small letters, digits, '_' and '-', at most 64, beginning with a letter or digit")
  }

  /// A name by which templates call something.
  static let name = Reading(.name) { entry, context in
    guard let text = text(entry, context) else { return nil }
    return isNameWellFormed(text) ? text : context.mismatch("a name of small letters, digits and '_'", entry)
  }

  /// One of a list of words.
  static func word(among words: [String]) -> Reading<String> {
    Reading<String>(.word(words)) { entry, context in
      guard entry.node.scalar != nil else {
        return context.mismatch(Shape.word(words).text, entry, help: "write one of \(words.joined(separator: ", "))")
      }
      guard let text = text(entry, context) else { return nil }
      if words.contains(text) { return text }
      context.error(
        .unknownWord, "\(subject(entry))\(quoted(text)) is not one of its words", at: entry,
        help: suggestion(for: text, among: words),
        fix: surelyMeant(text, among: words).flatMap { context.fix("write '\($0)'", entry, $0) })
      return nil
    }
  }

  private static func subject(_ entry: Entry) -> String { entry.key == nil ? "" : "\(quoted(entry.name)): " }
}

extension Reading where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
  /// A case by its raw value.
  static var choice: Reading<Value> {
    let reading = Reading<String>.word(among: Value.allCases.map(\.rawValue))
    return Reading(reading.shape) { entry, context in reading(entry, context).flatMap(Value.init(rawValue:)) }
  }
}

extension Reading where Value == Bool {
  static let boolean = Reading(.boolean) { entry, context in
    guard let scalar = entry.node.scalar else { return context.mismatch("true or false", entry) }
    if case .boolean(let value) = scalar.resolved(tag: entry.node.tag) { return value }
    // YAML 1.1 took these words for booleans; 1.2 takes them for text.
    let word: String? =
      switch scalar.text.lowercased() {
      case "yes", "on", "y", "true", "1": "true"
      case "no", "off", "n", "false", "0": "false"
      default: nil
      }
    return context.mismatch(
      "true or false", entry, help: "write \(word ?? "true or false")",
      fix: word.flatMap { context.fix("write \($0)", entry, $0) })
  }
}

extension Reading where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Reading<Int> {
    let shape = Shape.integer(range)
    return Reading(shape) { entry, context in
      guard case .integer(let value)? = entry.node.scalar?.resolved(tag: entry.node.tag),
        let whole = Int(exactly: value),
        range.contains(whole)
      else {
        let limits =
          range.upperBound == .max ? "from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        // YAML takes a number in quotes for text.
        let quoted = entry.node.scalar.flatMap { $0.style == .plain ? nil : Int($0.text) }.flatMap {
          range.contains($0) ? $0 : nil
        }
        return context.mismatch(
          shape.text, entry, help: quoted.map { "write \($0), without quotes" } ?? "write a number \(limits)",
          fix: quoted.flatMap { context.fix("write \($0)", entry, "\($0)") })
      }
      return whole
    }
  }
}

extension Reading where Value == Language.Value {
  /// A scalar with its kind.
  static let literal = Reading(.literal) { entry, context in
    guard let scalar = entry.node.scalar else {
      return context.mismatch(
        Shape.literal.text, entry,
        help: entry.name == "equals" && entry.elements != nil ? "several values are written in: [ … ]" : nil)
    }
    switch scalar.resolved(tag: entry.node.tag) {
    case .null: return .null
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .text(let text): return .text(text)
    case .decimal(_, let lexeme):
      return decimal(lexeme).map(Language.Value.decimal) ?? context.mismatch("a number within 18 digits", entry)
    }
  }
}

/// `12.50` without rounding; nil for exponents and what 64 bits can't hold.
private func decimal(_ lexeme: String) -> DecimalNumber? {
  let parts = lexeme.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard parts.count == 2, let units = Int64(parts[0] + parts[1]) else { return nil }
  return DecimalNumber(units: units, scale: parts[1].count)
}

/// `^[a-z0-9][a-z0-9_-]{0,63}$`
func isID(_ text: String) -> Bool {
  guard let first = text.utf8.first, text.utf8.count <= 64, isLowerOrDigit(first) else { return false }
  return text.utf8.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
}

private func isLowerOrDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
