import Language
import PluginHost
import Storage

/// What the configuration and commands want watched, made what runs and what the store remembers.
struct WatchDefinitions: Sendable {
  var store: Store
  var scheduler: WatchScheduler
  var time: SteadyTime
  var random: RandomSource
  var log: Log

  private static let watchesAtOnce = 2000

  /// Watches that were added by command, by both of their names.
  private struct Commanded {
    var ids: Set<String> = []
    var places: Set<WatchPlace> = []
  }

  private struct WatchPlace: Hashable {
    var site: String
    var params: [String: String]
  }

  /// Every watch that the file or a command wants, as the store remembers it from now on.
  ///
  /// - Returns: The channels whose workers are to be woken, too.
  func take(_ configuration: Configuration) async throws -> (watches: [Watch], wake: Set<String>) {
    var list = WatchList(configuration: configuration, stored: [])
    let commanded = try await takeCommanded(into: &list)
    list.finish()
    for problem in list.problems { log.warn("watch left out", ("watch", problem.watch), ("reason", problem.reason)) }
    let wake = try await removeOthers(list.watches, configuration)
    try await remember(list.watches, commanded)
    return (list.watches, wake)
  }

  /// What waits follows who is told: nothing goes to who was taken out, and later to who is snoozed.
  func settleSubscriptions(of watches: [Watch]) async throws {
    let now = time.now()
    try await endSubscriptions(of: watches, now: now)
    try await deferSnoozed(watches, now: now)
  }

  /// One that a command added, edited or removed; O(log n).
  func take(_ record: WatchRecord, _ spec: SiteSpec) async throws {
    guard record.removedAt == nil else {
      await scheduler.remove(record.id)
      return log.info("watch removed", ("watch", record.id))
    }
    let list = WatchList(sites: [spec], stored: [record])
    for problem in list.problems { log.warn("watch left out", ("watch", problem.watch), ("reason", problem.reason)) }
    for watch in list.watches {
      await scheduler.put(watch, lastRunAt: try await store.lastRun(of: watch.id))
      let wanted = Set(watch.subscribers.leads.map(watch.subscribers.key))
      for subscription in try await store.greetings(of: watch.id) where !wanted.contains(subscription) {
        try await store.cancelSubscription(subscription, watch: watch.id, now: time.now())
      }
      log.info("watch taken up", ("watch", watch.id))
    }
  }

  private func takeCommanded(into list: inout WatchList) async throws -> Commanded {
    var commanded = Commanded()
    var last = ""
    while true {
      let part = try await store.watches(.command, after: last, limit: WatchDefinitions.watchesAtOnce)
      list.add(part)
      for record in part {
        commanded.ids.insert(record.id)
        commanded.places.insert(WatchPlace(site: record.site, params: record.params))
      }
      guard part.count == WatchDefinitions.watchesAtOnce, let id = part.last?.id else { return commanded }
      last = id
    }
  }

  /// First: an edited spec may name a watch anew, and equal watches are one.
  private func removeOthers(_ watches: [Watch], _ configuration: Configuration) async throws -> Set<String> {
    let (now, ids) = (time.now(), Set(watches.map(\.id)))
    // A watch whose site can't be read just now is not removed: its snapshot must outlive the mistake.
    let sites = Set(configuration.sites.map(\.id))
    var wake: Set<String> = []
    for (id, site) in try await store.configuredWatches() where !ids.contains(id) && sites.contains(site) {
      let farewell = MaintainerNotice.watchRemoved(id, Outlets(configuration), now: now, random)
      wake.formUnion(try await store.removeWatch(id, now: now, telling: farewell))
    }
    return wake
  }

  private func remember(_ watches: [Watch], _ commanded: Commanded) async throws {
    let now = time.now()
    // A part at a time: nothing else is stored meanwhile.
    for start in stride(from: 0, to: watches.count, by: WatchDefinitions.watchesAtOnce) {
      let part = watches[start..<min(start + WatchDefinitions.watchesAtOnce, watches.count)]
      let records = part.compactMap { watch in
        let params = Dictionary(watch.params.map { ($0.name, $0.value) }) { $1 }
        // Also by parameters: ids follow the order in which the spec names them now.
        let isCommanded =
          commanded.ids.contains(watch.id)
          || commanded.places.contains(WatchPlace(site: watch.spec.id, params: params))
        return isCommanded
          ? nil
          : WatchRecord(
            id: watch.id, site: watch.spec.id, params: params, every: watch.every, origin: .config, addedAt: now)
      }
      try await store.upsertWatches(try await store.unknown(records))
    }
  }

  /// What waits for somebody who was taken out is not sent; who comes back is greeted anew.
  ///
  /// - Parameter watches: One that is not among them can't be read just now, and keeps its subscriptions.
  private func endSubscriptions(of watches: [Watch], now: Instant) async throws {
    let byID = Dictionary(watches.map { ($0.id, $0.subscribers) }) { first, _ in first }
    var last: (watch: String, wanted: Set<String>)?
    // In order of watches, so that no more than one set of names is held.
    for (watch, subscription) in try await store.greetings() {
      guard let subscribers = byID[watch] else { continue }
      if last?.watch != watch { last = (watch, Set(subscribers.leads.map(subscribers.key))) }
      guard last?.wanted.contains(subscription) == false else { continue }
      try await store.cancelSubscription(subscription, watch: watch, now: now)
    }
  }

  /// What waits for somebody who wants to be left alone waits on.
  private func deferSnoozed(_ watches: [Watch], now: Instant) async throws {
    for watch in watches {
      for (subscription, until) in watch.subscribers.snoozes where until > now {
        try await store.deferSubscription(subscription, watch: watch.id, until: until, now: now)
      }
    }
  }
}
