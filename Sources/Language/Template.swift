/// Text with `{name | filter: 'argument'}` in it, compiled once and immutable.
///
/// `{{` and `}}` are braces themselves. There are no calls, loops or attributes, and what a value holds is never
/// rendered again: text from a page is data.
public struct Template: Sendable, Hashable {
  public let source: String
  /// Literal text and references by turns.
  public let parts: [Part]

  public enum Part: Sendable, Hashable {
    /// With `{{` and `}}` made single.
    case literal(String)
    case reference(Reference, FilterChain)
  }

  /// A reference to a name, and where it stands in ``source`` (in Unicode scalars).
  public struct Reference: Sendable, Hashable {
    public var name: String
    public var offset: Int
    public init(name: String, offset: Int) {
      self.name = name
      self.offset = offset
    }
  }

  /// In UTF-8 bytes, of what a template gives.
  public static let outputLimit = 64 << 10

  public init(_ source: String) throws(SyntaxError) {
    self.source = source
    parts = try Self.parse(source)
  }

  /// Every name the template asks for, in order, repeated where repeated.
  public var references: [Reference] {
    parts.compactMap { if case .reference(let reference, _) = $0 { reference } else { nil } }
  }

  /// True when there is no reference: the template is its text.
  public var isLiteral: Bool { references.isEmpty }

  /// The literal text before the first reference.
  public var literalPrefix: String {
    if case .literal(let text)? = parts.first { text } else { "" }
  }

  /// The text, null printed as nothing; cut at ``outputLimit``, the last character then an ellipsis.
  public func text(in scope: Scope, _ context: RenderContext) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .reference(let reference, let filters):
        text += filters.apply(to: Self.value(of: reference, in: scope, context), context).plainText
      }
      if text.utf8.count > Self.outputLimit { return String(bounded(text).dropLast(3)) + "…" }
    }
    return text
  }

  /// The text, where every value must be there; each inserted value (never the literal parts) goes through `encode`.
  ///
  /// - Throws: ``NullReference`` also for a value that passes ``outputLimit``: half a URL is no URL.
  public func requiredText(
    in scope: Scope, _ context: RenderContext, encode: (String) -> String = { $0 }
  ) throws(NullReference) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .reference(let reference, let filters):
        let value = filters.apply(to: Self.value(of: reference, in: scope, context), context)
        guard !value.isNull else { throw NullReference(name: reference.name) }
        text += encode(value.plainText)
        guard text.utf8.count <= Self.outputLimit else {
          throw NullReference(name: reference.name, reason: .overLimit)
        }
      }
    }
    return text
  }

  /// The value itself when the template is exactly one `{name}` (or `{name | filters}`), else its text.
  public func value(in scope: Scope, _ context: RenderContext) -> Value {
    if parts.count == 1, case .reference(let reference, let filters)? = parts.first {
      return filters.apply(to: Self.value(of: reference, in: scope, context), context)
    }
    return .text(text(in: scope, context))
  }

  /// `now` is the context's, unless a field has that name.
  private static func value(of reference: Reference, in scope: Scope, _ context: RenderContext) -> Value {
    scope[reference.name] ?? (reference.name == "now" ? .instant(context.now) : .null)
  }
}

/// A name that was null (or not defined) where a value is needed.
public struct NullReference: Error, Sendable, Hashable {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    case missing
    /// It made the text longer than ``Template/outputLimit``.
    case overLimit = "over_limit"
  }

  public var name: String
  public var reason: Reason

  public init(name: String, reason: Reason = .missing) {
    self.name = name
    self.reason = reason
  }
}
