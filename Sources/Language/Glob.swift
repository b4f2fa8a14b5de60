/// A path glob of `limits.never`: `*` within a segment, `**/` any leading segments; compared case-blind with the
/// percent-decoded path. Stub.
public struct Glob: Sendable, Hashable {
  public let source: String
  public init(_ source: String) throws(SyntaxError) { self.source = source }
  /// - Parameter path: A URL's path, percent-encoded or not.
  public func matches(path: String) -> Bool { false }
}
