/// Filters applied one after the other: what follows `|` in a template, and the list after `then:`. Stub.
public struct FilterChain: Sendable, Hashable {
  public let source: String
  /// Parses `"trim | replace: 'a', 'b'"`.
  public init(_ source: String) throws(SyntaxError) { self.source = source }
  public func apply(to value: Value, _ context: RenderContext) -> Value { value }
}
