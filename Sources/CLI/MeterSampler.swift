import Dispatch
import Engine
import Metrics
import PluginHost
import Storage
import Synchronization

/// Looks up what nobody counts, when a scrape asks: through a reader of its own, so that no commit waits for it, and one
/// look at a time, so that no scrape costs more than the one before.
final class MeterSampler: Sendable {
  /// Figures that are younger are not looked up again.
  static let freshness = Duration.seconds(5)
  /// A scrape gets what is known after so many seconds, and the look goes on.
  static let patience = 0.25
  /// Counting what died reads every delivery that is kept.
  static let deadFreshness = Duration.seconds(60)

  private let service: Service
  private let reader: Store
  private let time = SystemTime()

  private struct State {
    var sampledAt: Duration?
    var isLooking = false
    var dead: (counts: [String: Int], at: Duration)?
  }
  private let state = Mutex(State())

  /// - Parameter store: Path of the service's store, which must be there.
  init(_ service: Service, store: String) throws {
    self.service = service
    reader = try Store(path: store, mode: .readOnly)
  }

  /// Returns when the figures are fresh, or when ``patience`` is over. Blocks its thread: not for a task.
  func freshen() {
    let isDue = state.withLock { state in
      let isFresh = state.sampledAt.map { time.uptime() - $0 < MeterSampler.freshness } ?? false
      defer { if !isFresh { state.isLooking = true } }
      return !isFresh && !state.isLooking
    }
    if isDue {
      let done = DispatchSemaphore(value: 0)
      Task {
        await look()
        done.signal()
      }
      _ = done.wait(timeout: .now() + MeterSampler.patience)
    }
    let age = state.withLock { $0.sampledAt }.map { time.uptime() - $0 }
    service.meters.sampled(age)
  }

  private func look() async {
    let now = time.uptime()
    let known = state.withLock { $0.dead }.flatMap { now - $0.at < MeterSampler.deadFreshness ? $0.counts : nil }
    let sample = try? await service.sample(reader, dead: known)
    state.withLock { state in
      state.isLooking = false
      guard let sample else { return }
      state.sampledAt = now
      if known == nil {
        let counts = sample.outbox.channels.map { ($0.name, $0.dead) }
        state.dead = (Dictionary(counts) { first, _ in first }, now)
      }
    }
    sample?.publish(in: service.meters.registry, now: time.now())
  }
}
