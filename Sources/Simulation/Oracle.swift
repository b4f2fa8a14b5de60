/// The simulator's own judge: it sees what sites have shown, what channels have accepted and what is stored, and says
/// what everybody should have heard.
final class Oracle: @unchecked Sendable {  // one thread: see JobLoop
  /// From a lease to its send, at most: a minute's lease, and a send's own time.
  static let lease = 75 * Moment.second
  /// What was leased longer ago than 5 s is asked about again before its send.
  static let slack = 6 * Moment.second
  /// With nothing in its way an alert is told within this: a channel's longest backoff (5 min), its breaker, its pace.
  static let patience = 20 * Moment.minute
  /// What failed by its own fault waits longer each time: 2 s × 6ⁿ⁻¹, the sixth time and later 4 h 19 min, ± 20 %.
  static func patience(after failures: Int) -> Moment {
    guard failures > 0 else { return patience }
    // The eighth try comes when 28 hours are over.
    if failures > 6 { return 29 * .hour }
    return patience + (1..<min(failures, 6)).reduce(2400 * Moment.second / 1000) { wait, _ in wait * 6 }
  }
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
  /// The start of the run that is being judged.
  var runBegan: Moment = 0
  var notices: [Notice.Key: Notice] = [:]
  /// Keys of notices that wait.
  var open: Set<Notice.Key> = []
  /// Requests with each that came to nothing by the message's own fault, as far as the product can see.
  var failures: [Notice.Key: Int] = [:]
  var serial = 0
  /// When each subscriber's place in the configuration last changed.
  var changedAt: [Moment]
  var removedAt: [Moment?]
  /// When `snooze:` of each was last set.
  var snoozedAt: [Moment]
  /// What recipients asked for by command.
  var holds: [Int: Hold] = [:]

  // Acceptances.
  /// Of the step that is under way.
  var fresh: [Acceptance] = []
  /// Answered, and not yet seen as recorded.
  var answers: [Acceptance] = []
  /// Answered to the process that lives.
  var confirmed: Set<String> = []
  var sequences: [String: String] = [:]
  var tellings: [Int: [(id: String, wall: Int64)]] = [:]
  /// Beginnings of requests, by channel, and by channel and recipient.
  var begun: [String: [Moment]] = [:]
  /// Messages accepted, or begun and perhaps accepted, by delivery.
  var accepted: [String: Int] = [:]
  var doubts: [String: Int] = [:]
  /// By day of UTC: what the channel with a budget has accepted, what was begun, and deaths of the process.
  var spent: [Int64: (accepted: Int, begun: Int, deaths: Int)] = [:]
  struct Thing: Hashable {
    var subscriber: Int
    var item: String
  }
  var told: [Thing: [(serial: Int, sequence: Int64)]] = [:]
  var acceptances = 0
  var lastTold: Int?
  var doubles = 0

  // The store.
  var lastNumber: Int64 = 0
  var openRows: Set<Int64> = []
  var changeCount: String?
  var incidents = (opened: Int64(0), closed: Int64(0))

  // Politeness, of this life.
  /// Of late, over all lives.
  var asks: [Specs.Kind: [Moment]] = [:]
  var siteSilence: [Specs.Kind: (since: Moment, until: Moment)] = [:]
  var lifeBegunAt: Moment = 0
  /// Of sites whose wish the store may have refused to keep.
  var unkeptSilence: Set<Specs.Kind> = []
  var channelSilence: [String: Moment] = [:]

  var lastJump: Moment = -(1 << 60)
  /// Set, and not yet seen by the process.
  var unseenJump: Int64 = 0
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
    snoozedAt = world.scenario.subscribers.map { _ in 0 }
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
    var asks = (asks[kind] ?? []).filter { $0 > now - Specs.siteRate.per }
    if kind.burst == 1, let last = asks.last, now - last < Specs.gap - Moment.second / 1000 {
      world.violate(.schedule, "\(kind) was asked twice within \((now - last) / 1_000_000) ms: its rate is 30/min")
    }
    asks.append(now)
    if asks.count > Specs.siteRate.count {
      world.violate(.schedule, "\(kind) was asked \(asks.count) times in a minute: its rate is 30/min")
    }
    self.asks[kind] = asks
    // A wall clock that was set of late makes it a matter of opinion how much of a silence a restart finds.
    let since = siteSilence[kind]?.since ?? now
    let isSteady = since >= lifeBegunAt || lastJump < 0 || now > lastJump + 2 * .hour
    if let silence = siteSilence[kind], now < silence.until, now > silence.since + Moment.minute, isSteady {
      world.violate(.schedule, "\(kind) was asked although its Retry-After ends at \(silence.until.clockText)")
    }
    guard let index = watch(id) else { return }
    if models[index].firstAsked == nil { models[index].firstAsked = now }
  }

  func asksForSilence(_ kind: Specs.Kind, _ duration: Moment) {
    let until = max(siteSilence[kind]?.until ?? 0, clock.now + duration)
    siteSilence[kind] = (clock.now, until)
    if world.isStoreUnwell { unkeptSilence.insert(kind) }
  }

  /// What could not be stored, or was heard in the moment of death, no later process can know.
  func originsOutlive(_ death: Moment) {
    for kind in unkeptSilence { siteSilence[kind] = nil }
    unkeptSilence = []
    siteSilence = siteSilence.filter { $0.value.since < death - 5 * .second }
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

  /// All memory is new; towards sites, politeness outlives it.
  func lifeBegan() {
    lifeBegunAt = clock.now
    answers = []
    confirmed = []
    unseenJump = 0
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
      if before.snoozes[index] != after.snoozes[index] {
        snoozedAt[index] = clock.now
        if let until = after.snoozes[index] { hold(back: index, until) }
      }
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
    unseenJump += milliseconds
    // Sleeps are of the true clock: what the wall clock says is looked at again with the next poll.
    clockTrouble = max(clockTrouble, clock.now + Life.poll + max(0, -milliseconds) * 1_000_000)
  }

  /// The process has seen that the clock was set: what counts time that passes moves with it.
  func clockFollowed() {
    for index in models.indices {
      for service in models[index].lives.keys { models[index].lives[service]?.move(by: unseenJump) }
    }
    for key in open { notices[key]?.madeWall += unseenJump }
    unseenJump = 0
  }

  /// Who comes back is told anew.
  func forget(_ subscriber: Int) {
    for key in notices.keys where key.subscriber == subscriber { excuse(key, "unsubscribed") }
  }

  /// What waits for somebody who wants to be left alone waits on, and is not late for it.
  private func hold(back subscriber: Int, _ until: Int64) {
    for key in open where key.subscriber == subscriber {
      guard let earliest = notices[key]?.notBefore, earliest < until else { continue }
      notices[key]?.notBefore = until
    }
  }

  private func excuse(_ subscriber: Int, _ why: String) {
    for key in open where key.subscriber == subscriber { excuse(key, why) }
  }

  func excuse(_ key: Notice.Key, _ why: String) {
    notices[key]?.state = .excused(why)
    open.remove(key)
  }
}
