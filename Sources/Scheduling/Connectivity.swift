/// Whether it is the world that does not answer, or this machine that reaches nobody.
///
/// When several origins can't be reached one after the other, with no answer from any in between, the fault is here:
/// nothing is held against them, and one request at a time finds out whether somebody answers again. Any answer ends it.
///
/// Origins that have not failed since have turns of their own to find out: three hosts of one provider may be down
/// together while all others are there, and must not take every turn.
public struct Connectivity: Sendable, Hashable {
  /// So many different origins in a row; fewer may well be down together.
  public static let originsToDoubt = 3
  /// Between two requests that find out, growing from the first to the last: a line that comes back is noticed within
  /// half a minute.
  static let pauses: [Duration] = [.seconds(5), .seconds(10), .seconds(20), .seconds(30)]
  /// Offline for so long is worth a word. Found by judgement: most breaks of a line are shorter.
  public static let patience = Duration.seconds(60)

  /// Since when nobody was reached; nil while somebody is.
  public private(set) var offlineSince: Duration?
  /// Origins that failed since the last answer; while offline also those that were asked since.
  private var unreachable: Set<String> = []
  /// Of those that failed, and of all others.
  private var probes = Turns()
  private var others = Turns()

  private struct Turns: Hashable {
    var next: Duration = .zero
    private var taken = 0

    mutating func take(at now: Duration) {
      taken = min(taken + 1, Connectivity.pauses.count - 1)
      next = now + Connectivity.pauses[taken]
    }
  }

  public init() {}

  /// - Returns: Whether this ended being offline.
  public mutating func answered() -> Bool {
    // Nearly always so.
    if unreachable.isEmpty { return false }
    let wasOffline = offlineSince != nil
    self = Connectivity()
    return wasOffline
  }

  /// The name of an origin did not resolve, or no connection came about.
  ///
  /// - Returns: Whether this began being offline.
  public mutating func missed(_ origin: String, at now: Duration) -> Bool {
    if unreachable.count < Connectivity.originsToDoubt { unreachable.insert(origin) }
    guard offlineSince == nil, unreachable.count >= Connectivity.originsToDoubt else { return false }
    offlineSince = now
    probes.next = now + Connectivity.pauses[0]
    others.next = now
    return true
  }

  /// Whether a request may be sent to an origin now.
  public func admits(_ origin: String, at now: Duration) -> Bool {
    offlineSince == nil || now >= (unreachable.contains(origin) ? probes : others).next
  }

  /// A request that was admitted is sent.
  public mutating func asks(_ origin: String, at now: Duration) {
    guard offlineSince != nil else { return }
    if unreachable.insert(origin).inserted { others.take(at: now) } else { probes.take(at: now) }
  }
}
