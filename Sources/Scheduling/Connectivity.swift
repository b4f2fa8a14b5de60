/// Whether it is the world that does not answer, or this machine that reaches nobody.
///
/// When several origins can't be reached one after the other, with no answer from any in between, the fault is here:
/// nothing is held against them, and one request at a time finds out whether somebody answers again. Any answer ends it.
public struct Connectivity: Sendable, Hashable {
  /// So many different origins in a row; fewer may well be down together.
  public static let originsToDoubt = 3
  /// Between two requests that find out, growing from the first to the last: a line that comes back is noticed within
  /// half a minute.
  static let probes: [Duration] = [.seconds(5), .seconds(10), .seconds(20), .seconds(30)]
  /// Offline for so long is worth a word. Found by judgement: most breaks of a line are shorter.
  public static let patience = Duration.seconds(60)

  /// Since when nobody was reached; nil while somebody is.
  public private(set) var offlineSince: Duration?
  private var unreachable: Set<String> = []
  private var nextProbe: Duration = .zero
  private var probed = 0

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
    nextProbe = now + Connectivity.probes[0]
    return true
  }

  /// Whether a request may be sent now; while offline, one each so often.
  public mutating func admits(at now: Duration) -> Bool {
    guard offlineSince != nil else { return true }
    guard now >= nextProbe else { return false }
    probed = min(probed + 1, Connectivity.probes.count - 1)
    nextProbe = now + Connectivity.probes[probed]
    return true
  }
}
