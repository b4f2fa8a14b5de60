import Language
import Metrics
import Notifying
import PluginHost
import Storage
import Synchronization

/// What the running service counts. Passed in at the places that count; each call is a few atomic additions and at most
/// one look into a dictionary.
///
/// Labels are names that the operator chose and words of fixed lists. Of sites and channels the first ``mostNames`` have
/// their own; what comes after is counted as ``otherName``, so that nobody can make a scrape grow without bound.
public final class ServiceMeters: Sendable {
  /// A site has some 50 lines of a scrape, a channel 40: 250 of them are a megabyte. Found by judgement.
  public static let mostNames = 250
  /// No site or channel can be called so: ids are small letters, digits, `_` and `-`.
  public static let otherName = "(other)"

  public let registry: Registry
  let lag: Histogram
  let commits: Histogram
  let commitFailures: Counter
  let originWait: Histogram
  let originRefusals: Counter
  private let sites = Mutex<[String: SiteMeters]>([:])
  private let channels = Mutex<[String: ChannelMeters]>([:])
  private let stand = Mutex(Stand())

  /// What readiness is judged by.
  public struct Stand: Sendable {
    /// A configuration was taken up.
    public var isConfigured = false
    public var isStopping = false
    /// How the store was found, and at which uptime.
    public var store: (health: StoreHealth, at: Duration)?
  }

  public init(registry: Registry = Registry()) {
    self.registry = registry
    lag = registry.histogram(MeterCatalog.lag)
    commits = registry.histogram(MeterCatalog.commits)
    commitFailures = registry.counter(MeterCatalog.commitFailures)
    originWait = registry.histogram(MeterCatalog.originWait)
    originRefusals = registry.counter(MeterCatalog.originRefusals)
  }

  /// The meters of a site; kept by its name, so asking again is one look.
  func site(_ id: String) -> SiteMeters {
    sites.withLock { sites in
      if let known = sites[id] { return known }
      let name = sites.count < ServiceMeters.mostNames ? id : ServiceMeters.otherName
      // Names beyond the bound are not remembered: they share the meters of the last place.
      if name != id, let shared = sites[name] { return shared }
      let fresh = SiteMeters(registry, site: name)
      sites[name] = fresh
      return fresh
    }
  }

  func channel(_ id: String) -> ChannelMeters {
    channels.withLock { channels in
      if let known = channels[id] { return known }
      let name = channels.count < ServiceMeters.mostNames ? id : ServiceMeters.otherName
      if name != id, let shared = channels[name] { return shared }
      let fresh = ChannelMeters(registry, channel: name)
      channels[name] = fresh
      return fresh
    }
  }

  public var current: Stand { stand.withLock { $0 } }
  func configured() { stand.withLock { $0.isConfigured = true } }
  public func stopping() { stand.withLock { $0.isStopping = true } }

  /// What a look at the store has shown.
  func found(_ health: StoreHealth, at uptime: Duration) {
    stand.withLock { $0.store = (health, uptime) }
    registry.gauge(MeterCatalog.storeSize).set(health.size)
    registry.gauge(MeterCatalog.storeLog).set(health.log)
    registry.gauge(MeterCatalog.storeReserve).set(health.reserve)
    if let space = health.space { registry.gauge(MeterCatalog.storeFree).set(space.free) }
    for trouble in StoreHealth.Trouble.allCases {
      registry.gauge(MeterCatalog.storeTrouble, trouble.rawValue).set(health.troubles.contains(trouble))
    }
  }

  /// A changed configuration was taken up, or refused.
  public func reloaded(_ isTaken: Bool) { registry.counter(MeterCatalog.reloads, isTaken ? "ok" : "failed").add() }
  public func sitesFailed(_ count: Int) { registry.gauge(MeterCatalog.sitesFailed).set(count) }

  /// - Parameter age: Of what is looked up; nil where it never was.
  public func sampled(_ age: Duration?) {
    registry.gauge(MeterCatalog.sampleAge).set(age.map { $0 / .seconds(1) } ?? .infinity)
  }
  public func silent(_ time: Duration) { registry.gauge(MeterCatalog.silence).set(time / .seconds(1)) }

  public func describe(version: String) {
    registry.gauge(MeterCatalog.build, version).set(1)
    // Both from the start: a counter that appears with its first event hides that event from `increase()`.
    for result in ["ok", "failed"] { _ = registry.counter(MeterCatalog.reloads, result) }
  }
}
