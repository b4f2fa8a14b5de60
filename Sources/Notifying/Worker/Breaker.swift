/// Spares a channel that does not answer: after several faults in a row nothing is sent for a while, then one message
/// tries whether it is back.
///
/// One message that always fails is not the channel's fault, however often: it takes two that fail, or a channel that
/// could not even be reached.
struct Breaker: Sendable {
  enum State: Sendable, Equatable {
    case closed
    /// Nothing until this uptime.
    case open(until: Duration)
    /// One is on its way.
    case probing
  }

  /// Found by trying: fewer would open on the blip of a deployment, more would burn attempts.
  static let threshold = 5
  /// Short, because an alert is stale in minutes: 5 s, 10 s … 60 s.
  static let shortest: Duration = .seconds(5)
  static let longest: Duration = .seconds(60)

  private(set) var state: State = .closed
  private(set) var faultsInARow = 0
  private var openings = 0
  /// Whose sends failed since anything was answered; two are enough to know.
  private var victims: Set<String> = []
  private var wasUnreachable = false

  enum Transition: Sendable, Equatable { case opened(until: Duration), closed }

  /// How many sends may start now beside those under way, nil when there is no limit.
  func allowance(at now: Duration) -> Int? {
    switch state {
    case .closed: nil
    case .open(let until): until <= now ? 1 : 0
    case .probing: 0
    }
  }

  /// Whether a fault now is the channel's rather than the message's.
  var blamesChannel: Bool { state != .closed }

  /// When it may be tried again, nil when it is not open.
  var opensUntil: Duration? {
    if case .open(let until) = state { until } else { nil }
  }

  mutating func started() { if case .open = state { state = .probing } }

  /// A send came to nothing that says anything about the channel: it was never made.
  mutating func abandoned(at now: Duration) { if state == .probing { state = .open(until: now) } }

  mutating func answered() -> Transition? {
    let wasClosed = state == .closed
    self = Breaker()
    return wasClosed ? nil : .closed
  }

  /// - Parameters:
  ///   - deliveries: Those that were sent.
  ///   - unreachable: The request never got there.
  mutating func failed(at now: Duration, of deliveries: [String] = [], unreachable: Bool = false) -> Transition? {
    faultsInARow += 1
    if victims.count < 2 { victims.formUnion(deliveries.prefix(2)) }
    wasUnreachable = wasUnreachable || unreachable || deliveries.isEmpty
    let isChannels = wasUnreachable || victims.count >= 2
    switch state {
    case .closed where faultsInARow < Breaker.threshold || !isChannels: return nil
    // Sends that were under way when it opened say nothing new.
    case .open: return nil
    case .closed, .probing:
      let wait = min(Breaker.longest, Breaker.shortest * (1 << min(openings, 8)))
      openings += 1
      state = .open(until: now + wait)
      return .opened(until: now + wait)
    }
  }
}
