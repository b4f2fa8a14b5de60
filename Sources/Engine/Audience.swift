import Language
import Matching
import PluginHost

/// Who hears of a run, as things stand when it is stored: a reload may have come while the run was under way.
struct Audience: Sendable {
  /// As it was when the run began, but for its subscriptions.
  var watch: Watch
  var outlets: Outlets
  /// What the watch's `every` comes to within its origins' limits.
  var interval: Duration
  /// How long until the next run, where the calendar says it: from the moment on that this was asked.
  var next: Duration?

  /// - Parameter current: The watch as it is now; nil where it is watched no more.
  init(of run: Watch, current: Watch?, outlets: Outlets, interval: Duration) {
    watch = run
    watch.subscribers = Audience.subscribers(of: run, current: current)
    self.outlets = outlets
    self.interval = interval
  }

  /// The same, with times counted from the beginning of a run that has lasted so long.
  func after(_ elapsed: Duration) -> Audience {
    var audience = self
    audience.next = next.map { $0 + elapsed }
    return audience
  }

  /// Those of now. Where the spec was edited meanwhile their conditions may ask for fields that this run did not read:
  /// then those of then, as far as the same people still want to hear.
  private static func subscribers(of run: Watch, current: Watch?) -> Subscribers {
    guard let current else { return Subscribers([], zone: run.spec.zone) }
    if current.spec.version == run.spec.version { return current.subscribers }
    let wanted = Set(current.subscribers.leads.map(current.subscribers.key))
    return run.subscribers.narrowed { wanted.contains(run.subscribers.key(of: $0)) }.subscribers
  }
}

/// Runs that are being stored, with the reload after which each asked who is to hear of it.
///
/// A reload waits for those that asked before it: what they tell is in the outbox when it cancels what waits for people
/// who were taken out, and nothing is made for them after.
struct Storings {
  private var reload = 0
  private var open: [String: Int] = [:]
  private var waiting: [CheckedContinuation<Void, Never>] = []

  mutating func begin(_ watch: String) { open[watch] = reload }

  mutating func end(_ watch: String) {
    open[watch] = nil
    let woken = waiting
    waiting = []
    for continuation in woken { continuation.resume() }
  }

  /// - Returns: The number of this reload, for ``mustWait(_:)``.
  mutating func beginReload() -> Int {
    reload += 1
    return reload
  }

  func mustWait(_ reload: Int) -> Bool { open.values.contains { $0 < reload } }

  mutating func wait(_ continuation: CheckedContinuation<Void, Never>) { waiting.append(continuation) }
}
