import Engine
import Language
import PluginHost
import SiteSpecs
import Storage

/// Saves a run's exchanges as a sample.
struct RecordCommand: Command {
  static let name = "record"
  static let summary = "run a site once, or take a break that was kept, and save a scrubbed sample"
  static let synopsis = "SITE|LINK|WATCH"
  static let discussion = """
    Writes samples/SITE/CASE/: every request with its answer, and expected.json with what the spec made of them. Taken
    out and exchanged for invented ones of the same shape: the configuration's secrets, cookies, tokens in URLs and
    bodies, phone numbers, national ids, e-mail addresses, and each word of the names given with --scrub. The case is
    then replayed: where it does not give what was read, the difference is printed and the exit code is 1. A case that is
    there stays as it is, with exit code 1 and no request, unless --force writes it anew; your own files beside them stay.

    --from-break takes the first broken run of a watch from the store instead of the network, --last-good its last good
    one that was kept.

    EXAMPLES
      slothunter record https://www.paziresh24.com/dr/دکتر-نمونه/ --as sold-out --scrub 'نمونه رضایی'
      slothunter record --from-break paziresh24/دکتر-نمونه
      slothunter record --last-good paziresh24/دکتر-نمونه --as before
    """
  static let flags = [
    Flag("--param", "NAME=VALUE", repeats: true, "a parameter of the site"),
    Flag("--as", "CASE", "the case's name (default: the day)"),
    Flag("--scrub", "NAME", repeats: true, "exchange these words wherever they stand"),
    Flag("--now", "INSTANT", "run as of another time: 2026-10-06T00:00:00+03:30"),
    Flag("--from-break", "the first broken run of the watch, as the store has kept it"),
    Flag("--last-good", "the last good run of the watch that the store has kept"),
    Flag("--samples", "DIR", "the folder of the samples (default: samples beside the configuration)"),
    Flag("--force", "write anew a case that is there"),
    CommonFlags.origin, CommonFlags.config, CommonFlags.store,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let target = arguments.positionals.first else {
      throw CommandFailure(.usage, "one SITE, LINK or WATCH is needed")
    }
    let isKept = arguments.has("--from-break") || arguments.has("--last-good")
    if arguments.has("--from-break"), arguments.has("--last-good") {
      throw CommandFailure(.usage, "--from-break and --last-good exclude each other")
    }
    let (workspace, isComplete) = try secretWorkspace(arguments)
    let watch = try workspace.watch(target, params: try TryCommand.parameters(arguments.all("--param")))
    let (recording, folder) =
      try await isKept
      ? kept(watch, arguments, terminal) : live(watch, workspace, arguments, terminal)
    if !isComplete {
      terminal.err("a secret of the configuration can't be resolved here, so it could not be looked for")
    }
    let written = try await recording.write(
      to: folder, secrets: workspace.configuration?.secrets ?? [], names: arguments.all("--scrub"))
    return report(written, recording, terminal)
  }

  /// With the secrets themselves where they can be resolved: what is not known can't be taken out.
  private static func secretWorkspace(_ arguments: Arguments) throws(CommandFailure) -> (Workspace, isComplete: Bool) {
    let file = arguments["--config"] ?? Workspace.defaultFile
    guard Files.exists(file) else { return (try Workspace.sites(arguments), true) }
    let workspace = Workspace.load(file)
    if workspace.configuration != nil { return (workspace, true) }
    return (try Workspace.sites(arguments), false)
  }

  /// Where the case goes. Asked before the site is: a request that nobody needs is not sent.
  private static func folder(
    of watch: Watch, _ arguments: Arguments, default name: String
  ) throws(CommandFailure) -> String {
    let folder = SampleFolder.root(arguments) + "/\(watch.spec.id)/\(try caseName(arguments["--as"] ?? name))"
    guard arguments.has("--force") || !Files.exists(folder) else {
      throw CommandFailure(
        .negative, "\(folder) is there already, and stays as it is", help: "name another with --as, or use --force")
    }
    return folder
  }

