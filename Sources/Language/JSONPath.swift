/// A JSONPath query (RFC 9535), compiled once and immutable. Stub.
public struct JSONPath: Sendable, Hashable {
  public let source: String
  public init(_ source: String) throws(SyntaxError) { self.source = source }
  /// The nodelist: values in the order the RFC gives.
  public func select(from root: JSON) throws(JSONPathLimit) -> [JSON] { [] }
}

/// A query asked for more than the budget (100,000 nodes) allows.
public struct JSONPathLimit: Error, Sendable, Hashable {
  public var limit: Int
  public init(limit: Int) { self.limit = limit }
}
