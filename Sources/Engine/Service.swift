import Language
import Notifying
import PluginHost
import Storage

/// The running product: watches on schedule, a worker per enabled channel, and a configuration that can be replaced
/// while both run.
public actor Service {
  /// How long a stop waits for sends under way (DESIGN.md promise 2: what is cut stays in the outbox).
  public static let drain = Duration.seconds(15)

  private let store: Store
  /// What everything that is stored goes by.
  private let time: SteadyTime
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

  private let channels: ChannelWorkers
  private let definitions: WatchDefinitions
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
    self.store = store
    let wallTime = time
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
    channels = ChannelWorkers(
      ChannelWorkers.Parts(
        catalog: catalog, fetcher: fetcher, store: store, time: time, wallTime: wallTime, random: random, log: log,
        tuning: tuning, meters: meters, desk: desk))
    definitions = WatchDefinitions(store: store, scheduler: scheduler, time: time, random: random, log: log)
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
    let wanted = try await channels.prepare(configuration)
    Failpoint.reach(.inReload)
    self.configuration = configuration
    // Before it: what is changed beside this is taken up after.
    seenRevision = try await store.revision()
    let (watches, told) = try await definitions.take(configuration)
    await channels.wake(told)
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
      watches, outlets: outlets, lastRuns: lastRuns, owed: try await store.owedConfirmations())
    // After it: a run that was under way may have told somebody who was taken out, and no run will from here on.
    try await definitions.settleSubscriptions(of: watches)
    // Last: a channel that comes back must not send what waits for somebody who is snoozed or taken out by this reload.
    try await channels.start(wanted)
    meters.configured()
    log.info(
      "configuration applied", ("sites", "\(configuration.sites.count)"), ("watches", "\(watches.count)"),
      ("channels", configuration.channels.filter(\.enabled).map(\.name).joined(separator: ",")))
  }

  /// Starts watching; returns when ``stop()`` has ended everything.
  public func run() async {
    let task = Task { await scheduler.run { [channels] run in await channels.wake(run.stored.channels) } }
    schedulerTask = task
    let pruner = Task { await pruneRegularly() }
    let keeper = keeper()
    storeKeeper = keeper
    let keeping = Task { await keeper.run() }
    let telling = Task { await desk.run { [channels] told in await channels.wake(told) } }
    await canaries.begin { [channels] told in await channels.wake(told) }
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
    await channels.stop()
    schedulerTask?.cancel()
    await schedulerTask?.value
  }

  /// Every watch once, now, one after the other where they share an origin; then everything due is sent.
  ///
  /// - Parameter shown: What of a run is kept until all have ended.
  /// - Returns: That of each watch.
  public func runOnce<Shown: Sendable>(
    _ configuration: Configuration, drain: Duration = Service.drain,
    keeping shown: @escaping @Sendable (StoredRun) -> Shown
  ) async throws -> [Shown] {
    let runs = try await scheduler.runAllOnce { ($0.stored.channels, shown($0)) }
    for (told, _) in runs where !told.isEmpty { await channels.wake(told) }
    try await settle(configuration, atMost: drain)
    return runs.map(\.1)
  }

  /// The same, with all that was stored for each watch.
  public func runOnce(_ configuration: Configuration, drain: Duration = Service.drain) async throws -> [StoredRun] {
    try await runOnce(configuration, drain: drain) { $0 }
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
        wake: { [channels] told in await channels.wake(told) },
        sendNow: { [channels] delivery in await channels.sendNow(delivery) },
        found: { [meters, time] health in meters.found(health, at: time.uptime()) }))
  }

  /// Another process has written to the store: what it made due is sent now, not at the workers' next look, also on a
  /// channel that an operator has shown to be set up rightly now.
  public func wakeChannels() async { await channels.wakeAll() }

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
    outbox.channels += await channels.names.subtracting(known).map {
      OutboxFigures.Channel(name: $0, queued: 0, oldest: nil, dead: 0)
    }
    return MeterSample(outbox: outbox, schedule: await scheduler.census, origins: await governor.census())
  }

  /// For what no run and no channel says: tells the maintainers once, also over restarts, until ``clear(_:)``.
  public func raise(_ trouble: Trouble) async throws { await channels.wake(try await desk.raise(trouble)) }

  /// Ends what ``raise(_:)`` began; the maintainers hear once that it is over.
  ///
  /// - Parameter words: Said of one that an earlier process began.
  public func clear(_ key: String, saying words: Trouble.Words? = nil) async throws {
    await channels.wake(try await desk.clear(key, saying: words))
  }

  /// Ends what ``raise(_:)`` began without a word: another trouble has taken its place.
  public func supersede(_ key: String) async throws { try await desk.supersede(key) }

  /// Everything that is wrong now, with its start, as the store knows it.
  public func openTroubles() async throws -> Set<String> { Set(try await store.openIncidents().keys) }

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
      // Asked of the store, as a retry's time is known there only; a look is two of its quickest queries.
      try await time.sleep(for: .milliseconds(20))
    }
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
    for record in changed {
      if let spec = running[record.site] { try await definitions.take(record, spec) }
    }
    // Last: what could not be taken up is read again the next time.
    seenRevision = revision
  }

  /// Nothing can be reached from here, and that it can again.
  private func connectivityChanged(_ isOffline: Bool) async {
    do {
      if isOffline { try await raise(.offline) } else { try await clear(Trouble.offline.key) }
    } catch {
      log.error("maintainers could not be told", ("error", "\(error)"))
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
