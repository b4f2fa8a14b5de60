import Language
import PluginHost

/// Sends what the outbox holds for one channel: lease, render, send, record.
///
/// One worker per enabled channel and process, so a dead or slow channel delays no other. It sends at most
/// ``WorkerTuning/concurrency`` requests at once, within the notifier's rates; a provider's `retry_after` always wins.
/// Nothing is in memory that the outbox does not have: killed at any moment it loses nothing, and doubles at most the
/// sends that were under way.
public actor ChannelWorker {
  public nonisolated let channel: String

  let adapter: NotifierAdapter
  let outbox: any Outbox
  let time: any TimeSource
  let policy: RetryPolicy
  let random: RandomSource
  let tuning: WorkerTuning
  let onEvent: @Sendable (NotifyEvent) -> Void
  nonisolated let signal = WakeSignal()

  var pace: Pace
  /// Leased and ready to go, in order.
  var ready: [[Assignment]] = []
  /// Leased and waiting for their recipient's rate; `from` is an uptime.
  var held: [(assignment: Assignment, from: Duration)] = []
  /// Requests started and not yet recorded.
  var inFlight = 0
  /// The newest attempt number of each delivery that is being sent: a lease may run out under a send.
  var sending: [String: Int] = [:]
  /// Deliveries that must not share a request again.
  var alone: Set<String> = []
  /// Attempts of this process that may have been accepted, by delivery.
  var doubts: [String: Int] = [:]
  /// Ended attempts that the outbox has not taken yet, and the requests they free.
  var unrecorded: [AttemptRecord] = []
  var unrecordedRequests = 0
  var isRecording = false
  /// Leased, and not to be sent now: given back at the end of the turn.
  var unwanted: [LeasedDelivery] = []
  /// Attempts that were decided without sending.
  var unsent: [AttemptRecord] = []
  /// The last look at the outbox brought nothing that can be sent.
  var foundNothing = false
  var storeFailures = 0
  /// Uptime until which the outbox is left alone after it failed.
  var storeRests: Duration = .zero
  var isHalted = false
  /// Whether rates and waits of before this worker's time are known.
  var isResumed = false
  /// The day whose budget is used up ends then.
  var budgetEnds: Instant?
  /// Deliveries that tried in vain whether the channel is back: others try first.
  var probed: Set<String> = []
  /// Sends that were cut off at the end of draining and left to lapse.
  var cut = 0

  private enum Phase { case idle, running, stopping, stopped }
  private var phase = Phase.idle
  private var drainEnds: Duration?
  private var onStopped: [CheckedContinuation<Void, Never>] = []

  public init(
    adapter: NotifierAdapter, outbox: any Outbox, time: any TimeSource, random: RandomSource,
    tuning: WorkerTuning = WorkerTuning(), onEvent: @escaping @Sendable (NotifyEvent) -> Void = { _ in }
  ) {
    channel = adapter.channel
    self.adapter = adapter
    self.outbox = outbox
    self.time = time
    self.random = random
    self.tuning = tuning
    self.onEvent = onEvent
    policy = RetryPolicy(whenUnsure: adapter.spec.whenUnsure, random: random)
    pace = Pace(
      rate: adapter.spec.rate, perRecipient: adapter.spec.ratePerRecipient, perGroup: adapter.spec.ratePerGroup,
      isGroup: adapter.isGroup)
  }

  /// Something may be due: call it after every commit that made deliveries of this channel. Cheap.
  public nonisolated func wake() { signal.wake() }

  /// The same, and also where the channel was found to be set up wrongly: the outbox says that it is not, any more.
  public func tryAgain() {
    isHalted = false
    signal.wake()
  }

  /// Runs until ``stop(draining:)`` or until its task is cancelled, which cuts sends off. Once in a worker's life.
  public func run() async {
    guard phase == .idle else { return }
    phase = .running
    await withDiscardingTaskGroup { group in
      while phase == .running, !Task.isCancelled {
        let wait = await turn(&group)
        await signal.wait(atMost: wait, time)
      }
      await drain()
      group.cancelAll()
    }
    let released = await giveBackEverything()
    phase = .stopped
    onEvent(.stopped(channel: channel, cut: cut, released: released))
    for continuation in onStopped { continuation.resume() }
    onStopped = []
  }

  /// Starts nothing more, lets what is under way end, gives back the rest. Returns when all that is done.
  ///
  /// - Parameter draining: After this long, sends still under way are cut off; the outbox keeps their deliveries.
  public func stop(draining: Duration) async {
    switch phase {
    case .idle:
      phase = .stopped
      return
    case .stopped: return
    case .running, .stopping: break
    }
    phase = .stopping
    let end = time.uptime() + draining
    drainEnds = min(end, drainEnds ?? end)
    signal.wake()
    await withCheckedContinuation { onStopped.append($0) }
  }

  /// One look at everything: starts what may start.
  ///
  /// - Returns: How long to wait for the next look if nothing happens before.
  private func turn(_ group: inout DiscardingTaskGroup) async -> Duration {
    if isHalted {
      await giveBackEverything()
      return tuning.poll
    }
    // What could not be recorded would be sent again: better to send nothing until it can be.
    guard storeRests <= time.uptime(), storeFailures == 0 || !isRecording else {
      return max(storeRests - time.uptime(), .milliseconds(100))
    }
    guard await resume() else { return max(storeRests - time.uptime(), .milliseconds(100)) }
    promoteHeld()
    if pace.isShut(at: time.uptime()) {
      takeReady()
      foundNothing = true
    } else if ready.isEmpty {
      await lease()
    }
    while phase == .running, let batch = nextStart() {
      group.addTask { await self.perform(batch) }
    }
    if !unsent.isEmpty {
      let records = unsent
      unsent = []
      inFlight += 1
      group.addTask { await self.record(records, requests: 1) }
    }
    await release()
    return await untilNextTurn()
  }

  private func drain() async {
    while inFlight > 0, !Task.isCancelled {
      let left = (drainEnds ?? .zero) - time.uptime()
      guard left > .zero else { return }
      await signal.wait(atMost: left, time)
    }
  }

  private func untilNextTurn() async -> Duration {
    let now = time.uptime()
    if isHalted { return tuning.poll }
    if storeRests > now { return storeRests - now }
    var waits = [tuning.poll]
    let gate = pace.wait(at: now)
    if let from = held.map(\.from).min() { waits.append(max(from - now, gate)) }
    // When every request is in use, the end of one wakes us.
    if inFlight < tuning.concurrency {
      if !ready.isEmpty {
        waits.append(gate)
      } else if let due = try? await outbox.nextDue(channel: channel, now: time.now()) {
        // What is due and was not handed out is somebody else's, or waits for room here.
        waits.append(max(due - time.now(), gate, foundNothing ? .milliseconds(250) : .zero))
      }
    }
    // Never a busy loop, whatever the outbox says.
    return max(waits.min() ?? tuning.poll, .milliseconds(1))
  }
}
