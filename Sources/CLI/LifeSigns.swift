import Engine
import Glibc
import Language
import PluginHost
import Synchronization

/// Whether the service lives, as its scheduler's loop tells: for systemd's watchdog and for `/healthz`.
final class LifeSigns: Sendable {
  /// Between two beats of the loop, where the service manager's watchdog asks for no less.
  static let interval = Duration.seconds(5)
  /// So many beats may fail to come before the loop is taken for stuck: 30 s.
  static let missed = 6
  /// Before its first beat: a start may look through a store of gigabytes. As `TimeoutStartSec` of the shipped unit.
  static let startPatience = Duration.seconds(300)

  let interval: Duration
  private let manager: ServiceManager?
  /// Uptime in nanoseconds.
  private let lastBeat: Atomic<Int64>
  private let isReady = Atomic<Bool>(false)

  init(_ manager: ServiceManager?) {
    self.manager = manager
    // Twice within the time, as systemd recommends.
    interval = min(LifeSigns.interval, manager?.watchdog.map { $0 / 2 } ?? LifeSigns.interval)
    // The start counts as a beat.
    lastBeat = Atomic(LifeSigns.now)
  }

  static func ofThisProcess() throws(CommandFailure) -> LifeSigns {
    do throws(ServiceManager.Problem) {
      return LifeSigns(try ServiceManager(Workspace.environment))
    } catch {
      throw CommandFailure(.usage, error.reason)
    }
  }

  var heartbeat: Heartbeat { Heartbeat(every: interval) { [self] in beat() } }

  /// How long the loop has been silent.
  var silence: Duration { .nanoseconds(max(0, LifeSigns.now - lastBeat.load(ordering: .relaxed))) }
  var isStuck: Bool {
    silence > (isReady.load(ordering: .relaxed) ? interval * LifeSigns.missed : LifeSigns.startPatience)
  }

  private func beat() {
    lastBeat.store(LifeSigns.now, ordering: .relaxed)
    let wasReady = isReady.exchange(true, ordering: .relaxed)
    // The first time round is what "started" means.
    if !wasReady { manager?.tell("READY=1") }
    if manager?.watchdog != nil { manager?.tell("WATCHDOG=1") }
  }

  /// A reload before the first beat is part of the start.
  func reloading() {
    guard isReady.load(ordering: .relaxed) else { return }
    // Systemd matches the answer to its request by this clock.
    manager?.tell("RELOADING=1", "MONOTONIC_USEC=\(LifeSigns.now / 1000)")
  }

  func reloaded() {
    if isReady.load(ordering: .relaxed) { manager?.tell("READY=1") }
  }

  func stopping() { manager?.tell("STOPPING=1") }

  private static var now: Int64 {
    let (seconds, attoseconds) = SystemTime().uptime().components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
