import Engine
import Language
import Notifying
import PluginHost
import Storage
import Synchronization
import TestSupport

/// A shipped notifier's worker over a real store, a server that is a function, and a clock that stands still.
final class DeliveryDesk: Sendable {
  /// An answer is decided at once; how long it takes is virtual.
  struct Reply: Sendable {
    var result: Result<Response, FetchFailure>
    var after: Duration = .zero
  }

  struct Call: Sendable {
    var to: String
    var text: String
    var headers: [Request.Header]
    var at: Duration
    var size: Int
  }

  let time: ManualTime
  let store: Store
  let spec: NotifierSpec
  private let outbox: MortalOutbox
  private let server: Server
  private let settings: [String: Value]
  private let budget: Budget?
  private let running = Mutex<(worker: ChannelWorker, task: Task<Void, Never>)?>(nil)
  private let noted = Mutex<[NotifyEvent]>([])

  init(
    _ notifier: String = "telegram", store: Store? = nil, time: ManualTime = ManualTime(),
    settings: [String: Value] = [:], budget: Budget? = nil,
    answer: @escaping @Sendable (Call) -> Reply = { _ in .ok }
  ) throws {
    self.time = time
    let store = try store ?? Store(path: "desk", mode: .inMemory, executor: time.actorExecutor())
    self.store = store
    spec = try Shipped.spec(notifier)
    outbox = MortalOutbox(store)
    server = Server(time, answer)
    self.settings = settings
    self.budget = budget
  }

  var calls: [Call] { server.calls.withLock { $0 } }
  var events: [NotifyEvent] { noted.withLock { $0 } }

  func start() throws {
    var channel = Shipped.channel(spec, settings)
    channel.budget = budget
    let adapter = try NotifierAdapter(
      spec: spec, channel: channel, catalog: Builtins.catalog, fetcher: server, time: time)
    let worker = ChannelWorker(adapter: adapter, outbox: outbox, time: time, random: .seeded(7)) { [weak self] event in
      self?.noted.withLock { $0.append(event) }
    }
    let task = time.start { await worker.run() }
    running.withLock { $0 = (worker, task) }
  }

  func wake() { running.withLock { $0 }?.worker.wake() }

  /// As a stop of the service does it.
  func stop() async {
    guard let (worker, task) = running.withLock({ $0 }) else { return }
    let stopping = time.start { await worker.stop(draining: .zero) }
    await time.settle()
    await stopping.value
    await task.value
  }

  /// As a crash does it, as far as the worker can be cut off within one process.
  func kill() async {
    guard let (_, task) = running.withLock({ $0 }) else { return }
    outbox.isDead.withLock { $0 = true }
    task.cancel()
    await time.settle()
  }

  /// Moves the clock on, waiting for the store at each step.
  func run(for duration: Duration) async {
    let end = time.uptime() + duration
    await time.settle()
    while let wait = time.untilNextSleeper, time.uptime() + wait <= end {
      await time.advance(by: max(wait, .zero))
      await time.settle()
    }
    await time.advance(by: end - time.uptime())
    await time.settle()
  }

  /// The same until `done` holds; false where it does not within `limit`.
  func run(atMost limit: Duration, until done: () async throws -> Bool) async throws -> Bool {
    let end = time.uptime() + limit
    await time.settle()
    while try await !done() {
      guard let wait = time.untilNextSleeper, time.uptime() + wait <= end else { return false }
      await time.advance(by: max(wait, .zero))
      await time.settle()
    }
    return true
  }

  /// Runs until nothing waits any more.
  func runToEnd(atMost limit: Duration) async throws -> Bool {
    try await run(atMost: limit) { [store, spec, time] in
      try await store.nextDue(channel: spec.id, now: time.now()) == nil
    }
  }
}

extension DeliveryDesk.Reply {
  static let ok = answer(200, #"{"ok":true,"result":{"message_id":42}}"#)

  static func answer(_ status: Int, _ body: String = "", _ headers: [Request.Header] = [], after: Duration = .zero)
    -> Self
  {
    Self(
      result: .success(Response(status: status, headers: headers, body: Array(body.utf8), url: "")), after: after)
  }

  /// Telegram's way to refuse.
  static func refused(_ code: Int, _ words: String, retryAfter: Int? = nil) -> Self {
    let more = retryAfter.map { #","parameters":{"retry_after":\#($0)}"# } ?? ""
    return answer(code, #"{"ok":false,"error_code":\#(code),"description":"\#(words)"\#(more)}"#)
  }

  static func failed(_ reason: FetchFailure.Reason, after: Duration = .zero) -> Self {
    Self(result: .failure(FetchFailure(reason, "a test's fault")), after: after)
  }
}

/// A store whose process may be gone.
private final class MortalOutbox: Outbox {
  struct Dead: Error {}

  private let store: Store
  /// A process that is gone records nothing.
  let isDead = Mutex(false)

  init(_ store: Store) { self.store = store }

  private func alive() throws -> Store {
    if isDead.withLock({ $0 }) { throw Dead() }
    return store
  }

  func lease(channel: String, limit: Int, now: Instant, until: Instant) async throws -> [LeasedDelivery] {
    try await alive().lease(channel: channel, limit: limit, now: now, until: until)
  }
  func record(_ attempts: [AttemptRecord], now: Instant) async throws {
    try await alive().record(attempts, now: now)
  }
  func release(_ deliveries: [LeasedDelivery]) async throws { try await alive().release(deliveries) }
  func nextDue(channel: String, now: Instant) async throws -> Instant? {
    try await alive().nextDue(channel: channel, now: now)
  }
  func recheck(_ deliveries: [LeasedDelivery], now: Instant) async throws -> [LeasedDelivery] {
    try await alive().recheck(deliveries, now: now)
  }
  func pastSends(channel: String, since: Instant, now: Instant) async throws -> [PastSend] {
    try await alive().pastSends(channel: channel, since: since, now: now)
  }
  func reserve(_ cost: Spending, upTo count: Int, channel: String, budget: Budget, day: Instant) async throws -> Int {
    try await alive().reserve(cost, upTo: count, channel: channel, budget: budget, day: day)
  }
  func refund(_ cost: Spending, count: Int, channel: String, day: Instant) async throws {
    try await alive().refund(cost, count: count, channel: channel, day: day)
  }
}

/// The channel's server.
private final class Server: Fetcher {
  static let kind = "desk"
  static let summary = "a test's own"

  let calls = Mutex<[DeliveryDesk.Call]>([])
  private let time: ManualTime
  private let answer: @Sendable (DeliveryDesk.Call) -> DeliveryDesk.Reply

  init(_ time: ManualTime, _ answer: @escaping @Sendable (DeliveryDesk.Call) -> DeliveryDesk.Reply) {
    self.time = time
    self.answer = answer
  }

  func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    let body = (try? JSON(parsing: request.body ?? [])) ?? .null
    let mobiles = body.member("mobiles")?.elements.map(\.plain).joined(separator: ",")
    let call = DeliveryDesk.Call(
      to: body.member("chat_id")?.plain ?? mobiles ?? "",
      text: body.member("text")?.plain ?? body.member("messageText")?.plain ?? "", headers: request.headers,
      at: time.uptime(), size: request.body?.count ?? 0)
    calls.withLock { $0.append(call) }
    let reply = answer(call)
    if reply.after > .zero {
      do { try await time.sleep(for: reply.after) } catch { throw FetchFailure(.cancelled, "cut off") }
    }
    return try reply.result.get()
  }
}
