import Language
import Notifying
import PluginHost
import Storage

/// The running product: watches on schedule, a worker per enabled channel, and a configuration that can be replaced
/// while both run.
public actor Service {
  /// How long a stop waits for sends under way (DESIGN.md promise 2: what is cut stays in the outbox).
  public static let drain = Duration.seconds(15)

  private let catalog: PluginCatalog
  private let fetcher: any Fetcher
  private let store: Store
  /// What everything that is stored goes by.
  private let time: SteadyTime
  /// The wall clock as it is: for signatures.
  private let wallTime: any TimeSource
  private let random: RandomSource
  private let log: Log
  private let tuning: ServiceTuning
  private let scheduler: WatchScheduler
  private let governor: OriginGovernor
  /// How late runs start.
  public nonisolated var startLag: StartLag { scheduler.startLag }
  private let desk: MaintainerDesk
  private let canaries: CanaryKeeper
  private let bodyKeeper = BodyKeeper()
  /// What it counts as it runs.
  public nonisolated let meters: ServiceMeters
  private let extraction: ExtractionPool?
  private var storeKeeper: StoreKeeper?

  private struct Running {
    var worker: ChannelWorker
    var task: Task<Void, Never>
    var fingerprint: String
    var adapter: NotifierAdapter
  }

  private var workers: [String: Running] = [:]
  /// Of the newest configuration.
  private var outlets = Outlets(channels: [], maintainers: [])
  private var schedulerTask: Task<Void, Never>?
  private var stopping: Task<Void, Never>?
  /// The newest reload: the next one waits for it, as two at once would start two workers for a channel.
  private var newestChange: Task<Void, any Error>?
  /// What was taken up last.
  private var configuration: Configuration?
  private var isStopping = false
  /// Sites by id, as they run.
  private var running: [String: SiteSpec] = [:]
  /// Of the definitions in the store that are taken up.
  private var seenRevision: Int64 = 0

  public init(
    catalog: PluginCatalog, fetcher: any Fetcher, store: Store, userAgent: String, time: any TimeSource,
    random: RandomSource, log: Log, tuning: ServiceTuning = ServiceTuning(), meters: ServiceMeters = ServiceMeters(),
    heartbeat: Heartbeat? = nil
  ) {
    self.catalog = catalog
    self.fetcher = fetcher
    self.store = store
    wallTime = time
    let time = SteadyTime(time)
    self.time = time
    self.random = random
    self.log = log
    self.tuning = tuning
    self.meters = meters
    governor = OriginGovernor(time: time, random: random, log: log)
    let sender = RequestSender(fetcher: fetcher, governor: governor, time: time, meters: meters)
    extraction = tuning.extraction.map { settings in
      ExtractionPool(settings: settings, time: time) { owner, budget in
        log.error("reading overran, spec quarantined", ("spec", owner), ("budget_s", "\(budget.components.seconds)"))
      }
    }
    let runner = WatchRunner(
      catalog: catalog, sender: sender, time: time, userAgent: userAgent, extraction: extraction)
    let executor = WatchExecutor(
      runner: runner, store: store, time: time, random: random, log: log, meters: meters, keeper: bodyKeeper,
      drift: DriftWatch(store: store, time: time, random: random, log: log))
    canaries = CanaryKeeper(runner: runner, store: store, time: time, random: random, log: log)
    scheduler = WatchScheduler(
      executor: executor, time: time, random: random, log: log, meters: meters, heartbeat: heartbeat)
    desk = MaintainerDesk(store: store, time: time, random: random, log: log, interval: tuning.troubleLooks)
  }

  /// Makes `configuration` what runs: at the start, and for each reload that was valid.
  ///
  /// Channels that are the same keep their worker; a channel that was stopped for its configuration is tried again when
  /// that has changed.
  public func apply(_ configuration: Configuration) async throws {
    try await inTurn { service in try await service.takeUp(configuration) }
  }

  /// One change of what runs after the other: each waits for the store many times, and must not be overtaken by a newer
  /// one that was read meanwhile.
  private func inTurn(_ change: @escaping @Sendable (isolated Service) async throws -> Void) async throws {
    let before = newestChange
    let task = Task {
      _ = await before?.result
      try await change(self)
    }
    newestChange = task
    try await task.value
  }

  private func takeUp(_ configuration: Configuration) async throws {
    guard !isStopping else { return }
    log.conceal(configuration.secrets)
    bodyKeeper.concealment.conceal(configuration.secrets)
    await store.follow(time)
    for site in configuration.sites {
      try await store.saveSpecVersion(site: site.id, version: site.version, text: site.text, now: time.now())
    }
    let channels = try await prepareChannels(configuration)
    Failpoint.reach(.inReload)
    self.configuration = configuration
    // Before it: what is changed beside this is taken up after.
    seenRevision = try await store.revision()
    var watches = WatchList(configuration: configuration, stored: [])
    let commanded = try await takeCommanded(into: &watches)
    watches.finish()
    for problem in watches.problems { log.warn("watch left out", ("watch", problem.watch), ("reason", problem.reason)) }
    try await remember(watches.watches, commanded, configuration)
    running = configuration.sites.reduce(into: [:]) { $0[$1.id] = $1 }
    await desk.apply(configuration)
    do {
      try await canaries.apply(configuration.sites, Outlets(configuration))
    } catch {
      // What watches for maintainers must not keep people's watches from running.
      log.error("canaries could not be taken up", ("error", "\(error)"))
    }
    extraction?.keep(Set(configuration.sites.map(\.extractionOwner)))
    try await governor.recall(from: store) { [weak self] isOffline in await self?.connectivityChanged(isOffline) }
    let lastRuns = try await store.lastRuns()
    outlets = Outlets(configuration)
    await scheduler.replace(
      watches.watches, outlets: outlets, lastRuns: lastRuns, owed: try await store.owedConfirmations())
    // After it: a run that was under way may have told somebody who was taken out, and no run will from here on.
    try await endSubscriptions(of: watches.watches, now: time.now())
    try await deferSnoozed(watches.watches, now: time.now())
    // Last: a channel that comes back must not send what waits for somebody who is snoozed or taken out by this reload.
    try await startChannels(channels)
    meters.configured()
    log.info(
      "configuration applied", ("sites", "\(configuration.sites.count)"), ("watches", "\(watches.watches.count)"),
      ("channels", configuration.channels.filter(\.enabled).map(\.name).joined(separator: ",")))
  }

  /// Starts watching; returns when ``stop()`` has ended everything.
  public func run() async {
    let task = Task { await scheduler.run { [weak self] run in await self?.wake(run.stored.channels) } }
    schedulerTask = task
    let pruner = Task { await pruneRegularly() }
    let keeper = keeper()
    storeKeeper = keeper
    let keeping = Task { await keeper.run() }
    let telling = Task { await desk.run { [weak self] channels in await self?.wake(channels) } }
    await canaries.begin { [weak self] channels in await self?.wake(channels) }
    await task.value
    pruner.cancel()
    keeping.cancel()
    telling.cancel()
    await canaries.end()
    // Watching ends first; who waits here must not end the process before the channels have drained.
    await stopping?.value
  }

  /// Specs whose reading overran are read again.
  public nonisolated func releaseQuarantine() { extraction?.release() }

  /// Ends runs and sends under way in good order; what is not sent stays in the outbox.
  public func stop() async {
    isStopping = true
    meters.stopping()
    let task = stopping ?? Task { await drain() }
    stopping = task
    await task.value
  }

  private func drain() async {
    await scheduler.stop()
    let ending = workers.values
    workers = [:]
    await withTaskGroup(of: Void.self) { group in
      for entry in ending { group.addTask { await entry.worker.stop(draining: Service.drain) } }
    }
    schedulerTask?.cancel()
    await schedulerTask?.value
  }

  /// Every watch once, now, one after the other where they share an origin; then everything due is sent.
  ///
  /// - Returns: What was stored for each watch.
  public func runOnce(_ configuration: Configuration, drain: Duration = Service.drain) async throws -> [StoredRun] {
    let runs = try await scheduler.runAllOnce()
    for run in runs { wake(run.stored.channels) }
    try await settle(configuration, atMost: drain)
    return runs
  }

  /// What a run of every watch would find and send; nothing is stored or sent.
  public func rehearse(_ configuration: Configuration) async throws -> [RunCommit] {
    let stored = try await store.watches().filter { $0.origin == .command }
    let watches = WatchList(configuration: configuration, stored: stored).watches
    try await governor.read(store)
    await scheduler.replace(watches, outlets: Outlets(configuration), lastRuns: [:])
    return try await scheduler.rehearseAll()
  }

  /// History beyond its retention goes; each hour, because what waits on a dead channel expires here.
  private func pruneRegularly() async {
    while !Task.isCancelled {
      do {
        try await store.prune(now: time.now())
      } catch {
        log.error("history could not be pruned", ("error", "\(error)"))
      }
      // Cancelled: the service ends.
      do { try await time.sleep(for: tuning.prunings) } catch { return }
    }
  }

  /// Looks after the store.
  private func keeper() -> StoreKeeper {
    StoreKeeper(
      store: store, time: time, random: random, log: log, interval: tuning.storeLooks,
      surroundings: StoreKeeper.Surroundings(
        outlets: { [weak self] in await self?.outlets ?? Outlets(channels: [], maintainers: []) },
        wake: { [weak self] channels in await self?.wake(channels) },
        sendNow: { [weak self] delivery in await self?.sendNow(delivery) ?? false },
        found: { [meters, time] health in meters.found(health, at: time.uptime()) }))
  }

  /// Past the outbox.
  private func sendNow(_ delivery: NewDelivery) async -> Bool {
    guard let adapter = workers[delivery.channel]?.adapter else { return false }
    let recipient = delivery.recipient.isEmpty ? nil : delivery.recipient
    let result = await adapter.sendNow(delivery.message, to: recipient, id: delivery.id)
    if case .delivered = result.outcome { return true }
    // It may have arrived: said every few seconds it would be worse than not said.
    return result.doubtful
  }

  /// Another process has written to the store: what it made due is sent now, not at the workers' next look, also on a
  /// channel that an operator has shown to be set up rightly now.
  public func wakeChannels() async {
    let health = (try? await store.channelHealths()) ?? []
    let stopped = Set(health.filter { $0.state == .misconfigured }.map(\.name))
    for (name, running) in workers where !stopped.contains(name) { await running.worker.tryAgain() }
  }

  /// The store and the clock are looked at now: a simulation knows when that is worth it, and looks rarely else.
  package func lookAfterStore() async { await storeKeeper?.lookNow() }

  /// What nobody counts as it changes; asked of the parts that know, and of `store`, which may be a reader of its own so
  /// that looking delays no commit.
  ///
  /// - Parameter dead: As ``Store/outboxFigures(dead:)`` takes it.
  public func sample(_ store: Store, dead: [String: Int]?) async throws -> MeterSample {
    var outbox = try await store.outboxFigures(dead: dead)
    let known = Set(outbox.channels.map(\.name))
    // Nothing waits on the others: a zero says that, and a gap would not.
    outbox.channels += workers.keys.filter { !known.contains($0) }.map {
      OutboxFigures.Channel(name: $0, queued: 0, oldest: nil, dead: 0)
    }
    return MeterSample(outbox: outbox, schedule: await scheduler.census, origins: await governor.census())
  }

  /// For what no run and no channel says: tells the maintainers once, also over restarts, until ``clear(_:)``.
  public func raise(_ trouble: Trouble) async throws { wake(try await desk.raise(trouble)) }

  /// Ends what ``raise(_:)`` began; the maintainers hear once that it is over.
  ///
  /// - Parameter words: Said of one that an earlier process began.
  public func clear(_ key: String, saying words: Trouble.Words? = nil) async throws {
    wake(try await desk.clear(key, saying: words))
  }

  /// Ends what ``raise(_:)`` began without a word: another trouble has taken its place.
  public func supersede(_ key: String) async throws { try await desk.supersede(key) }

  /// Everything that is wrong now, with its start, as the store knows it.
  public func openTroubles() async throws -> Set<String> { Set(try await store.openIncidents().keys) }

  private func wake(_ channels: Set<String>) {
    for channel in channels { workers[channel]?.worker.wake() }
  }

  /// Waits until nothing that is due now waits on an enabled channel.
  private func settle(_ configuration: Configuration, atMost limit: Duration) async throws {
    let end = time.uptime() + limit
    while time.uptime() < end {
      var isQuiet = true
      for channel in configuration.channels where channel.enabled {
        if let due = try await store.nextDue(channel: channel.name, now: time.now()), due <= time.now() {
          isQuiet = false
        }
      }
      let leased = try await store.deliveries(DeliveryFilter(states: [.leased], limit: 1))
      if isQuiet, leased.isEmpty { return }
      try await time.sleep(for: .milliseconds(20))
    }
  }

  /// Watches that were added by command, by both of their names.
  private struct Commanded {
    var ids: Set<String> = []
    var places: Set<WatchPlace> = []
  }

  private static let watchesAtOnce = 2000

  private func takeCommanded(into list: inout WatchList) async throws -> Commanded {
    var commanded = Commanded()
    var last = ""
    while true {
      let part = try await store.watches(.command, after: last, limit: Service.watchesAtOnce)
      list.add(part)
      for record in part {
        commanded.ids.insert(record.id)
        commanded.places.insert(WatchPlace(site: record.site, params: record.params))
      }
      guard part.count == Service.watchesAtOnce, let id = part.last?.id else { return commanded }
      last = id
    }
  }

  private func remember(_ watches: [Watch], _ commanded: Commanded, _ configuration: Configuration) async throws {
    let now = time.now()
    try await removeOthers(watches, configuration, now)
    // A part at a time: nothing else is stored meanwhile.
    for start in stride(from: 0, to: watches.count, by: Service.watchesAtOnce) {
      let records = watches[start..<min(start + Service.watchesAtOnce, watches.count)].compactMap { watch in
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

  /// First: an edited spec may name a watch anew, and equal watches are one.
  private func removeOthers(_ watches: [Watch], _ configuration: Configuration, _ now: Instant) async throws {
    let ids = Set(watches.map(\.id))
    // A watch whose site can't be read just now is not removed: its snapshot must outlive the mistake.
    let sites = Set(configuration.sites.map(\.id))
    for (id, site) in try await store.configuredWatches() where !ids.contains(id) && sites.contains(site) {
      let farewell = MaintainerNotice.watchRemoved(id, Outlets(configuration), now: now, random)
      wake(try await store.removeWatch(id, now: now, telling: farewell))
    }
  }

  private struct WatchPlace: Hashable {
    var site: String
    var params: [String: String]
  }

  /// Another process has written to the store: watches that a command added, edited or removed are taken up, each for
  /// O(log n).
  public func takeUpCommands() async {
    do {
      guard try await store.revision() != seenRevision else { return }
      try await inTurn { service in try await service.takeUpChanges() }
    } catch {
      log.error("watches changed by command could not be read", ("error", "\(error)"))
    }
  }

  private func takeUpChanges() async throws {
    guard !isStopping else { return }
    let revision = try await store.revision()
    let changed = try await store.commandedWatches(changedSince: seenRevision)
    // What the file names too is made of both: they are read together again.
    if let configuration, configuration.watches.contains(where: { rule in changed.contains(where: rule.isSame) }) {
      return try await takeUp(configuration)
    }
    for record in changed { try await takeUp(record) }
    // Last: what could not be taken up is read again the next time.
    seenRevision = revision
  }

  private func takeUp(_ record: WatchRecord) async throws {
    guard let spec = running[record.site] else { return }
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

  /// Nothing can be reached from here, and that it can again.
  private func connectivityChanged(_ isOffline: Bool) async {
    do {
      if isOffline { try await raise(.offline) } else { try await clear(Trouble.offline.key) }
    } catch {
      log.error("maintainers could not be told", ("error", "\(error)"))
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

  private typealias WantedChannels = [String: (adapter: NotifierAdapter, fingerprint: String)]

  /// Every channel as it is wanted, those that are not wanted so stopped.
  private func prepareChannels(_ configuration: Configuration) async throws -> WantedChannels {
    var wanted: WantedChannels = [:]
    for channel in configuration.channels where channel.enabled {
      guard let spec = configuration.notifiers.first(where: { $0.id == channel.notifier }) else { continue }
      do throws(ChannelProblem) {
        let adapter = try NotifierAdapter(
          spec: spec, channel: channel, catalog: catalog, fetcher: fetcher, time: wallTime)
        wanted[channel.name] = (adapter, channel.fingerprint(spec))
      } catch {
        throw ServiceFailure(message: "channel '\(channel.name)': \(error.message)")
      }
    }
    let outdated = workers.filter { wanted[$0.key]?.fingerprint != $0.value.fingerprint }
    for name in outdated.keys { workers[name] = nil }
    // All at once: a slow channel must not hold up the reload of ten others.
    await withTaskGroup(of: Void.self) { group in
      for running in outdated.values { group.addTask { await running.worker.stop(draining: Service.drain) } }
    }
    return wanted
  }

  private func startChannels(_ wanted: WantedChannels) async throws {
    for (name, entry) in wanted where workers[name] == nil {
      try await store.resumeChannel(name, configHash: entry.fingerprint, now: time.now())
      guard !isStopping else { return }
      log.debug("channel started", ("channel", name))
      meters.channel(name).started()
      let worker = ChannelWorker(
        adapter: entry.adapter, outbox: store, time: time, random: random, tuning: tuning.worker,
        onEvent: { [log, desk, meters = meters.channel(name)] event in
          log.report(event)
          meters.heard(event)
          desk.heard(event)
        })
      workers[name] = Running(
        worker: worker, task: Task { await worker.run() }, fingerprint: entry.fingerprint, adapter: entry.adapter)
    }
  }
}

/// The service can't run as it is configured.
public struct ServiceFailure: Error, CustomStringConvertible {
  public var message: String
  public var description: String { message }
}

extension Configuration {
  /// Every secret of every channel, for the log to conceal.
  public var secrets: [Secret] {
    channels.flatMap(\.settings.values).compactMap { if case .secret(let secret) = $0 { secret } else { nil } }
      + sites.flatMap { $0.route?.secrets ?? [] }
  }
}

extension Channel {
  /// Changes with every setting and with the notifier's file; holds no secret.
  func fingerprint(_ spec: NotifierSpec) -> String {
    var text = spec.id + "\u{1F}" + spec.version
    for (name, setting) in settings.sorted(by: { $0.key < $1.key }) {
      switch setting {
      case .plain(let value): text += "\u{1F}\(name)=\(value.keyText)"
      case .secret(let secret): text += "\u{1F}\(name)=\(StableHash.text(secret.reveal()))"
      }
    }
    if let budget { text += "\u{1F}budget=\(budget.messages ?? 0),\(budget.parts ?? 0)" }
    return StableHash.text(text)
  }
}

extension Log {
  /// What a channel's worker tells.
  func report(_ event: NotifyEvent) {
    switch event {
    case .attempted(let channel, let attempt):
      info(
        "send", ("channel", channel), ("delivery", attempt.delivery), ("attempt", "\(attempt.attempt)"),
        ("outcome", attempt.outcome.word), ("reason", attempt.reason), ("status", attempt.status.map(String.init)),
        ("detail", attempt.outcome.word == "delivered" ? nil : attempt.detail))
    case .delivered: break
    case .heldBack(let channel, let delivery, let until):
      debug("send held back", ("channel", channel), ("delivery", delivery), ("until", Value.instant(until).plainText))
    case .breakerOpened(let channel, let faults, let reason, let wait):
      warn(
        "channel does not answer", ("channel", channel), ("faults", "\(faults)"), ("reason", reason.rawValue),
        ("wait_ms", "\(wait.inMilliseconds)"))
    case .breakerClosed(let channel): info("channel answers again", ("channel", channel))
    case .channelThrottled(let channel, let wait):
      warn("channel throttled", ("channel", channel), ("wait_ms", "\(wait.inMilliseconds)"))
    case .paused(let channel, let reason, let detail, let wait):
      warn(
        "channel paused", ("channel", channel), ("reason", reason.rawValue), ("detail", detail),
        ("wait_ms", "\(wait.inMilliseconds)"))
    case .halted(let channel, let reason, let detail):
      error("channel misconfigured", ("channel", channel), ("reason", reason.rawValue), ("detail", detail))
    case .storeFailed(let channel, let operation, let message, let wait):
      error(
        "outbox failed", ("channel", channel), ("operation", operation), ("error", message),
        ("wait_ms", "\(wait.inMilliseconds)"))
    case .stopped(let channel, let cut, let released):
      info("channel stopped", ("channel", channel), ("cut", "\(cut)"), ("released", "\(released)"))
    }
  }
}
