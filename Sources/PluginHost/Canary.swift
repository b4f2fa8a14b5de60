import Language

/// An example input of a site with facts that hold whatever the day brings: a watch for the maintainers' sake.
public struct Canary: Sendable {
  public var params: [String: String]
  public var every: Duration
  /// Items that a good reading has at least.
  public var least: Int
  /// True of every item.
  public var facts: [Expression]
  /// `canary[0]`, for messages.
  public var keyPath: String

  public init(params: [String: String], every: Duration, least: Int, facts: [Expression], keyPath: String) {
    self.params = params
    self.every = every
    self.least = least
    self.facts = facts
    self.keyPath = keyPath
  }

  /// Rarely enough to cost a site next to nothing, often enough to know of a break before the day is over.
  public static let defaultEvery = Duration.seconds(6 * 3600)
}
