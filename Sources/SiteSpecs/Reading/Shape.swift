/// What may stand under a key: the one description that error messages, the reference pages and the JSON Schema share.
public indirect enum Shape: Sendable, Hashable {
  case text
  case integer(ClosedRange<Int>)
  case boolean
  /// Any scalar with its kind: text, number, true or false, null.
  case literal
  /// One of a fixed list of words.
  case word([String])
  /// Text of a form that its name and an example tell: `duration`, `15m`.
  case form(name: String, example: String)
  case list(Shape)
  /// One value, or a list of them.
  case oneOrMany(Shape)
  /// A mapping with names of the author's choice.
  case map(names: String, Shape)
  /// A mapping with the keys of the ``TableReference`` of that name.
  case table(String)
  case either([Shape])
  /// JSON whose strings are templates.
  case json

  /// For "expected …".
  public var text: String {
    switch self {
    case .text: "text"
    case .integer(let range) where range.upperBound == .max: "a whole number from \(range.lowerBound)"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false"
    case .literal: "text, a number, true, false or null"
    case .word(let words): "one of \(words.joined(separator: ", "))"
    case .form(let name, let example): "\(article(name)) \(name) such as \(example)"
    case .list(let shape): "a list, each entry \(shape.text)"
    case .oneOrMany(let shape): "\(shape.text), or a list of such"
    case .map(let names, let shape): "a mapping from \(names) to \(shape.text)"
    case .table(let name): "a mapping (\(name))"
    case .either(let shapes): shapes.map(\.text).joined(separator: ", or ")
    case .json: "JSON whose texts are templates"
    }
  }

  /// Whether what stands there could be this at all: a scalar, a list, a mapping.
  func fits(_ node: YAMLNode) -> Bool {
    switch (self, node.content) {
    case (.json, _), (.text, .scalar), (.integer, .scalar), (.boolean, .scalar), (.literal, .scalar), (.word, .scalar),
      (.form, .scalar), (.list, .sequence), (.map, .mapping), (.table, .mapping), (.form("selector", _), .mapping):
      return true
    case (.oneOrMany, .sequence): return true
    case (.oneOrMany(let shape), _): return shape.fits(node)
    case (.either(let shapes), _): return shapes.contains { $0.fits(node) }
    default: return false
    }
  }

  static let duration = Shape.form(name: "duration", example: "15m")
  static let rate = Shape.form(name: "rate", example: "20/min")
  static let template = Shape.form(name: "template", example: "'{name}'")
  static let expression = Shape.form(name: "expression", example: "'start <= now'")
  static let selector = Shape.form(name: "selector", example: "$.path, //xpath or { css: '.price' }")
  static let pattern = Shape.form(name: "pattern", example: "'^[0-9]+$'")
  static let url = Shape.form(name: "URL", example: "https://shop.example/item/{id}")
  static let name = Shape.form(name: "name", example: "center_id")
}

private func article(_ word: String) -> String {
  word.first.map { "aeiou".contains($0) } == true ? "an" : "a"
}
