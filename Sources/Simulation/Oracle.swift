/// The simulator's own judge: it sees what sites have shown, what channels have accepted and what is stored, and says
/// what everybody should have heard.
final class Oracle: @unchecked Sendable {  // one thread: see JobLoop
  /// From a lease to its send, at most: a minute's lease, and a send's own time.
  static let slack = 75 * Moment.second
  /// With nothing in its way an alert is told within this: the longest backoff (5 min), a breaker, a poll.
  static let patience = 20 * Moment.minute
  /// A run with every request timing out, and the waits for its origin.
  static let longestRun = 6 * Moment.minute

  struct WatchModel {
    var lives: [String: LifeModel] = [:]
    var greeted: Set<Int> = []
    /// Good readings since the last stored run, in order.
    var reads: [(service: String, slots: [Slot])] = []
    /// The first request since then.
    var firstAsked: Moment?
    /// Row and repeats of the last stored run.
    var run = (id: Int64(0), repeats: Int64(0))
    var lastStart: Moment?
    /// From when it is waited for: a start, a reload, the end of a fault of the store.
    var dueSince: Moment = 0
  }

  unowned let world: World
  var scenario: Scenario { world.scenario }
  var clock: VirtualClock { world.clock }

  var models: [WatchModel]
  var notices: [Notice.Key: Notice] = [:]
  /// Keys of notices that wait.
  var open: Set<Notice.Key> = []
  var serial = 0
  /// When each subscriber's place in the configuration last changed.
  var changedAt: [Moment]
  var removedAt: [Moment?]

  // Acceptances.
  var acceptedIDs: Set<String> = []
  /// Of the step that is under way.
  var fresh: [Acceptance] = []
  /// Answered, and not yet seen as recorded.
  var answers: [Acceptance] = []
  /// Answered to the process that lives.
  var confirmed: Set<String> = []
  var sequences: [String: String] = [:]
  var tellings: [Int: [(id: String, wall: Int64)]] = [:]
  struct Thing: Hashable {
    var subscriber: Int
    var item: String
  }
  var told: [Thing: [(serial: Int, sequence: Int64)]] = [:]
  var acceptances = 0
  var doubles = 0

  // The store.
  var lastNumber: Int64 = 0
  var openRows: Set<Int64> = []
  var changeCount: String?
  var incidents = (opened: Int64(0), closed: Int64(0))

  // Politeness, of this life.
  var lastAsk: [Specs.Kind: Moment] = [:]
  var siteSilence: [Specs.Kind: (since: Moment, until: Moment)] = [:]
  var channelSilence: [String: Moment] = [:]

  var lastJump: Moment = -(1 << 60)
  /// Until when a clock that was set back may hold things up.
  var clockTrouble: Moment = 0

  init(_ world: World) {
    self.world = world
    models = world.scenario.watches.map { plan in
      var model = WatchModel()
      for service in plan.services.isEmpty ? [""] : plan.services { model.lives[service] = LifeModel(plan.kind) }
      return model
    }
    changedAt = world.scenario.subscribers.map { _ in 0 }
    removedAt = world.scenario.subscribers.map { _ in nil }
  }

  func watch(_ id: String) -> Int? { scenario.watches.firstIndex { $0.id == id } }

  func subscriber(_ key: String, _ watch: Int) -> Int? {
    scenario.subscribers.firstIndex { $0.watch == watch && $0.key == key }
  }

  /// Whether the configuration that runs has it and its channel is on.
  func isServed(_ subscriber: Int, by setup: Setup) -> Bool {
    setup.has(subscriber, of: scenario) && setup.channels.contains(scenario.subscribers[subscriber].channel)
  }

  func itemKey(_ service: String, _ slot: Slot) -> String { service.isEmpty ? slot.id : service + "\u{1F}" + slot.id }

  func service(of key: String) -> String {
    key.contains("\u{1F}") ? String(key.prefix { $0 != "\u{1F}" }) : ""
  }

  // MARK: What sites are asked and show

  func asked(_ kind: Specs.Kind, watch id: String) {
    let now = clock.now
    if let last = lastAsk[kind], now - last < Specs.gap - Moment.second / 1000 {
      world.violate(.schedule, "\(kind) was asked twice within \((now - last) / 1_000_000) ms: its rate is 30/min")
    }
    lastAsk[kind] = now
    if let silence = siteSilence[kind], now < silence.until, now > silence.since + Moment.minute {
      world.violate(.schedule, "\(kind) was asked although its Retry-After ends at \(silence.until.clockText)")
    }
    guard let index = watch(id) else { return }
    if models[index].firstAsked == nil { models[index].firstAsked = now }
  }

  func asksForSilence(_ kind: Specs.Kind, _ duration: Moment) {
    let until = max(siteSilence[kind]?.until ?? 0, clock.now + duration)
    siteSilence[kind] = (clock.now, until)
  }

  func read(_ id: String, _ service: String?, _ slots: [Slot]) {
    guard let index = watch(id) else { return }
    models[index].reads.append((service ?? "", slots))
  }

  /// What a run had read is forgotten where it could not be stored: the next one finds it again.
  func runFailed(_ line: String) {
    for (index, plan) in scenario.watches.enumerated() where line.contains("watch=\(plan.id) ") {
      models[index].reads = []
      models[index].firstAsked = nil
    }
  }

  // MARK: Beginnings and ends

  /// All memory is new: so is politeness.
  func lifeBegan() {
    answers = []
    confirmed = []
    lastAsk = [:]
    siteSilence = [:]
    channelSilence = [:]
    for index in models.indices {
      models[index].dueSince = clock.now
      models[index].reads = []
      models[index].firstAsked = nil
    }
  }

  func reloadBegan(_ target: Setup) {
    for index in scenario.subscribers.indices
    where isServed(index, by: world.setup) != isServed(index, by: target) {
      changedAt[index] = clock.now
      if !target.has(index, of: scenario) { excuse(index, "unsubscribed") }
    }
  }

  func reloadEnded(_ before: Setup, _ after: Setup) {
    for index in scenario.subscribers.indices {
      if isServed(index, by: before) != isServed(index, by: after) { changedAt[index] = clock.now }
      removedAt[index] = after.has(index, of: scenario) ? nil : removedAt[index] ?? clock.now
      if removedAt[index] != nil { forget(index) }
    }
    for channel in Scenario.channels
    where before.room != after.room || before.channels.contains(channel) != after.channels.contains(channel) {
      for key in channelSilence.keys where key.hasPrefix(channel + "|") { channelSilence[key] = nil }
    }
    for index in models.indices { models[index].dueSince = max(models[index].dueSince, clock.now) }
  }

  func jumped(by milliseconds: Int64) {
    lastJump = clock.now
    // Sleeps are of the true clock: what the wall clock says is looked at again with the next poll.
    clockTrouble = max(clockTrouble, clock.now + Life.poll + max(0, -milliseconds) * 1_000_000)
  }

  /// Who comes back is told anew.
  private func forget(_ subscriber: Int) {
    for key in notices.keys where key.subscriber == subscriber { notices[key]?.state = .excused("unsubscribed") }
  }

  private func excuse(_ subscriber: Int, _ why: String) {
    for key in open where key.subscriber == subscriber { excuse(key, why) }
  }

  func excuse(_ key: Notice.Key, _ why: String) {
    notices[key]?.state = .excused(why)
    open.remove(key)
  }
}
