import Engine
import Fetchers
import Glibc
import Language
import PluginHost
import SiteSpecs
import Storage

/// The service: watches until stopped.
struct RunCommand: Command {
  static let name = "run"
  static let summary = "watch and tell, until stopped"
  static let synopsis = ""
  static let discussion = """
    Reloads when a configuration file is saved, and at SIGHUP; a file with a mistake keeps what runs and is said in the
    log. SIGTERM and SIGINT end runs and sends under way (15 s at most; what is not sent stays in the outbox); a second
    one ends at once. Logs go to standard error.

    EXAMPLES
      slothunter run
      slothunter run --once             every watch once, then send what is due
      slothunter run --once --changes   what is new since the last time, a line of JSON each: for scripts
      slothunter run --once --dry-run   what would be found and sent? nothing is stored
    """
  static let flags = [
    Flag("--once", "run every watch once, send what is due, and end"),
    Flag("--dry-run", "with --once: store nothing, send nothing, print what would be"),
    Flag("--changes", "with --once: print each change as a line of JSON, and nothing else"), CommonFlags.origin,
    CommonFlags.config, CommonFlags.store, CommonFlags.reserve, CommonFlags.log, CommonFlags.json,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.isEmpty else { throw CommandFailure(.usage, "run takes no argument") }
    if arguments.has("--dry-run"), !arguments.has("--once") {
      throw CommandFailure(.usage, "--dry-run goes with --once")
    }
    if arguments.has("--changes"), !arguments.has("--once") || arguments.has("--json") {
      throw CommandFailure(.usage, "--changes goes with --once, and has its own JSON")
    }
    if let problem = Failpoint.problem { throw CommandFailure(.usage, problem) }
    guard let level = Log.Level(rawValue: arguments["--log"] ?? "info") else {
      throw CommandFailure(.usage, "--log is debug, info, warn or error")
    }
    // From here on, not from when all is open: whoever edits a file and says so must not end a service that just starts.
    let hangUps = arguments.has("--once") ? nil : Signals.stream([SIGHUP])
    // Before they are read: what is saved meanwhile must look like another file.
    let begun = SystemTime().now()
    var (workspace, configuration) = try Workspace.require(arguments, terminal)
    let log = Log.standardError(level)
    OpenFiles.raiseLimit()
    let path = arguments["--store"] ?? configuration.store
    let isDry = arguments.has("--dry-run")
    let reserve = try StoreReserve.bytes(arguments)
    let store = try isDry ? dryStore(path) : StoreAccess.open(path, mode: .readWrite, reserve: reserve)
    let fetcher = try Network.fetcher(arguments, configuration)
    let signs = try arguments.has("--once") ? nil : LifeSigns.ofThisProcess()
    var tuning = ServiceTuning()
    tuning.extraction = ExtractionPool.Settings()
    let service = Service(
      catalog: Builtins.catalog, fetcher: fetcher, store: store, userAgent: configuration.userAgent,
      time: SystemTime(), random: .system, log: log, tuning: tuning, heartbeat: signs?.heartbeat)
    if isDry { return try await rehearse(service, configuration, arguments, terminal) }
    guard let signs else {
      try await service.apply(configuration)
      configuration.watches = []
      workspace.forgetWatches()
      return try await once(service, configuration, arguments, terminal)
    }
    let endpoint = MetricsEndpoint(service, signs: signs, store: path, log: log)
    service.meters.describe(version: SlotHunter.version)
    service.meters.sitesFailed(workspace.failedSites.count)
    // First: a port that is taken must stop the start before anything is watched.
    try endpoint.take(configuration.metrics)
    defer { endpoint.stop() }
    try await service.apply(configuration)
    // The service holds them in a form of its own; 100,000 of these weigh some 50 MB.
    configuration.watches = []
    workspace.forgetWatches()
    let stamps = FileStamp.all(workspace.paths).filter { $0.value.isOlder(than: begun, by: .zero) }
    let reloader = Reloader(
      workspace: workspace, stamps: stamps, service: service, log: log, signs: signs, endpoint: endpoint)
    return await serve(service, store, reloader, signs, log, hangUps)
  }

