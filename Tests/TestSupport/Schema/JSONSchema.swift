import Language
import Patterns

/// A small validator of JSON Schema draft-07: the keywords that the product writes, and an error for any other, so that
/// none is passed over in silence.
public struct JSONSchema: Sendable {
  /// What is wrong, and where in the value: `/steps/0/rows`.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    public var place: String
    public var sentence: String
    public var description: String { "\(place.isEmpty ? "/" : place): \(sentence)" }
  }

  /// A schema that is none.
  public struct Mistake: Error, CustomStringConvertible {
    public var description: String
  }

  private let root: JSON
  private let patterns: [String: Pattern]

  public init(_ root: JSON) throws {
    self.root = root
    var patterns: [String: Pattern] = [:]
    try JSONSchema.collect(root, into: &patterns)
    self.patterns = patterns
  }

  /// Empty where the value is as the schema says.
  public func problems(of value: JSON) throws -> [Problem] { try check(value, root, "") }

  private static func collect(_ schema: JSON, into patterns: inout [String: Pattern]) throws {
    switch schema {
    case .array(let items): for item in items { try collect(item, into: &patterns) }
    case .object(let members):
      if case .string(let source)? = members["pattern"] { patterns[source] = try Pattern(source) }
      for value in members.values { try collect(value, into: &patterns) }
    default: break
    }
  }

  // MARK: Keywords

  /// Words that say nothing of a value.
  private static let annotations: Set<String> = [
    "$schema", "$comment", "title", "description", "default", "examples", "definitions", "patternErrorMessage",
  ]

  private func check(_ value: JSON, _ schema: JSON, _ place: String) throws -> [Problem] {
    switch schema {
    case .bool(true): return []
    case .bool(false): return [Problem(place: place, sentence: "is not allowed here")]
    case .object(let words):
      // Draft-07, 8.3: beside a reference all other words are ignored.
      if case .string(let reference)? = words["$ref"] { return try check(value, try resolve(reference), place) }
      var problems: [Problem] = []
      for (word, argument) in zip(words.names, words.values) where !JSONSchema.annotations.contains(word) {
        problems += try check(value, word, argument, words, place)
      }
      return problems
    default: throw Mistake(description: "a schema is true, false or an object, not \(schema.text)")
    }
  }

  private func resolve(_ reference: String) throws -> JSON {
    let name = reference.split(separator: "/").last.map(String.init) ?? ""
    guard reference == "#/definitions/\(name)", case .object(let members) = root,
      case .object(let definitions)? = members["definitions"], let schema = definitions[name]
    else { throw Mistake(description: "there is no \(reference)") }
    return schema
  }

  private func check(
    _ value: JSON, _ word: String, _ argument: JSON, _ words: JSONObject, _ place: String
  ) throws -> [Problem] {
    func problem(_ sentence: String, if isWrong: Bool = true) -> [Problem] {
      isWrong ? [Problem(place: place, sentence: sentence)] : []
    }
    switch (word, argument) {
    case ("type", .string(let type)): return problem("is no \(type)", if: !value.isOf(type))
    case ("type", .array(let types)):
      let names = types.compactMap(\.asText)
      return problem("is no \(names.joined(separator: ", "))", if: !names.contains(where: value.isOf))
    case ("enum", .array(let values)):
      return problem("is none of \(argument.text)", if: !values.contains { $0.isSameValue(as: value) })
    case ("pattern", .string(let source)):
      guard case .string(let text) = value, let pattern = patterns[source] else { return [] }
      return problem("does not match \(source)", if: try !pattern.hasMatch(in: text))
    case ("minLength", .integer(let least)), ("maxLength", .integer(let least)):
      guard case .string(let text) = value else { return [] }
      let count = Int64(text.unicodeScalars.count)
      return problem("\(word) is \(least)", if: word == "minLength" ? count < least : count > least)
    case ("minimum", .integer(let bound)), ("maximum", .integer(let bound)):
      guard let number = value.asNumber else { return [] }
      return problem("\(word) is \(bound)", if: word == "minimum" ? number < Double(bound) : number > Double(bound))
    case ("uniqueItems", .bool(true)):
      guard case .array(let items) = value else { return [] }
      let isTwice = items.indices.contains { index in items[..<index].contains { $0.isSameValue(as: items[index]) } }
      return problem("holds something twice", if: isTwice)
    case ("items", _), ("minItems", _): return try checkList(value, word, argument, place)
    case ("anyOf", .array(let schemas)):
      let all = try schemas.map { try check(value, $0, place) }
      if all.contains(where: \.isEmpty) { return [] }
      return problem("is none of: \(all.map { "\($0)" }.joined(separator: " or "))")
    case ("allOf", .array(let schemas)): return try schemas.flatMap { try check(value, $0, place) }
    case ("not", _): return problem("is what it must not be", if: try check(value, argument, place).isEmpty)
    case ("if", _):
      let branch = try check(value, argument, place).isEmpty ? words["then"] : words["else"]
      return try branch.map { try check(value, $0, place) } ?? []
    case ("then", _), ("else", _): return []
    default: return try checkMembers(value, word, argument, words, place)
    }
  }

  private func checkList(_ value: JSON, _ word: String, _ argument: JSON, _ place: String) throws -> [Problem] {
    guard case .array(let items) = value else { return [] }
    if case .integer(let least) = argument {
      return items.count < least ? [Problem(place: place, sentence: "has less than \(least)")] : []
    }
    return try items.enumerated().flatMap { try check($0.element, argument, "\(place)/\($0.offset)") }
  }

  private func checkMembers(
    _ value: JSON, _ word: String, _ argument: JSON, _ words: JSONObject, _ place: String
  ) throws -> [Problem] {
    let known = [
      "properties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties",
      "dependencies",
    ]
    guard known.contains(word) else { throw Mistake(description: "the word '\(word)' is not known: \(argument.text)") }
    guard case .object(let members) = value else { return [] }
    let pairs = zip(members.names, members.values)
    switch (word, argument) {
    case ("properties", .object(let properties)):
      return try pairs.flatMap { name, value in
        try properties[name].map { try check(value, $0, "\(place)/\(name)") } ?? []
      }
    case ("additionalProperties", _):
      let own: [String] = if case .object(let properties)? = words["properties"] { properties.names } else { [] }
      return try pairs.filter { !own.contains($0.0) }.flatMap { try check($0.1, argument, "\(place)/\($0.0)") }
    case ("propertyNames", _):
      return try members.names.flatMap { try check(.string($0), argument, "\(place)/\($0) (the name)") }
    case ("required", .array(let names)):
      return names.compactMap(\.asText).filter { members[$0] == nil }.map {
        Problem(place: place, sentence: "'\($0)' is missing")
      }
    case ("minProperties", .integer(let least)):
      return members.count < least ? [Problem(place: place, sentence: "has less than \(least) members")] : []
    case ("maxProperties", .integer(let most)):
      return members.count > most ? [Problem(place: place, sentence: "has more than \(most) members")] : []
    case ("dependencies", .object(let dependencies)):
      return try zip(dependencies.names, dependencies.values).filter { members[$0.0] != nil }.flatMap {
        try check(value, $0.1, place)
      }
    default: throw Mistake(description: "'\(word)' can't be \(argument.text)")
    }
  }
}

extension JSON {
  fileprivate var asText: String? { if case .string(let text) = self { text } else { nil } }

  fileprivate var asNumber: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value, _): value
    default: nil
    }
  }

  fileprivate func isOf(_ type: String) -> Bool {
    switch (self, type) {
    case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"), (.object, "object"),
      (.integer, "integer"), (.integer, "number"), (.number, "number"):
      true
    // Draft-07, 6.1.1: 1.0 is an integer.
    case (.number(let value, _), "integer"): value == value.rounded()
    default: false
    }
  }
}
