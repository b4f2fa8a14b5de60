/// A JSONPath query (RFC 9535, functions included), compiled once and immutable.
///
/// Beyond the RFC, a query is refused when it is longer than 4 KiB, when filters, parentheses and function calls nest
/// deeper than ``maximumNesting``, and when a literal pattern of `match` or `search` is no I-Regexp (RFC 9485), which
/// the RFC would let silently match nothing.
public struct JSONPath: Sendable {
  public let source: String
  let query: JSONPathQuery
  /// The query as plain steps, where it has neither filters nor `..`, slices or lists of selectors.
  private let chain: [JSONPathChainStep]?
  /// The query as a tape answers it; nil where it needs a tree.
  let tapePath: JSONTapePath?

  /// The length of a selector in UTF-8 bytes: DESIGN.md section 6.
  public static let maximumLength = 4096
  /// Keeps parsing and evaluating within any thread's stack.
  public static let maximumNesting = 32
  /// How many nodes one selection may visit or produce, those inside filters too. Comparing large values and matching
  /// patterns counts as visiting nodes.
  public static let nodeBudget = 100_000

  public init(_ source: String) throws(SyntaxError) {
    self.source = source
    query = try JSONPathParser.parse(source)
    chain = JSONPathChainStep.chain(of: query)
    tapePath = JSONTapePath(query)
  }

  /// True when the query can give at most one node, because it only has names and indices.
  public var isSingular: Bool { query.isSingular }

  /// The nodelist: values in the order the RFC gives.
  ///
  /// - Parameter root: What `$` means: a document, or the current row.
  public func select(from root: JSON) throws(JSONPathLimit) -> [JSON] {
    if let chain {
      var walk = JSONPathChainWalk()
      try walk.collect(chain[...], root)
      return walk.found
    }
    var evaluator = JSONPathEvaluator(root: root)
    return try evaluator.nodes(query, current: root, locating: false).map(\.value)
  }

  /// The first node of ``select(from:)``.
  public func first(in root: JSON) throws(JSONPathLimit) -> JSON? {
    if isSingular { return query.singularValue(from: root) }
    return try select(from: root).first
  }

  /// Values with their places, in the same order.
  public func nodes(from root: JSON) throws(JSONPathLimit) -> [JSONPathNode] {
    var evaluator = JSONPathEvaluator(root: root)
    return try evaluator.nodes(query, current: root, locating: true).map { node in
      JSONPathNode(location: JSONLocation(node.place), value: node.value)
    }
  }

  /// Calls `visit` with each value and its normalized path, such as `$['rows'][0]`.
  public func select(from root: JSON, visit: (_ path: String, _ value: JSON) -> Void) throws(JSONPathLimit) {
    for node in try nodes(from: root) { visit(node.location.description, node.value) }
  }
}

extension JSONPath: Hashable {
  public static func == (left: JSONPath, right: JSONPath) -> Bool { left.source.hasSameScalars(as: right.source) }
  public func hash(into hasher: inout Hasher) { source.hashScalars(into: &hasher) }
}

/// A query asked for more than the budget (100,000 nodes) allows.
public struct JSONPathLimit: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    case nodes = "jsonpath_nodes"
    /// A pattern of `match` or `search` was given up: its text was too long or its search too costly.
    case pattern = "jsonpath_pattern"
  }

  public var limit: Int
  public var reason: Reason

  public init(limit: Int, reason: Reason = .nodes) {
    self.limit = limit
    self.reason = reason
  }

  public var description: String {
    switch reason {
    case .nodes: "the JSONPath visits more than \(limit) nodes"
    case .pattern: "a pattern inside the JSONPath crossed its limit of \(limit)"
    }
  }
}
