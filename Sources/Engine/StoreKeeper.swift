import Language
import PluginHost
import Storage

/// Looks after the store while the service runs: keeps its reserve, says what is wrong with its disk once and that it is
/// over once, and tells it when the wall clock was set.
actor StoreKeeper {
  /// Between two looks; a look costs one call to the file system.
  static let interval = Duration.seconds(2)

  /// What the keeper needs of the service around it.
  struct Surroundings: Sendable {
    var outlets: @Sendable () async -> Outlets
    var wake: @Sendable (Set<String>) async -> Void
    /// Sends without the outbox, which can't take it: nothing is kept of it.
    var sendNow: @Sendable (NewDelivery) async -> Bool
    /// Hears of every look.
    var found: @Sendable (StoreHealth) -> Void = { _ in }
  }

  private let store: Store
  private let time: SteadyTime
  private let random: RandomSource
  private let log: Log
  private let surroundings: Surroundings
  private let interval: Duration
  private let signal = WakeSignal()

  /// Incidents that are open in the store, as far as this process knows; nil before the first look.
  private var open: Set<String>?
  /// Incidents that were told past the outbox, and are not in it.
  private var toldDirectly: Set<String> = []
  private var loggedTroubles: [StoreHealth.Trouble] = []

  init(
    store: Store, time: SteadyTime, random: RandomSource, log: Log, interval: Duration = StoreKeeper.interval,
    surroundings: Surroundings
  ) {
    self.interval = interval
    self.store = store
    self.time = time
    self.random = random
    self.log = log
    self.surroundings = surroundings
  }

  /// Until cancelled.
  func run() async {
    while !Task.isCancelled {
      await look()
      await signal.wait(atMost: interval, time)
    }
  }

  func lookNow() async { signal.wake() }

  func look() async {
    await followClock()
    let health = await store.lookAfter()
    surroundings.found(health)
    report(health)
    for incident in StoreHealth.Trouble.incidents {
      if let trouble = health.troubles.first(where: { $0.incident == incident }) {
        await begin(incident, trouble, health)
      } else {
        await end(incident)
      }
    }
    if open == nil { open = [] }
  }

  private func followClock() async {
    guard let jump = time.jump else { return }
    do {
      try await store.clockWasSet(by: jump)
    } catch {
      log.error("the outbox could not follow the clock", ("error", "\(error)"))
    }
    time.adopt()
    log.warn("the clock was set", ("by_seconds", "\(jump.components.seconds)"))
    await surroundings.wake(await surroundings.outlets().channels)
  }

  private func report(_ health: StoreHealth) {
    guard health.troubles != loggedTroubles else { return }
    loggedTroubles = health.troubles
    if health.isDegraded {
      log.warn(
        "store degraded", ("reason", health.troubles.map(\.rawValue).joined(separator: ",")),
        ("detail", health.detail), ("reserve", "\(health.reserve)"))
    } else {
      log.info("store healthy", ("reserve", "\(health.reserve)"))
    }
  }

  /// Tells the maintainers: through the outbox, or past it where the outbox is what is broken.
  private func begin(_ incident: String, _ trouble: StoreHealth.Trouble, _ health: StoreHealth) async {
    guard open?.contains(incident) != true else { return }
    let news = deliveries(await surroundings.outlets()) { language in
      StoreAlarm(trouble: trouble, path: store.path, language: language).opening(health)
    }
    do {
      let channels = try await store.openIncident(
        incident, telling: toldDirectly.contains(incident) ? [] : news, now: time.now())
      open = (open ?? []).union([incident])
      toldDirectly.remove(incident)
      if let channels { await surroundings.wake(channels) }
    } catch {
      guard !toldDirectly.contains(incident) else { return }
      log.error("the outbox can't take an alarm", ("incident", incident), ("error", "\(error)"))
      for delivery in news where await surroundings.sendNow(delivery) { toldDirectly.insert(incident) }
    }
  }

  private func end(_ incident: String) async {
    // A process before this one may have left it open.
    guard open?.contains(incident) != false || toldDirectly.contains(incident) else { return }
    let news = deliveries(await surroundings.outlets()) { language in
      StoreAlarm(path: store.path, language: language).closing(incident)
    }
    do {
      var channels = try await store.closeIncident(incident, telling: news, now: time.now())
      if channels == nil, toldDirectly.contains(incident) {
        channels = try await store.enqueue(news, watch: "", site: "", now: time.now())
      }
      open?.remove(incident)
      toldDirectly.remove(incident)
      if let channels { await surroundings.wake(channels) }
    } catch {
      // Tried again at the next look.
      log.error("the end of an incident could not be stored", ("incident", incident), ("error", "\(error)"))
      if open == nil { open = [incident] } else { open?.insert(incident) }
    }
  }

  private func deliveries(_ outlets: Outlets, _ message: (String) -> (title: String, lines: [String])) -> [NewDelivery]
  {
    let now = time.now()
    return outlets.forMaintainers(at: now, random) { language in
      let text = message(language)
      return .maintainers(text.title, text.lines, language: language, at: now)
    }
  }
}
