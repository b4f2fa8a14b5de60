import Language
import Metrics
import PluginHost
import Storage

/// Figures that nobody counts as they change: they are looked up, when somebody asks and never more often than every few
/// seconds.
public struct MeterSample: Sendable {
  public var outbox: OutboxFigures
  public var schedule: ScheduleCensus
  /// Origins by state.
  public var origins: [OriginState: Int]

  public func publish(in registry: Registry, now: Instant) {
    registry.gauge(MeterCatalog.watches).set(schedule.watches)
    registry.gauge(MeterCatalog.running).set(schedule.running)
    registry.gauge(MeterCatalog.waiting).set(schedule.waiting)
    for state in OriginState.allCases {
      registry.gauge(MeterCatalog.origins, state.rawValue).set(origins[state] ?? 0)
    }
    registry.gauge(MeterCatalog.incidents).set(outbox.openIncidents)
    let shown = outbox.channels.sorted { $0.name < $1.name }.prefix(ServiceMeters.mostNames)
    registry.replace(MeterCatalog.queued, shown.map { ([$0.name], Double($0.queued)) })
    registry.replace(MeterCatalog.dead, shown.map { ([$0.name], Double($0.dead)) })
    registry.replace(
      MeterCatalog.oldest,
      shown.map { channel in
        let age = channel.oldest.map { Double(max(0, (now - $0).inMilliseconds)) / 1000 } ?? 0
        return ([channel.name], age)
      })
  }
}

/// How full the schedule is.
public struct ScheduleCensus: Sendable, Hashable {
  public var watches: Int
  public var running: Int
  public var waiting: Int
}

/// How an origin stands.
public enum OriginState: String, Sendable, Hashable, CaseIterable {
  case healthy
  /// Its newest answer was a failure or a refusal.
  case failing
  /// Left alone by its breaker.
  case open
  /// One request finds out whether it is back.
  case halfOpen = "half_open"
}
