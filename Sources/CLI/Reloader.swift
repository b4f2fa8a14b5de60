import Diagnostics
import Engine
import Glibc
import Language
import PluginHost
import SiteSpecs

/// Takes a changed configuration up: everything is validated first, an edited spec is run on its samples, and what is
/// wrong changes nothing. docs/authoring.md tells maintainers of it, ADR 28 why it is so.
actor Reloader {
  /// How often files are looked at where nothing tells that they were saved.
  static let interval = Duration.seconds(1)
  /// How long a file must stay as it is after its writer has closed it: an editor may save in several moves.
  static let settle = Duration.milliseconds(100)
  /// The same where nobody has seen it closed: what writes it may still be at it.
  static let settleUnseen = Duration.seconds(1)
  /// What changes all the time is taken up all the same, as it is after so long.
  static let patience = Duration.seconds(5)

  private let service: Service
  private let log: Log
  private let signs: LifeSigns
  private let endpoint: MetricsEndpoint
  private let events = FolderEvents()
  private let shadow: ShadowRun
  private var workspace: Workspace
  private var files: LiveFiles
  private var rejected = RejectedFiles()
  private var latest: Task<Void, Never>?
  /// The uptime at which what was saved could not be taken up, for no fault of the files.
  private var failedAt: Duration?
  /// Versions that were run on their samples, with why they are not wanted; of each site the newest only.
  private var judged: [String: Judgement] = [:]

  private struct Judgement {
    var version: ConfigurationLoader.SpecVersion
    var refusal: Diagnostic?
    /// What it was judged by.
    var circumstances: Circumstances
  }

  private struct Circumstances: Equatable {
    var samples: [String: FileStamp]
    /// Whether the running version can't read the site.
    var isBroken: Bool
  }

  /// - Parameter stamps: Of the workspace's files, taken before they were read.
  init(
    workspace: Workspace, stamps: [String: FileStamp], service: Service, log: Log, signs: LifeSigns,
    endpoint: MetricsEndpoint
  ) {
    self.signs = signs
    self.endpoint = endpoint
    self.workspace = workspace
    self.service = service
    self.log = log
    files = LiveFiles(workspace.paths, contents: workspace.contents, stamps: stamps)
    shadow = ShadowRun(
      folder: ShadowRun.folder(beside: workspace.file),
      extraction: ExtractionPool(settings: ExtractionPool.Settings(threads: 1), time: SystemTime()) { _, _ in })
  }

  /// Looks at the files until cancelled. A change is taken up when the files have been still for a moment.
  func watchFiles() async {
    if events == nil { log.info("files are looked at each second: no inotify here") }
    events?.follow(files.paths)
    await tellRejected()
    let ticks = Reloader.ticks(events)
    for await _ in ticks {
      if Task.isCancelled { return }
      await look()
    }
  }

  /// Each second, and as soon as a file was saved.
  private static func ticks(_ events: FolderEvents?) -> AsyncStream<Void> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let clock = Task {
        // Also without an event: a network folder tells none, nor does a folder beyond the machine's limit of watches.
        // Cancelled, the service ends.
        while (try? await SystemTime().sleep(for: interval)) != nil { continuation.yield() }
        continuation.finish()
      }
      let told = events.map { events in Task { for await _ in events.happened { continuation.yield() } } }
      continuation.onTermination = { _ in
        clock.cancel()
        told?.cancel()
      }
    }
  }

  /// Takes up what was saved, when it is still.
  private func look() async {
    if await forgetOutdatedRefusals() { return await reload(because: "what a version was refused for has changed") }
    if let failedAt, SystemTime().uptime() - failedAt > Reloader.patience {
      return await reload(because: "the last one failed")
    }
    var suspects = files.suspects()
    guard !suspects.isEmpty else { return }
    // A symlink may lead elsewhere now.
    events?.follow(files.paths)
    // Those that are whole: their writer has closed them since they last looked different.
    var whole = events?.takeSaved() ?? []
    let begun = SystemTime().uptime()
    while !suspects.isEmpty {
      let isWhole = suspects.keys.allSatisfy(whole.contains)
      // An editor saves in several moves (truncate, write, rename), and nothing tells which is the last.
      do { try await SystemTime().sleep(for: isWhole ? Reloader.settle : Reloader.settleUnseen) } catch { return }
      let now = files.suspects()
      whole = whole.filter { now[$0] == suspects[$0] }.union(events?.takeSaved() ?? [])
      let isStill = now == suspects
      suspects = now
      if isStill || isWhole && now.keys.allSatisfy(whole.contains) { break }
      if SystemTime().uptime() - begun > Reloader.patience { break }
    }
    let changed = files.changed(among: suspects)
    guard !changed.isEmpty else { return }
    await reload(because: "a file was saved")
  }

  /// One at a time, in the order asked for: a saved file and a SIGHUP may come together.
  ///
  /// - Parameter isForced: What an operator asks for is taken up whatever the samples say.
  func reload(because cause: String, isForced: Bool = false) async {
    let before = latest
    let task = Task {
      await before?.value
      await takeUp(because: cause, isForced)
    }
    latest = task
    await task.value
  }

  private func takeUp(because cause: String, _ isForced: Bool) async {
    signs.reloading()
    defer { signs.reloaded() }
    service.meters.reloaded(await isTakenUp(because: cause, isForced))
    await tellRejected()
  }

  private func isTakenUp(because cause: String, _ isForced: Bool) async -> Bool {
    Failpoint.reach(.beforeReload)
    var (fresh, stamps) = await loadStill(isForced)
    // A file that is new to this attempt may be the one with the mistake: its mending must be seen.
    let known = Set(fresh.paths)
    let others = fresh.configuration == nil ? files.paths.filter { !known.contains($0) } : []
    // A path that was not known before has no stamp from before its reading: it is looked at once more.
    files.take(fresh.paths, and: others, contents: fresh.contents, stamps: stamps)
    events?.follow(files.paths)
    judged = judged.filter { $0.value.refusal == nil || fresh.failedSites[$0.key] != nil }
    for rejection in rejected.take(RejectedFiles.found(in: fresh)) {
      for problem in rejection.problems {
        log.error("configuration rejected", ("at", "\(problem.location)"), ("reason", problem.message))
      }
    }
    guard var configuration = fresh.configuration else {
      log.error("reload failed, what runs goes on", ("cause", cause))
      return false
    }
    Failpoint.reach(.afterReading)
    failedAt = nil
    do {
      try await service.apply(configuration)
      configuration.watches = []
      fresh.forgetWatches()
      tellVersions(of: fresh.sites, before: workspace.sites)
      workspace = fresh
      Failpoint.reach(.afterReload)
      service.meters.sitesFailed(fresh.failedSites.count)
      takeMetrics(configuration.metrics)
      log.info("reloaded", ("cause", cause), ("kept", fresh.failedSites.keys.sorted().joined(separator: ",")))
      return true
    } catch {
      failedAt = SystemTime().uptime()
      log.error("reload failed, what runs goes on, tried again", ("cause", cause), ("reason", "\(error)"))
      return false
    }
  }

  /// What the files say while nobody writes to them: half a file may be valid, and nobody meant it.
  private func loadStill(_ isForced: Bool) async -> (Workspace, stamps: [String: FileStamp]) {
    let begun = SystemTime().uptime()
    while true {
      let stamps = FileStamp.all(files.paths)
      let fresh = await load(isForced)
      if FileStamp.all(files.paths) == stamps || SystemTime().uptime() - begun > Reloader.patience {
        return (fresh, stamps)
      }
      // Saved again while it was read: once its writer is done. Cancelled, the service ends and takes up nothing more.
      do { try await SystemTime().sleep(for: Reloader.settle) } catch { return (fresh, stamps) }
    }
  }

  /// What the files say, without versions that their samples refuse. Read again where that leaves one out, and a file may
  /// have been saved meanwhile: then that version is judged too.
  private func load(_ isForced: Bool) async -> Workspace {
    while true {
      let refused = isForced ? [:] : refusals
      let fresh = Workspace.load(workspace.file, keeping: workspace.sites, refusing: refused)
      let running = Dictionary(workspace.sites.map { ($0.id, $0.version) }) { first, _ in first }
      let edited = fresh.sites.filter { spec in
        running[spec.id].map { $0 != spec.version } ?? false && judged[spec.id]?.version != .init(spec)
      }
      var hasRefused = false
      for spec in edited {
        let circumstances = await circumstances(of: spec.id)
        let refusal = await judge(spec, isBroken: circumstances.isBroken)
        judged[spec.id] = Judgement(version: .init(spec), refusal: refusal, circumstances: circumstances)
        hasRefused = hasRefused || refusal != nil
      }
      if isForced {
        for spec in fresh.sites { judged[spec.id]?.refusal = nil }
        return fresh
      }
      if !hasRefused { return fresh }
    }
  }

  private var refusals: [ConfigurationLoader.SpecVersion: Diagnostic] {
    judged.values.reduce(into: [:]) { refused, entry in refused[entry.version] = entry.refusal }
  }

  /// Runs an edited spec on its samples.
  ///
  /// A version is refused for them only where the one that runs can read its site: where it can't, the site has changed,
  /// and the samples are of how it was.
  private func judge(_ spec: SiteSpec, isBroken: Bool) async -> Diagnostic? {
    let begun = SystemTime().uptime()
    let finding = await shadow.judge(spec, against: workspace.sites.first { $0.id == spec.id })
    let elapsed = ("elapsed_ms", Optional("\((SystemTime().uptime() - begun).inMilliseconds)"))
    switch finding {
    case .noSamples:
      log.info("no samples to run the new version on", ("site", spec.id), ("version", spec.version))
    case .fits(let count, let changed, let unanswered):
      log.info(
        "samples read as expected", ("site", spec.id), ("version", spec.version), ("samples", "\(count)"),
        ("other_items", changed.isEmpty ? nil : changed.joined(separator: ",")),
        ("no_answer_to_it", unanswered.isEmpty ? nil : unanswered.joined(separator: ",")), elapsed)
    case .breaks(let breaks):
      log.warn(
        "samples read otherwise", ("site", spec.id), ("version", spec.version), ("sample", breaks.first?.words),
        ("taken", isBroken ? "yes: the running version can't read the site" : "no"), elapsed)
      return isBroken ? nil : ShadowRun.refusal(of: spec, for: breaks)
    }
    return nil
  }

  private func circumstances(of site: String) async -> Circumstances {
    let troubles = (try? await service.openTroubles()) ?? []
    let isBroken = !troubles.isDisjoint(with: SiteTroubles.breaks(of: site))
    return Circumstances(samples: shadow.stamps(of: site), isBroken: isBroken)
  }

  /// Whether a version was refused for samples that are others now, or for the sake of one that can't read its site any
  /// more: then it is asked again.
  private func forgetOutdatedRefusals() async -> Bool {
    var isAny = false
    for (site, judgement) in judged where judgement.refusal != nil {
      guard await circumstances(of: site) != judgement.circumstances else { continue }
      judged[site] = nil
      isAny = true
    }
    return isAny
  }

  /// Also at the start: a file that was mended while nothing ran ends its incident.
  private func tellRejected() async {
    if rejected.open.isEmpty { _ = rejected.take(RejectedFiles.found(in: workspace)) }
    let running = workspace.sites
    do {
      try await rejected.tell(service) { rejection in
        running.first { $0.file == rejection.file }.map { "the version \($0.version)" }
      }
    } catch {
      log.error("maintainers could not be told of a rejected file", ("error", "\(error)"))
    }
  }

  private func tellVersions(of sites: [SiteSpec], before: [SiteSpec]) {
    let old = Dictionary(before.map { ($0.id, $0.version) }) { first, _ in first }
    for site in sites where old[site.id] != site.version {
      log.info("spec taken up", ("site", site.id), ("version", site.version), ("before", old[site.id]))
    }
    for id in Set(old.keys).subtracting(sites.map(\.id)).sorted() { log.info("spec removed", ("site", id)) }
  }

  private func takeMetrics(_ settings: MetricsSettings?) {
    do throws(CommandFailure) {
      try endpoint.take(settings)
    } catch {
      log.error("metrics stay where they are", ("reason", error.message))
    }
  }
}
