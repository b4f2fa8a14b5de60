/// A condition or computation over fields, typed when it is parsed and immutable. Stub.
public struct Expression: Sendable, Hashable {
  public let source: String

  /// - Parameter names: What may be used, with the types that are known.
  /// - Throws: ``SyntaxError`` also for an undefined name (with a "did you mean") and for types that can't be compared.
  public init(_ source: String, names: [String: ValueType]) throws(SyntaxError) { self.source = source }

  /// Every name it uses, `now` not among them.
  public var names: Set<String> { [] }

  public func value(in scope: Scope, _ context: RenderContext) -> Value { .null }

  /// Null and false are false; only `true` holds.
  public func holds(in scope: Scope, _ context: RenderContext) -> Bool { value(in: scope, context) == .boolean(true) }
}