  /// What is stored already counts in a dry run, and stays as it is.
  private static func dryStore(_ path: String) throws -> Store {
    Files.exists(path) ? try StoreAccess.open(path, mode: .readOnly) : try Store(path: path, mode: .inMemory)
  }

  private static func rehearse(
    _ service: Service, _ configuration: Configuration, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> ExitCode {
    let commits = try await service.rehearse(configuration)
    let words = words(configuration, arguments, terminal, isDry: true)
    for commit in commits { for line in words(commit) { terminal.out(line) } }
    return commits.allSatisfy { $0.verdict.isGood } ? .success : .negative
  }

  private static func once(
    _ service: Service, _ configuration: Configuration, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> ExitCode {
    let words = words(configuration, arguments, terminal, isDry: false)
    let runs = try await service.runOnce(configuration) { run in
      (isGood: run.commit.verdict.isGood, lines: words(run.commit))
    }
    await service.stop()
    for run in runs { for line in run.lines { terminal.out(line) } }
    return runs.allSatisfy(\.isGood) ? .success : .negative
  }

  /// What is said of a run.
  private static func words(
    _ configuration: Configuration, _ arguments: Arguments, _ terminal: Terminal, isDry: Bool
  ) -> @Sendable (RunCommit) -> [String] {
    let isJSON = arguments.has("--json")
    guard arguments.has("--changes") else {
      return { commit in RunReport(commit: commit).lines(terminal, json: isJSON, isDry: isDry) }
    }
    let zones = Dictionary(configuration.sites.map { ($0.id, $0.zone) }) { first, _ in first }
    return { commit in
      commit.changes.map { $0.line(of: commit.watch, zone: zones[commit.site] ?? .utc) }
    }
  }

  /// How soon what a command asked of the store is taken up.
  private static let followInterval = Duration.seconds(1)

  /// Looks whether a command has written to the store, so that what it asked for is done at once.
  private static func follow(_ store: Store, _ service: Service) async {
    var known = try? await store.writesOfOthers()
    while !Task.isCancelled {
      // Cancelled: the service ends. By the clock that nobody can set, as all of its waits.
      do { try await SystemTime().sleep(for: followInterval) } catch { return }
      let now = try? await store.writesOfOthers()
      if now != known {
        await service.wakeChannels()
        await service.takeUpCommands()
      }
      known = now
    }
  }

  private static func serve(
    _ service: Service, _ store: Store, _ reloader: Reloader, _ signs: LifeSigns, _ log: Log,
    _ hangUps: AsyncStream<Int32>?
  ) async -> ExitCode {
    // A task of its own: a reload may wait for a slow channel, and a stop must not wait for that.
    let reloads = Task {
      guard let hangUps else { return }
      for await _ in hangUps {
        service.releaseQuarantine()
        await reloader.reload(because: "SIGHUP", isForced: true)
      }
    }
    let signals = Task {
      var stops = 0
      for await signal in Signals.stream([SIGTERM, SIGINT]) {
        stops += 1
        // Whoever asks twice does not want to wait.
        if stops > 1 { _exit(ExitCode.interrupted.rawValue) }
        signs.stopping()
        log.info("stopping", ("signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"))
        Task { await service.stop() }
      }
    }
    let watching = Task { await reloader.watchFiles() }
    if let armed = Failpoint.armed { log.warn("failpoint armed", ("name", armed.point.rawValue)) }
    let following = Task { await follow(store, service) }
    log.info("running", ("pid", "\(getpid())"))
    await service.run()
    watching.cancel()
    following.cancel()
    signals.cancel()
    reloads.cancel()
    let lag = service.startLag.snapshot()
    log.info(
      "stopped", ("runs", "\(lag.count)"), ("start_lag_p50_ms", lag.quantile(0.5).map(milliseconds)),
      ("start_lag_p99_ms", lag.quantile(0.99).map(milliseconds)), ("start_lag_max_ms", milliseconds(lag.most)))
    return .success
  }

  private static func milliseconds(_ duration: Duration) -> String {
    "\(duration.inMilliseconds)"
  }
}
