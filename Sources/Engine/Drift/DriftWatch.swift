import Language
import PluginHost
import Storage
import Synchronization

/// A good run that is to be sampled, when all who wait for its news have been woken.
struct PendingLook: Sendable {
  var result: RunResult
  var watch: Watch
  var outlets: Outlets
}

/// Notices that a site begins to change while it still reads well, and tells the maintainers once.
///
/// It looks at samples, not at every run: as many as ``SampleAllowance`` gives a site of runs that found something, and one
/// in ``quietPace`` of those that found nothing new. A sample reads the page once more, off the run's own path.
public actor DriftWatch {
  /// A settled site is looked at so often.
  static let quietPace = Duration.seconds(300)

  private struct Pace: Sendable {
    var allowance = SampleAllowance.looked
    var last: [String: Duration] = [:]
  }

  private struct Key: Hashable {
    var site: String
    var step: String
  }

  private let store: Store
  private let time: any TimeSource
  private let random: RandomSource
  private let log: Log
  private nonisolated let pace = Mutex(Pace())
  /// The last samples of each site.
  private var newest: [String: (watch: String, samples: [StepSample])] = [:]
  private var known: [Key: (version: String, stats: StepStats)] = [:]

  public init(store: Store, time: any TimeSource, random: RandomSource, log: Log) {
    self.store = store
    self.time = time
    self.random = random
    self.log = log
  }

  /// Takes a sample of a run.
  ///
  /// - Returns: The channels whose workers are to be woken.
  nonisolated func look(_ pending: PendingLook, _ runner: WatchRunner) async -> Set<String> {
    // An answer that is the last one to the byte says what that one said.
    let samples =
      pending.result.isRepetition
      ? nil : await DriftWatch.samples(pending.result, pending.watch.spec, runner)
    return await take(samples, of: pending.watch, pending.outlets)
  }

  /// Whether a good run of the site is to be sampled; asking takes the allowance.
  nonisolated func isDue(_ site: String, isQuiet: Bool) -> Bool {
    let now = time.uptime()
    return pace.withLock { pace in
      if isQuiet {
        guard pace.last[site].map({ now - $0 >= DriftWatch.quietPace }) ?? true else { return false }
      } else {
        guard pace.allowance.take(site, now: now) else { return false }
      }
      pace.last[site] = now
      return true
    }
  }

  /// One sample for each step that was asked in the run.
  static func samples(_ result: RunResult, _ spec: SiteSpec, _ runner: WatchRunner) async -> [StepSample] {
    let items = result.branches.flatMap(\.items)
    let pages = PageReading(catalog: runner.catalog, extraction: runner.extraction)
    var samples: [StepSample] = []
    for step in spec.steps {
      // What an outcome decided says nothing of where the rows are.
      let trace = result.trace.first {
        $0.step == step.name && $0.rule == "default" && $0.verdict.isGood && $0.rows > 0
      }
      guard let trace, let response = result.answer(to: trace) else { continue }
      let sample = StepSample(step, items)
      let found = await pages.look(at: response, step, of: spec) { page in
        page.map { page in
          var sample = sample
          sample.look(at: page)
          return sample
        }
      }
      if let found { samples.append(found) }
    }
    return samples
  }

  /// - Parameter samples: nil for those of the watch's last run, where that was the last one looked at.
  func take(_ samples: [StepSample]?, of watch: Watch, _ outlets: Outlets) async -> Set<String> {
    var channels: Set<String> = []
    if let samples { newest[watch.spec.id] = (watch.id, samples) }
    guard let found = newest[watch.spec.id], found.watch == watch.id else { return [] }
    for sample in found.samples {
      do {
        var stats = try await stats(of: watch.spec, sample.step)
        let news = stats.add(sample, of: watch.id)
        channels.formUnion(try await keep(stats, sample.step, news, watch, outlets))
      } catch {
        log.error("drift could not be noted", ("site", watch.spec.id), ("error", "\(error)"))
      }
    }
    return channels
  }

  private func stats(of spec: SiteSpec, _ step: String) async throws -> StepStats {
    let key = Key(site: spec.id, step: step)
    if let known = known[key], known.version == spec.version { return known.stats }
    // Another version reads in another way: its samples say nothing of this one's.
    let record = try await store.drift(site: spec.id).first { $0.step == step && $0.specVersion == spec.version }
    // Another sample may have come meanwhile.
    if let known = known[key], known.version == spec.version { return known.stats }
    return record.map { StepStats($0.stats) } ?? StepStats()
  }

  private func keep(
    _ stats: StepStats, _ step: String, _ news: [DriftNews], _ watch: Watch, _ outlets: Outlets
  ) async throws -> Set<String> {
    let now = time.now()
    let spec = watch.spec
    // What one sample shows to have changed is one change of the site.
    let messages = [news.filter(\.isLoss), news.filter { !$0.isLoss }].filter { !$0.isEmpty }
    let deliveries = messages.flatMap { pieces in
      outlets.forMaintainers(at: now, random) { language in
        DriftWords(spec: spec, step: step, watch: watch.id, news: pieces).message(language, at: now)
      }
    }
    // Before it is stored: the next sample builds on this one, or both would tell the same.
    let key = Key(site: spec.id, step: step)
    known[key] = (spec.version, stats)
    let channels: Set<String>
    do {
      channels = try await store.save(
        DriftRecord(
          site: spec.id, step: step, specVersion: spec.version, stats: stats.json, updatedAt: now), telling: deliveries)
    } catch {
      known[key] = nil
      throw error
    }
    for piece in news {
      log.warn("drift", ("site", spec.id), ("step", step), ("what", DriftWords.kind(piece)), ("watch", watch.id))
    }
    return channels
  }
}
