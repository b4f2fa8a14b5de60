/// What watches of one origin ask of it.
public struct Demand: Sendable, Hashable {
  public var every: Duration
  /// Requests of one run.
  public var requests: Int

  public init(every: Duration, requests: Int) {
    self.every = every
    self.requests = requests
  }

  /// The part of an origin's time that this takes up; more than 1 can't be met.
  func load(gap: Duration) -> Double { Double(max(requests, 0)) * (gap / every) }
}

/// The factor, at least 1, by which every interval of an origin must grow so that its limits can be met: all are
/// stretched evenly.
///
/// - Parameter gap: Least time between two starts of requests; nil is unlimited.
public func stretch(of demands: [Demand], gap: Duration?) -> Double {
  guard let gap, gap > .zero else { return 1 }
  return max(1, demands.reduce(0) { $0 + $1.load(gap: gap) })
}

/// What all watches ask of all origins, kept up run by run: a run costs as many steps as it asked origins, however many
/// watches there are.
public struct OriginLoads: Sendable {
  private struct Origin: Sendable {
    /// The strictest that any watch of it was given.
    var gap: Duration
    /// Of ``Demand/load(gap:)`` with a gap of one second.
    var perSecond = 0.0
    var watches = 0
  }

  private var origins: [String: Origin] = [:]
  private var demands: [String: (every: Duration, requests: [String: Int])] = [:]

  public init() {}

  /// A watch's last run, in place of the one before.
  ///
  /// - Parameters:
  ///   - every: As it was asked for.
  ///   - requests: By origin.
  ///   - gap: Of the watch's site; nil is unlimited.
  public mutating func note(_ watch: String, every: Duration, requests: [String: Int], gap: Duration?) {
    forget(watch)
    guard let gap, gap > .zero else { return }
    demands[watch] = (every, requests)
    for (name, count) in requests {
      var origin = origins[name] ?? Origin(gap: gap)
      origin.gap = max(origin.gap, gap)
      origin.perSecond += Demand(every: every, requests: count).load(gap: .seconds(1))
      origin.watches += 1
      origins[name] = origin
    }
  }

  public mutating func forget(_ watch: String) {
    guard let known = demands.removeValue(forKey: watch) else { return }
    for (name, count) in known.requests {
      guard var origin = origins[name] else { continue }
      origin.watches -= 1
      origin.perSecond -= Demand(every: known.every, requests: count).load(gap: .seconds(1))
      // With the last watch goes what rounding has left.
      origins[name] = origin.watches > 0 ? origin : nil
    }
  }

  /// The factor for a watch's interval: that of the most wanted origin it asks.
  public func stretch(of watch: String) -> Double {
    guard let known = demands[watch] else { return 1 }
    return known.requests.keys.reduce(1) { most, name in
      guard let origin = origins[name] else { return most }
      return max(most, origin.perSecond * (origin.gap / .seconds(1)))
    }
  }
}
