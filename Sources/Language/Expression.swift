/// A condition or computation over fields, typed when it is parsed and immutable.
///
///     start.hour < 12 and center_id in ['5532', '204'] and not doctor matches '^دکتر'
///
/// From loose to tight: `or`, `and`, `not`, one of `== != < <= > >= in matches` (`not in` too), `+ -`, `.member`.
/// Literals: numbers, 'text', durations (`15m`), days (`2026-10-06`), times (`12:30`), both (`2026-10-06T12:30`, in the
/// site's zone), money (`500000 toman`), lists, `true`, `false`, `null`, and `now`. Members are `.date .time .hour .minute
/// .weekday` (ISO: 1 is Monday, 7 is Sunday; or in words, `start.weekday in [saturday, wed]`), read in the site's zone.
/// `+` and `-` move instants and days by durations and give what lies between two of them.
///
/// A comparison with null, or of values of kinds that say nothing about each other, is false, `!=` too; `x == null` and
/// `x != null` ask for null itself. Texts are compared and matched folded (``foldedForComparing(_:)``).
public struct Expression: Sendable {
  /// In bytes.
  static let longest = 4096
  /// Of parentheses, lists and `not` in each other.
  static let deepest = 64

  public let source: String
  /// Every name it uses, `now` not among them.
  public let names: Set<String>
  /// What it gives, as far as the types of names tell.
  public let type: ValueType
  let root: ExpressionNode

  /// - Parameter names: What may be used, with the types that are known.
  /// - Throws: ``SyntaxError`` also for an undefined name (with a "did you mean") and for types that can't be compared.
  public init(_ source: String, names: [String: ValueType]) throws(SyntaxError) {
    guard source.utf8.count <= Self.longest else {
      throw SyntaxError("an expression has at most \(Self.longest) bytes", offset: 0)
    }
    var parser = ExpressionParser(tokens: try ExpressionToken.all(in: source), names: names)
    let parsed = try parser.parse()
    self.source = source
    self.names = parser.used
    root = parsed.node
    if case .known(let type) = parsed.type { self.type = type } else { type = .unknown }
  }

  public func value(in scope: Scope, _ context: RenderContext) -> Value {
    ExpressionEvaluator(scope: scope, context: context).value(of: root)
  }

  /// Null and false are false; only `true` holds.
  public func holds(in scope: Scope, _ context: RenderContext) -> Bool { value(in: scope, context) == .boolean(true) }
}

/// Equal when written alike over names of the same types.
extension Expression: Hashable {
  public static func == (a: Expression, b: Expression) -> Bool {
    a.source == b.source && a.names == b.names && a.type == b.type
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}
