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
  ///
  /// Every text that is accepted matches `pattern`, which is written in what PCRE2 and ECMA-262 have in common; nil where
  /// only the form's own parser can say. `takes` are the scalars that may stand for such a text.
  case form(name: String, example: String, pattern: String? = nil, takes: Scalars = .any)
  /// `$.json`, `//xpath`, or one selector spelled out by its kind.
  case selector
  /// What stands under the kind of a selector: its text, or one spelled out.
  case selectorText
  /// The kind of a message format.
  case format
  /// A whole number, or two of them as `200..299`.
  case range(ClosedRange<Int>)
  case list(Shape, atLeast: Int = 0)
  /// One value, or a list of them.
  case oneOrMany(Shape)
  /// A mapping with names of the author's choice.
  case map(names: String, Shape, KeyNames = .any)
  /// A mapping with the keys of the ``TableReference`` of that name.
  case table(String)
  /// A mapping with exactly one of these words as its only key.
  case one(of: [Choice], Shape)
  case either([Shape])
  /// A list in which nothing stands twice.
  case distinct(Shape)
  /// An empty value.
  case nothing
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
    case .form(let name, let example, _, _): "\(article(name)) \(name) such as \(example)"
    case .selector: "a selector such as $.path, //xpath or { css: '.price' }"
    case .selectorText: "a selector"
    case .format: "a message format such as telegram_html"
    case .range(let range): "a range such as \(range.lowerBound)..\(min(range.upperBound, range.lowerBound + 499))"
    case .list(let shape, _): "a list, each entry \(shape.text)"
    case .oneOrMany(let shape): "\(shape.text), or a list of such"
    case .map(let names, let shape, _): "a mapping from \(names) to \(shape.text)"
    case .table(let name): "a mapping (\(name))"
    case .one(_, let shape): shape.text
    case .either(let shapes): shapes.map(\.text).joined(separator: ", or ")
    case .distinct(let shape): shape.text
    case .nothing: "nothing"
    case .json: "JSON whose texts are templates"
    }
  }

  /// Whether what stands there could be this at all: a scalar, a list, a mapping.
  func fits(_ node: YAMLNode) -> Bool {
    switch (self, node.content) {
    case (.json, _), (.text, .scalar), (.integer, .scalar), (.boolean, .scalar), (.literal, .scalar), (.word, .scalar),
      (.form, .scalar), (.list, .sequence), (.map, .mapping), (.table, .mapping), (.format, .scalar), (.range, .scalar),
      (.selector, .scalar), (.selector, .mapping), (.selectorText, .scalar), (.selectorText, .mapping),
      (.one, .mapping):
      return true
    case (.distinct(let shape), _): return shape.fits(node)
    case (.oneOrMany, .sequence): return true
    case (.oneOrMany(let shape), _): return shape.fits(node)
    case (.either(let shapes), _): return shapes.contains { $0.fits(node) }
    default: return false
    }
  }

  var pattern: String? {
    if case .form(_, _, let pattern, _) = self { pattern } else { nil }
  }

  /// Tables that the shape leads to.
  public var tables: [String] {
    switch self {
    case .table(let name): [name]
    case .distinct(let shape), .list(let shape, _), .oneOrMany(let shape), .map(_, let shape, _), .one(_, let shape):
      shape.tables
    case .either(let shapes): shapes.flatMap(\.tables)
    default: []
    }
  }
}

extension Shape {
  // Each unit once, longest first.
  static let duration = Shape.form(
    name: "duration", example: "15m",
    pattern: #"^(?=.)([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$"#, takes: .text)
  /// Longer than nothing.
  static let someDuration = Shape.form(
    name: "duration", example: "15m", pattern: duration.pattern.map { "^(?=.*[1-9])" + $0.dropFirst() }, takes: .text)
  static let rate = Shape.form(
    name: "rate", example: "20/min", pattern: #"^0*([1-9][0-9]{0,5}|1000000)/(s|min|h|hour|d|day)$"#, takes: .text)
  static let template = Shape.form(name: "template", example: "'{name}'")
  static let expression = Shape.form(
    name: "expression", example: "'start <= now'", pattern: notEmpty, takes: .textOrBoolean)
  static let pattern = Shape.form(name: "pattern", example: "'^[0-9]+$'", pattern: notEmpty)
  static let url = Shape.form(
    name: "URL", example: "https://shop.example/item/{id}", pattern: "^[hH][tT][tT][pP][sS]?://[^/?#]", takes: .text)
  static let name = Shape.form(
    name: "name", example: "center_id", pattern: KeyNames.name.pattern, takes: .textOrBoolean)
  static let id = Shape.form(name: "id", example: "paziresh24", pattern: KeyNames.id.pattern)
  static let time = Shape.form(name: "time", example: "08:00", pattern: "^\(clock)$", takes: .text)
  static let quiet = Shape.form(
    name: "span of hours", example: "23:00-07:00", pattern: "^\(clock)-\(clock)$", takes: .text)
  static let percentage = Shape.form(
    name: "percentage", example: "10%", pattern: "^0*([0-9]{1,2}|100)%$", takes: .text)
  static let budget = Shape.form(
    name: "budget", example: "500 parts/day", pattern: "^ *0*([1-9][0-9]{0,6}|10000000) +(parts|messages)/day *$",
    takes: .text)

  /// A text with anything in it.
  static let notEmpty = #"[\s\S]"#
  private static let clock = "([01][0-9]|2[0-3]):[0-5][0-9]"
}

private func article(_ word: String) -> String {
  word.first.map { "aeiou".contains($0) } == true ? "an" : "a"
}
