import Language
import PluginHost
import Storage

/// Runs the canaries of all sites when they are due, through the same limits as any watch, and tells the maintainers when
/// one breaks and when it is well again. No end user ever hears of one: nothing of it is a snapshot.
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

  /// Takes a configuration up. What ran not long ago keeps its time, over restarts too; what never did runs within a minute.
  func apply(_ sites: [SiteSpec], _ outlets: Outlets) async throws {
    self.outlets = outlets
    let known = Dictionary(try await store.canaries().map { ($0.canary, $0) }) { first, _ in first }
    var fresh: [String: Entry] = [:]
    for site in sites {
      for canary in site.canaries {
        let watch = Watch(spec: site, params: canary.params, every: canary.every, subscriptions: [])
        let since = known[watch.id].map { max(.zero, time.now() - $0.lastRunAt) }
        let wait = since.map { max(.zero, canary.every - $0) } ?? .zero
        // Spread, or a restart asks for all of them at once.
        fresh[watch.id] = Entry(
          canary: canary, watch: watch, due: time.uptime() + wait + .seconds(60) * random.fraction())
      }
    }
    entries = fresh
    try await store.keepCanaries(Set(fresh.keys))
    startIfNeeded()
    signal.wake()
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
    var record = CanaryRecord(
      canary: id, site: entry.watch.spec.id, lastRunAt: now, verdict: result.verdict,
      items: result.branches.reduce(0) { $0 + $1.items.count }, problem: before?.problem, since: before?.since ?? now)
    switch judgement {
    case .well: record.problem = nil
    case .broken(let problem): record.problem = problem
    // What it was it still is, as far as anybody knows.
    case .unknown: break
    }
    let turns = (before?.problem == nil) != (record.problem == nil)
    if turns { record.since = now }
    log.info(
      "canary", ("canary", id), ("verdict", result.verdict.rawValue), ("problem", record.problem))
    return try await store.save(record, telling: turns ? messages(record, entry, now) : [])
  }

  private func messages(_ record: CanaryRecord, _ entry: Entry, _ now: Instant) -> [NewDelivery] {
    outlets.forMaintainers(at: now, random) { language in
      CanaryWords(record: record, canary: entry.canary, spec: entry.watch.spec).message(language, at: now)
    }
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
