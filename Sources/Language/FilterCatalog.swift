import Diagnostics

/// A filter as documentation shows it.
public struct FilterInfo: Sendable, Hashable {
  public var name: String
  /// How many arguments it takes.
  public var arguments: ClosedRange<Int>
  /// One line.
  public var summary: String
  /// `truncate: 20`
  public var example: String
}

/// A filter: declared once in ``all``, from which parser, documentation and error messages derive.
struct FilterKind: Sendable {
  let name: String
  let arguments: ClosedRange<Int>
  let summary: String
  let example: String
  /// Whether null reaches it.
  var takesNull = false
  /// Checks the arguments once and gives the filter. An error's offset is of no use.
  let make: @Sendable ([String]) throws(SyntaxError) -> @Sendable (Value, RenderContext) -> Value

  init(
    _ name: String, _ arguments: ClosedRange<Int>, _ example: String, _ summary: String, takesNull: Bool = false,
    make: @escaping @Sendable ([String]) throws(SyntaxError) -> @Sendable (Value, RenderContext) -> Value
  ) {
    self.name = name
    self.arguments = arguments
    self.summary = summary
    self.example = example
    self.takesNull = takesNull
    self.make = make
  }

  /// `1 argument`, `0 to 1 arguments`
  var argumentCount: String {
    if arguments == 1...1 { return "1 argument" }
    if arguments == 0...0 { return "no argument" }
    return arguments.count == 1
      ? "\(arguments.lowerBound) arguments" : "\(arguments.lowerBound) to \(arguments.upperBound) arguments"
  }
}

extension FilterKind {
  /// In the order of documentation: dates, numbers, texts.
  static let all: [FilterKind] = dateFilters + numberFilters + textFilters

  static let named: [String: FilterKind] = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
}

extension FilterChain {
  /// Every filter there is.
  public static let catalog: [FilterInfo] = FilterKind.all.map {
    FilterInfo(name: $0.name, arguments: $0.arguments, summary: $0.summary, example: $0.example)
  }

  static let knownFilters = "filters: " + FilterKind.all.map(\.name).joined(separator: ", ")

  /// `did you mean 'trim'? ` or nothing.
  static func didYouMeanFilter(_ name: String) -> String {
    didYouMean(name, among: FilterKind.all.map(\.name)).map { "did you mean '\($0)'? " } ?? ""
  }
}
