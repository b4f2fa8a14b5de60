import PluginHost

/// At most so many in any window: the starts of the last one are remembered.
struct RateWindow: Sendable {
  private let limit: RateLimit
  /// Uptimes of starts, oldest first, at most `limit.count`.
  private var starts: [Duration] = []

  init(_ limit: RateLimit) { self.limit = limit }

  /// How long until one more may start.
  func wait(at now: Duration) -> Duration {
    guard starts.count >= max(1, limit.count) else { return .zero }
    return max(.zero, starts[starts.count - max(1, limit.count)] + limit.per - now)
  }

  /// How many may start right now.
  func available(at now: Duration) -> Int { max(1, limit.count) - starts.count { $0 + limit.per > now } }

  mutating func take(at now: Duration) {
    starts.removeAll { $0 + limit.per <= now }
    starts.append(now)
  }

  /// Nothing is left to remember.
  func isIdle(at now: Duration) -> Bool { starts.allSatisfy { $0 + limit.per <= now } }
}
