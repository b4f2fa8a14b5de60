/// Text with `{name | filter: 'argument'}` in it, compiled once and immutable. Stub.
public struct Template: Sendable, Hashable {
  public let source: String
  public init(_ source: String) throws(SyntaxError) { self.source = source }

  /// A reference to a name, and where it stands in ``source`` (in Unicode scalars).
  public struct Reference: Sendable, Hashable {
    public var name: String
    public var offset: Int
    public init(name: String, offset: Int) {
      self.name = name
      self.offset = offset
    }
  }

  /// Every name the template asks for, in order, repeated where repeated.
  public var references: [Reference] { [] }

  /// True when there is no reference: the template is its text.
  public var isLiteral: Bool { true }

  /// The literal text before the first reference.
  public var literalPrefix: String { source }

  /// The text, null printed as nothing.
  public func text(in scope: Scope, _ context: RenderContext) -> String { source }

  /// The text, where every value must be there; each inserted value (never the literal parts) goes through `encode`.
  public func requiredText(
    in scope: Scope, _ context: RenderContext, encode: (String) -> String = { $0 }
  ) throws(NullReference) -> String { source }

  /// The value itself when the template is exactly one `{name}` (or `{name | filters}`), else its text.
  public func value(in scope: Scope, _ context: RenderContext) -> Value { .text(source) }
}

/// A name that was null (or not defined) where a value is needed.
public struct NullReference: Error, Sendable, Hashable {
  public var name: String
  public init(name: String) { self.name = name }
}
