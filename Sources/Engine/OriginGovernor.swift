import Language
import PluginHost
import Scheduling
import Storage

/// Politeness, per origin, shared by every spec and worker of the process, and kept over its restarts.
public actor OriginGovernor {
  /// A request that would have to wait longer, because the origin asked for silence or keeps failing, is not sent in
  /// this run. Found by judgement: a third of the shortest interval, so that a run ends before the next is due.
  static let patience = Duration.seconds(20)
  /// Origins that are held in memory; beyond it those go of which nothing is to be remembered.
  static let crowd = 10_000

  /// A request that was let in, for ``leave(_:result:reached:)``.
  struct Pass: Sendable {
    var origin: String
    var ticket: UInt64
    /// It could not go at once.
    var waited: Bool
  }

  private var budgets: [String: OriginBudget] = [:]
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
  /// Requests that sleep until their time, by number in the order they came: an answer may bring it forward.
  private var sleeping: [String: [Int: WakeSignal]] = [:]
  private var sleeps = 0
  private var sweepAt = OriginGovernor.crowd
  private var connectivity = Connectivity()
  private let time: any TimeSource
  private let random: RandomSource
  private let log: Log

  private var store: Store?
  /// When this process began to ask, where another may have asked before it.
  private var takeover: Duration?
  /// What the store remembers of origins.
  private var remembered: Set<String> = []
  private var onConnectivity: (@Sendable (_ isOffline: Bool) async -> Void)?
  private var isTelling = false

  public init(time: any TimeSource, random: RandomSource = .system, log: Log = .none) {
    self.time = time
    self.random = random
    self.log = log
  }

  /// Takes up what earlier processes knew. Until then, and without it, every origin is new.
  ///
  /// - Parameter onConnectivity: Told when nothing has been reached for ``Connectivity/patience``, and when that is over.
  func recall(from store: Store, onConnectivity: @escaping @Sendable (_ isOffline: Bool) async -> Void) async throws {
    guard self.store == nil else { return }
    isTelling = try await store.openIncidents()[Trouble.offline.key] != nil
    self.onConnectivity = onConnectivity
    try await read(store)
    self.store = store
  }

  /// As ``recall(from:onConnectivity:)``, and writes nothing.
  func read(_ store: Store) async throws {
    let (now, uptime) = (time.now(), time.uptime())
    let records = try await store.origins(now: now)
    let isFirst = try await !store.hasRun()
    takeover = isFirst ? nil : uptime
    for record in records {
      remembered.insert(record.origin)
      // A clock that was set back while nothing ran must not make a minute's silence one of days.
      // Stored instants are whole milliseconds: none too early.
      func rest(_ until: Instant) -> Duration {
        uptime + min(until - now, max(.zero, until - record.toldAt)) + .milliseconds(2)
      }
      var budget = budget(of: record.origin, OriginLimits())
      budget.take(
        OriginBudget.Memory(
          silentUntil: rest(record.silentUntil), closedUntil: rest(record.closedUntil), failures: record.failures,
          pauses: record.pauses), at: uptime)
      budgets[record.origin] = budget
    }
  }

  /// Returns when a request to `origin` may start. The strictest limits ever given for an origin hold.
  ///
  /// - Parameter begun: As ``RequestSender/send(_:limits:begun:)`` takes it.
  /// - Throws: `.heldBack` where the origin is to be left alone for longer than ``patience``; `.offline`; `.cancelled`.
  @discardableResult
  func enter(origin: String, limits: Limits, begun: RunBeginning? = nil) async throws(FetchFailure) -> Pass {
    restrict(origin, OriginLimits(limits))
    var waited = false
    while true {
      guard !Task.isCancelled else {
        wakeNext(origin)
        throw FetchFailure(.cancelled, "cancelled while waiting for its turn")
      }
      guard connectivity.admits(origin, at: time.uptime()) else {
        wakeNext(origin)
        throw FetchFailure(.offline, "nothing can be reached from here: \(origin) was not asked")
      }
      switch budgets[origin, default: OriginBudget(limits: OriginLimits(limits))].admit(
        at: time.uptime(), begun: begun?.instant)
      {
      case .go:
        connectivity.asks(origin, at: time.uptime())
        return Pass(origin: origin, ticket: budgets[origin]?.ticket ?? 0, waited: waited)
      case .busy:
        waited = true
        await withCheckedContinuation { waiting[origin, default: []].append($0) }
      case .wait(let wait):
        guard wait <= patience(with: origin) else {
          wakeNext(origin)
          throw FetchFailure(.heldBack, "\(origin) is left alone for another \(wait.components.seconds) s")
        }
        waited = true
        await sleep(wait, origin)
      }
    }
  }

  /// What came back for a request that was let in.
  ///
  /// - Returns: Whether it failed because nothing can be reached from here.
  @discardableResult
  func leave(_ pass: Pass, result: OriginBudget.Result, reached: Reach) async -> Bool {
    let origin = pass.origin
    // What fails while nothing can be reached says nothing about the origin.
    let isOffline = connectivity.offlineSince != nil && reached == .unreachable
    budgets[origin]?.finished(
      isOffline ? .cancelled : result, at: time.uptime(), random: random, ticket: pass.ticket)
    note(reached, origin)
    wakeNext(origin)
    if budgets[origin]?.limits.rates.isEmpty == false { wake(origin) }
    await keep(origin)
    return connectivity.offlineSince != nil && reached == .unreachable
  }

  // MARK: Limits

  private func restrict(_ origin: String, _ limits: OriginLimits) {
    if let known = budgets[origin] {
      let strictest = OriginLimits.merge([known.limits, limits])
      if strictest != known.limits { budgets[origin]?.limits = strictest }
    } else {
      if budgets.count >= sweepAt { forgetIdle() }
      budgets[origin] = budget(of: origin, limits)
    }
  }

  private func budget(of origin: String, _ limits: OriginLimits) -> OriginBudget {
    var budget = OriginBudget(limits: limits)
    if let takeover { budget.assumeSpent(at: takeover) }
    return budget
  }

  /// An origin whose requests are further apart than that waits for its turn, not in vain.
  private func patience(with origin: String) -> Duration {
    let limits = budgets[origin]?.limits
    let longest = limits?.rates.map { $0.per + .seconds(1) }.max() ?? .zero
    return max(OriginGovernor.patience, limits?.gap ?? .zero, limits?.pause ?? .zero, min(longest, .seconds(60)))
  }

  private func forgetIdle() {
    let now = time.uptime()
    budgets = budgets.filter { !$0.value.isIdle(at: now) }
    // Looked at again when as many have come: no origin costs more than a few steps.
    sweepAt = max(OriginGovernor.crowd, 2 * budgets.count)
  }

  // MARK: Waiting

  private func sleep(_ wait: Duration, _ origin: String) async {
    let signal = WakeSignal()
    sleeps += 1
    let number = sleeps
    sleeping[origin, default: [:]][number] = signal
    await signal.wait(atMost: wait, time)
    sleeping[origin]?[number] = nil
    if sleeping[origin]?.isEmpty == true { sleeping[origin] = nil }
  }

  private func wake(_ origin: String) {
    guard let signals = sleeping[origin] else { return }
    // In their order: who came first is asked for first.
    for (_, signal) in signals.sorted(by: { $0.key < $1.key }) { signal.wake() }
  }

  /// Origins by how they stand.
  func census() -> [OriginState: Int] { budgets.values.reduce(into: [:]) { $0[$1.state, default: 0] += 1 } }

  /// As many as there are free places: after a probe that was answered that is more than the one it had.
  private func wakeNext(_ origin: String) {
    guard var queue = waiting[origin], !queue.isEmpty else { return }
    let woken = min(queue.count, max(1, budgets[origin]?.freePlaces ?? 1))
    for waiter in queue.prefix(woken) { waiter.resume() }
    queue.removeFirst(woken)
    waiting[origin] = queue.isEmpty ? nil : queue
  }

  // MARK: Memory

  /// Writes what an origin asked for before anything else is done with it: the process may die at any moment.
  private func keep(_ origin: String) async {
    guard let store else { return }
    let (now, uptime) = (time.now(), time.uptime())
    do {
      if let memory = budgets[origin]?.memory(at: uptime) {
        remembered.insert(origin)
        try await store.rememberOrigin(
          OriginRecord(
            origin: origin, toldAt: now, silentUntil: now + (memory.silentUntil - uptime),
            closedUntil: now + (memory.closedUntil - uptime), failures: memory.failures, pauses: memory.pauses))
      } else if remembered.contains(origin), budgets[origin]?.failures == 0 {
        remembered.remove(origin)
        try await store.forgetOrigin(origin)
      }
    } catch {
      // It holds in this process all the same.
      log.warn("an origin's wish could not be stored", ("origin", origin), ("error", "\(error)"))
    }
  }

  // MARK: Offline

  private func note(_ reached: Reach, _ origin: String) {
    switch reached {
    case .answered:
      if connectivity.answered() { log.info("online again", ("origin", origin)) }
      // An earlier process may have told it.
      if isTelling {
        isTelling = false
        let tell = onConnectivity
        Task { await tell?(false) }
      }
    case .unreachable:
      guard connectivity.missed(origin, at: time.uptime()) else { return }
      log.warn("offline: no origin can be reached")
      Task { await tellIfItLasts() }
    case .unknown: break
    }
  }

  private func tellIfItLasts() async {
    let since = connectivity.offlineSince
    // Cancelled: the service ends.
    do { try await time.sleep(for: Connectivity.patience) } catch { return }
    guard let since, connectivity.offlineSince == since, !isTelling else { return }
    isTelling = true
    await onConnectivity?(true)
  }

  /// Whether the origin was found, whatever it said.
  enum Reach: Sendable, Hashable {
    case answered, unreachable, unknown
  }
}

