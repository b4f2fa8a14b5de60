import PluginHost

/// `10/s` as the server counts it: at most `count` requests arrive there in any window of `per`.
///
/// When a request leaves is known; when it arrives is not, but it has by the time its answer has come. So the next may
/// leave only when few enough of those before it can have arrived in the last `per`: a connection that took long to come
/// about does not make two requests fall into one second.
struct ArrivalWindow: Sendable, Hashable {
  /// A request that has no answer is taken for arrived after this: one that hangs must not stop the others,
  /// and hardly any that arrives at all takes longer. Found by judgement.
  static let slowest = Duration.seconds(5)
  /// Larger counts are kept as a part of them in that part of the time: each costs a few bytes for each origin.
  static let most = 1000

  private struct Arrival: Sendable, Hashable {
    var ticket: UInt64
    /// It has arrived by then.
    var by: Duration
  }

  let count: Int
  let per: Duration
  private var arrivals: [Arrival] = []

  init(_ limit: RateLimit) {
    let parts = (limit.count + ArrivalWindow.most - 1) / ArrivalWindow.most
    count = limit.count / parts
    per = limit.per / parts
  }

  /// As if so many as are allowed had arrived just then: what was sent before is not known.
  mutating func assumeFull(at instant: Duration) {
    arrivals = Array(repeating: Arrival(ticket: 0, by: instant), count: count)
  }

  /// How long until one may leave; zero is now.
  func wait(at now: Duration) -> Duration {
    guard arrivals.count >= count else { return .zero }
    let recent = arrivals.map(\.by).filter { $0 + per > now }
    guard recent.count >= count else { return .zero }
    return recent.sorted()[recent.count - count] + per - now
  }

  mutating func left(_ ticket: UInt64, at now: Duration) {
    arrivals.removeAll { $0.by + per <= now }
    arrivals.append(Arrival(ticket: ticket, by: now + ArrivalWindow.slowest))
  }

  mutating func answered(_ ticket: UInt64, at now: Duration) {
    guard let index = arrivals.lastIndex(where: { $0.ticket == ticket }) else { return }
    arrivals[index].by = min(arrivals[index].by, now)
  }
}
