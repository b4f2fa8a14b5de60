import Language
import PluginHost
import Scheduling
import Storage

/// Runs the canaries of all sites when they are due, through the same limits as any watch, and tells the maintainers when
/// one breaks and when it is well again. A break is told when a second run has found it, soon after the first. No end user
/// ever hears of one: nothing of it is a snapshot.
actor CanaryKeeper {
  private struct Entry: Sendable {
    var canary: Canary
    var watch: Watch
    var due: Duration
  }

  private let runner: WatchRunner
  private let store: Store
  private let time: any TimeSource
  private let random: RandomSource
  private let log: Log
  private let signal = WakeSignal()
  private var entries: [String: Entry] = [:]
  private var outlets = Outlets(channels: [], maintainers: [])

  init(runner: WatchRunner, store: Store, time: any TimeSource, random: RandomSource, log: Log) {
    self.runner = runner
    self.store = store
    self.time = time
    self.random = random
    self.log = log
  }

  /// Takes a configuration up. What ran not long ago keeps its time, over restarts too; what never did runs within a minute,
  /// what was broken and has another spec now at once.
  func apply(_ sites: [SiteSpec], _ outlets: Outlets) async throws {
    self.outlets = outlets
    // First: what is known of a site that is there again is known.
    let maintained = sites.map { MaintainedSite($0) }
    try await store.keepMaintained(maintained, now: time.now())
    let known = Dictionary(try await store.canaries().map { ($0.canary, $0) }) { first, _ in first }
    var fresh: [String: Entry] = [:]
    for site in sites {
      for canary in site.canaries {
        let watch = Watch(spec: site, params: canary.params, every: canary.every, subscriptions: [])
        var due = due(canary, known[watch.id], site)
        // A reload that does not concern it. Nor is a run under way thrown away.
        if let current = entries[watch.id], current.watch.spec.version == site.version { due = current.due }
        fresh[watch.id] = Entry(canary: canary, watch: watch, due: due)
      }
    }
    entries = fresh
    // Again: a run of what was taken out may have been stored meanwhile.
    try await store.keepMaintained(maintained, now: time.now())
    startIfNeeded()
    signal.wake()
  }

  private func due(_ canary: Canary, _ record: CanaryRecord?, _ site: SiteSpec) -> Duration {
    if let record {
      if record.isOwed(site.version) { return time.uptime() }
      if record.doubt != nil { return confirming(canary) }
    }
    let since = record.map { max(.zero, time.now() - $0.lastRunAt) }
    let wait = since.map { max(.zero, canary.every - $0) } ?? .zero
    // Spread, or a restart asks for all of them at once.
    return time.uptime() + wait + .seconds(60) * random.fraction()
  }

  private func confirming(_ canary: Canary) -> Duration {
    Schedule(every: canary.every).confirmingRun(uptime: time.uptime(), random: random)
  }

  private var wake: (@Sendable (Set<String>) async -> Void)?
  private var task: Task<Void, Never>?

  /// Runs them until ``end()``; most sites have none, and then nothing runs.
  ///
  /// - Parameter wake: Told which channels have something new to send.
  func begin(_ wake: @escaping @Sendable (Set<String>) async -> Void) {
    self.wake = wake
    startIfNeeded()
  }

  func end() {
    wake = nil
    task?.cancel()
  }

  private func startIfNeeded() {
    guard task == nil, !entries.isEmpty, let wake else { return }
    task = Task { await run(wake) }
  }

  func run(_ wake: @Sendable (Set<String>) async -> Void) async {
    while !Task.isCancelled {
      if let id = entries.filter({ $0.value.due <= time.uptime() }).keys.min() {
        do {
          await wake(try await runNow(id))
        } catch {
          log.error("canary could not be stored", ("canary", id), ("error", "\(error)"))
        }
      } else {
        let next = entries.values.map(\.due).min().map { $0 - time.uptime() }
        await signal.wait(atMost: next ?? .seconds(3600), time)
      }
    }
  }

  @discardableResult
  func runNow(_ id: String) async throws -> Set<String> {
    guard let entry = entries[id] else { return [] }
    // First: one that can't be stored must not be asked for again at once.
    entries[id]?.due = time.uptime() + entry.canary.every
    let now = time.now()
    let result = await runner.run(entry.watch, now: now)
    let judgement = CanaryJudgement.judge(result, entry.canary, entry.watch, now: now)
    let before = try await store.canaries().first { $0.canary == id }
    let version = entry.watch.spec.version
    // A reload meanwhile: what one spec has read says nothing of another, and a canary that was taken out has no record.
    guard entries[id]?.watch.spec.version == version else { return [] }
    var record = CanaryRecord(
      canary: id, site: entry.watch.spec.id, specVersion: version, lastRunAt: now, verdict: result.verdict,
      items: result.branches.reduce(0) { $0 + $1.items.count }, problem: before?.problem,
      doubt: before?.specVersion == version ? before?.doubt : nil, since: before?.since ?? now)
    let wasDoubted = record.doubt != nil
    record.take(judgement)
    // Once: what is left open then waits for the regular run.
    if record.doubt != nil, !wasDoubted { entries[id]?.due = confirming(entry.canary) }
    let turns = (before?.problem == nil) != (record.problem == nil)
    if turns { record.since = now }
    log.info(
      "canary", ("canary", id), ("verdict", result.verdict.rawValue), ("problem", record.problem),
      ("doubt", record.doubt))
    let channels = try await store.save(record, telling: turns ? messages(record, entry, now) : [])
    // Taken up while this was stored: it was not known then.
    if let current = entries[id], record.isOwed(current.watch.spec.version) {
      entries[id]?.due = time.uptime()
      signal.wake()
    }
    return channels
  }

  private func messages(_ record: CanaryRecord, _ entry: Entry, _ now: Instant) -> [NewDelivery] {
    outlets.forMaintainers(at: now, random) { language in
      CanaryWords(record: record, canary: entry.canary, spec: entry.watch.spec).message(language, at: now)
    }
  }
}

extension MaintainedSite {
  fileprivate init(_ spec: SiteSpec) {
    self.init(
      site: spec.id, steps: Set(spec.steps.map(\.name)),
      canaries: Set(
        spec.canaries.map { Watch(spec: spec, params: $0.params, every: $0.every, subscriptions: []).id }))
  }
}

/// A canary in a maintainer's message.
struct CanaryWords {
  var record: CanaryRecord
  var canary: Canary
  var spec: SiteSpec

  func message(_ language: String, at now: Instant) -> Message {
    let isPersian = language == "fa"
    let title =
      record.problem == nil
      ? (isPersian ? "سایت \(spec.id): نمونهٔ آزمون دوباره درست است" : "\(spec.id): the canary is well again")
      : (isPersian ? "سایت \(spec.id): نمونهٔ آزمون شکست" : "\(spec.id): a canary has broken")
    var lines = ["\(isPersian ? "نمونه" : "canary"): \(record.canary)"]
    if let problem = record.problem {
      lines.append("\(isPersian ? "دلیل" : "why"): \(problem)")
      lines.append("\(isPersian ? "محل" : "where"): \(spec.file), \(canary.keyPath)")
      let command = "slothunter record \(ShellWord.quoted(record.canary)) --as canary"
      lines.append("\(isPersian ? "ببینید" : "see it"): \(command)")
    }
    return Message(
      kind: .maintainer, site: spec.id, watch: record.canary, language: language, title: title,
      lines: lines.map { Message.Line(text: $0) }, at: now)
  }
}