extension OriginBudget {
  fileprivate var state: OriginState {
    switch breaker {
    case .open: .open
    case .halfOpen: .halfOpen
    case .closed: failures > 0 ? .failing : .healthy
    }
  }
}

extension OriginBudget.Result {
  static func of(status: Int, retryAfter: Duration?) -> Self {
    switch status {
    case 429: .throttled(retryAfter: retryAfter)
    case 503 where retryAfter != nil: .throttled(retryAfter: retryAfter)
    case 500...: .failed
    default: .answered
    }
  }

  /// What we refused ourselves says nothing about the origin.
  static func of(_ reason: FetchFailure.Reason) -> Self {
    switch reason {
    case .cancelled, .refusedURL, .refusedNever, .refusedRobots, .refusedAddress, .heldBack, .offline, .proxy:
      .cancelled
    case .tooLarge, .tooManyRedirects: .answered
    case .dns, .connect, .tls, .timeout, .reset, .garbled: .failed
    }
  }
}

extension OriginGovernor.Reach {
  /// - Parameter isProxied: What fails behind a proxy says nothing about this machine's line.
  init(_ reason: FetchFailure.Reason, isProxied: Bool) {
    switch reason {
    case .dns, .connect: self = isProxied ? .unknown : .unreachable
    // Somebody was at the other end.
    case .tooLarge, .tooManyRedirects, .reset, .garbled, .tls: self = .answered
    case .cancelled, .refusedURL, .refusedNever, .refusedRobots, .refusedAddress, .heldBack, .offline, .timeout,
      .proxy:
      self = .unknown
    }
  }
}