  private static func caseName(_ name: String) throws(CommandFailure) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
    }
    guard isPlain, !name.isEmpty, !name.hasPrefix("-") else {
      throw CommandFailure(.usage, "'\(name)' is no name of a case", help: "small letters, digits and '-': sold-out")
    }
    return name
  }

  // MARK: From the network

  private static func live(
    _ watch: Watch, _ workspace: Workspace, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> (Recording, folder: String) {
    let time = SystemTime()
    let now = try arguments["--now"].map { try TryCommand.instant($0, zone: watch.spec.zone) } ?? time.now()
    let folder = try folder(of: watch, arguments, default: "recorded-" + watch.spec.zone.civil(of: now).date.text)
    let runner = WatchRunner(
      catalog: Builtins.catalog,
      sender: RequestSender(
        fetcher: try Network.fetcher(arguments, workspace.configuration), governor: OriginGovernor(time: time),
        time: time), time: time,
      userAgent: workspace.configuration?.userAgent ?? Configuration.defaultUserAgent)
    terminal.progress("reading \(watch.id) …")
    let result = await runner.run(watch, now: now)
    terminal.clearProgress()
    let exchanges = result.exchanges(of: watch.spec)
    guard !exchanges.isEmpty else {
      throw CommandFailure(
        .unavailable, "\(watch.id): nothing was answered: \(result.branches.first?.detail ?? result.verdict.rawValue)")
    }
    return (recording(watch, now, exchanges), folder)
  }

  private static func recording(_ watch: Watch, _ now: Instant, _ exchanges: [RunExchange]) -> Recording {
    Recording(
      spec: watch.spec, params: Dictionary(watch.params.map { ($0.name, $0.value) }) { first, _ in first }, now: now,
      exchanges: exchanges)
  }

  // MARK: From the store

  private static func kept(
    _ watch: Watch, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> (Recording, folder: String) {
    let store = try StoreAccess.open(arguments, mode: .readOnly)
    let isBreak = arguments.has("--from-break")
    guard let run = try await store.keptRun(of: watch.id, isGood: !isBreak) else {
      throw CommandFailure(
        .noInput, "no \(isBreak ? "break" : "good run") of \(watch.id) is kept",
        help: "`slothunter record \(ShellWord.quoted(watch.id))` reads it now")
    }
    var exchanges = run.bodies.compactMap(\.exchange)
    if isBreak, let good = try await store.keptRun(of: watch.id, isGood: true) {
      // What was not asked anew in the broken run was read from rows that a good one had kept.
      let asked = Set(exchanges.map(\.step))
      exchanges = good.bodies.compactMap(\.exchange).filter { !asked.contains($0.step) } + exchanges
      let order = watch.spec.steps.map(\.name)
      exchanges =
        order.flatMap { step in exchanges.filter { $0.step == step } }
        + exchanges.filter { !order.contains($0.step) }
    }
    if run.specVersion != watch.spec.version {
      terminal.err("\(watch.spec.file) was edited since: expected.json says what it makes of the answers now")
    }
    let name =
      isBreak
      ? SampleNames.broken(at: run.at, in: watch.spec.zone) : SampleNames.good(at: run.at, in: watch.spec.zone)
    return (recording(watch, run.at, exchanges), try folder(of: watch, arguments, default: name))
  }

  // MARK: What was done

  private static func report(_ written: Recording.Written, _ recording: Recording, _ terminal: Terminal) -> ExitCode {
    let items = written.replay.items.count
    terminal.out(
      "\(written.folder): \(written.replay.sample.exchanges.count) exchanges, verdict "
        + "\(written.replay.result.verdict.rawValue), \(items) items")
    let headers = Set(
      recording.exchanges.flatMap(\.response.headers).map { $0.name.lowercased() }
    ).intersection(["set-cookie", "authorization", "www-authenticate", "proxy-authenticate"])
    if !headers.isEmpty { terminal.out("  left out: \(headers.sorted().joined(separator: ", "))") }
    for (place, counts) in written.tally {
      let words = Scrubbing.Kind.allCases.compactMap { kind in counts[kind].map { "\(kind.rawValue) ×\($0)" } }
      terminal.out("  scrubbed: \(place): \(words.joined(separator: ", "))")
    }
    if written.tally.isEmpty { terminal.out("  nothing had to be scrubbed") }
    for step in written.unread {
      terminal.err("an answer of \(step) is no UTF-8: --scrub looks for Latin words only there")
    }
    guard !written.differences.isEmpty else { return .success }
    terminal.err("scrubbing has changed what is read:")
    for line in written.differences.flatMap(\.lines) { terminal.err("  " + line) }
    return .negative
  }
}
