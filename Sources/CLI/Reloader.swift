import Engine
import Glibc
import PluginHost

/// Takes a changed configuration up: everything is validated first, and what is wrong changes nothing.
actor Reloader {
  /// How often files are looked at. Their stamps are compared, so rename, truncate, swap files and symlinks are all seen.
  static let interval = Duration.seconds(1)

  private let service: Service
  private let log: Log
  private let signs: LifeSigns
  private let endpoint: MetricsEndpoint
  private var workspace: Workspace
  private var stamps: [String: FileStamp]
  private var latest: Task<Void, Never>?
  /// What is looked at: the files that run, and those that the last attempt would have read.
  private var paths: [String]

  init(workspace: Workspace, service: Service, log: Log, signs: LifeSigns, endpoint: MetricsEndpoint) {
    self.signs = signs
    self.endpoint = endpoint
    self.workspace = workspace
    self.service = service
    self.log = log
    paths = workspace.paths
    stamps = FileStamp.all(workspace.paths)
  }

  /// Looks at the files until cancelled. A change is taken up when the files have been still for one interval.
  func watchFiles() async {
    var pending: [String: FileStamp]?
    while !Task.isCancelled {
      // Cancelled: the service ends.
      do { try await SystemTime().sleep(for: Reloader.interval) } catch { return }
      let now = FileStamp.all(paths)
      if now == stamps {
        pending = nil
      } else if now == pending {
        await reload(because: "a file was saved")
        pending = nil
      } else {
        pending = now
      }
    }
  }

  /// One at a time, in the order asked for: a saved file and a SIGHUP may come together.
  func reload(because cause: String) async {
    let before = latest
    let task = Task {
      await before?.value
      await takeUp(because: cause)
    }
    latest = task
    await task.value
  }

  private func takeUp(because cause: String) async {
    signs.reloading()
    defer { signs.reloaded() }
    service.meters.reloaded(await isTakenUp(because: cause))
  }

  private func isTakenUp(because cause: String) async -> Bool {
    Failpoint.reach(.beforeReload)
    let before = FileStamp.all(paths)
    var fresh = Workspace.load(workspace.file, keeping: workspace.sites)
    // A file that is new to this attempt may be the one with the mistake: its mending must be seen.
    let known = Set(paths)
    let added = fresh.paths.filter { !known.contains($0) }
    paths += added
    stamps = before.merging(FileStamp.all(added)) { old, _ in old }
    for diagnostic in fresh.diagnostics where diagnostic.severity == .error {
      log.error("configuration rejected", ("at", "\(diagnostic.location)"), ("reason", diagnostic.message))
    }
    guard var configuration = fresh.configuration else {
      log.error("reload failed, what runs goes on", ("cause", cause))
      return false
    }
    Failpoint.reach(.afterReading)
    do {
      try await service.apply(configuration)
      configuration.watches = []
      fresh.forgetWatches()
      workspace = fresh
      paths = fresh.paths
      stamps = stamps.filter { Set(fresh.paths).contains($0.key) }
      Failpoint.reach(.afterReload)
      service.meters.sitesFailed(fresh.failedSites.count)
      takeMetrics(configuration.metrics)
      log.info("reloaded", ("cause", cause), ("kept", fresh.failedSites.keys.sorted().joined(separator: ",")))
      return true
    } catch {
      log.error("reload failed, what runs goes on", ("cause", cause), ("reason", "\(error)"))
      return false
    }
  }

  private func takeMetrics(_ settings: MetricsSettings?) {
    do throws(CommandFailure) {
      try endpoint.take(settings)
    } catch {
      log.error("metrics stay where they are", ("reason", error.message))
    }
  }
}

/// What tells a file from the same file after an edit.
struct FileStamp: Hashable, Sendable {
  var inode: UInt
  var size: Int
  var seconds: Int
  var nanoseconds: Int

  static func all(_ paths: [String]) -> [String: FileStamp] {
    Dictionary(paths.compactMap { path in FileStamp(path).map { (path, $0) } }) { first, _ in first }
  }

  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    inode = UInt(info.st_ino)
    size = Int(info.st_size)
    seconds = info.st_mtim.tv_sec
    nanoseconds = info.st_mtim.tv_nsec
  }
}
