import Language

/// JSON columns.
enum JSONText {
  /// Wider than for pages: what was within the limits there is stored inside an object or two of ours.
  private static let limits = JSONLimits(depth: 600, nodes: 10_000_000)

  /// nil for what is no JSON: a damaged store.
  static func read(_ text: String) -> JSON? { try? JSON(parsing: text, limits: limits) }

  static func write(_ json: JSON) -> String { json.text }
}
