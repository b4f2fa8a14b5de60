import Language

/// What a channel may spend in a day: `budget: 500 parts/day` in its settings. Days are those of UTC.
public struct Budget: Sendable, Hashable {
  /// Messages to one recipient each.
  public var messages: Int?
  /// Parts of SMS, which is what is paid.
  public var parts: Int?

  public init(messages: Int? = nil, parts: Int? = nil) {
    self.messages = messages
    self.parts = parts
  }

  /// The beginning of the day that `now` lies in.
  public static func day(of now: Instant) -> Instant {
    let seconds = now.seconds
    return Instant(seconds: seconds - ((seconds % 86_400) + 86_400) % 86_400)
  }

  /// How many messages of that cost still fit beside what was spent.
  public func room(for cost: Spending, beside spent: Spending) -> Int {
    let byMessages = messages.map { ($0 - spent.messages) / max(1, cost.messages) }
    let byParts = parts.map { ($0 - spent.parts) / max(1, cost.parts) }
    return max(0, min(byMessages ?? .max, byParts ?? .max))
  }
}

/// Messages and the parts of SMS they take.
public struct Spending: Sendable, Hashable {
  public var messages: Int
  public var parts: Int

  public init(messages: Int, parts: Int) {
    self.messages = messages
    self.parts = parts
  }
}
