internal import CLibCurl
import Glibc
import PluginHost
import Synchronization

/// What every transfer is set up with.
struct CurlSettings: Sendable {
  var authorities: String?
  var slowBytesPerSecond: Int
  var slowSeconds: Int
  var maxConnections: Int
  var fixedAddresses: [String: [String]]
}

/// One call's handle on its exchange, known to the caller's task and to the curl thread.
final class Ticket: Sendable {
  private let flag = Atomic(false)
  var isCancelled: Bool { flag.load(ordering: .acquiring) }
  func cancel() { flag.store(true, ordering: .releasing) }
}

/// What an exchange came to, and what its proxy had to do with that.
struct Exchanged: Sendable {
  var result: Result<Response, FetchFailure>
  var fault: ProxyFault?

  static func failure(_ failure: FetchFailure) -> Exchanged { Exchanged(result: .failure(failure)) }
}

typealias Answer = CheckedContinuation<Exchanged, Never>

/// The letter box between tasks and the curl thread. After ``close()`` nothing is taken any more.
final class CurlMailbox: Sendable {
  enum Command: Sendable {
    case start(PreparedRequest, Ticket, Answer)
    case cancel(Ticket)
  }

  private struct State: ~Copyable {
    var commands: [Command] = []
    var isClosed = false
    /// The thread sleeps, or is about to: what is put now has to wake it.
    var isAsleep = false
  }

  private let state = Mutex(State())
  /// What is woken, for as long as it lives. A lock of its own: waking is a call to the system, and nobody who only puts
  /// or takes has to wait for it.
  private let multi = Mutex<MultiHandle?>(nil)
  let socketsOpened = Atomic(0)

  func open(_ multi: MultiHandle) { self.multi.withLock { $0 = multi } }

  /// - Returns: false when closed.
  func put(_ command: Command) -> Bool {
    let wasAsleep: Bool? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.commands.append(command)
      defer { state.isAsleep = false }
      return state.isAsleep
    }
    if wasAsleep == true { wake() }
    return wasAsleep != nil
  }

  func close() {
    state.withLock { $0.isClosed = true }
    wake()
  }

  /// Safe from any thread as long as the handle lives, which the lock makes sure of.
  private func wake() {
    multi.withLock { multi in
      if let multi { curl_multi_wakeup(multi.raw) }
    }
  }

  /// Everything that was put since the last time, and whether nothing more will come; nil once closed and empty.
  func take() -> ([Command], isClosed: Bool)? {
    let taken: ([Command], isClosed: Bool)? = state.withLock { state in
      guard !(state.isClosed && state.commands.isEmpty) else { return nil }
      state.isAsleep = false
      defer { state.commands = [] }
      return (state.commands, state.isClosed)
    }
    if taken == nil { multi.withLock { $0 = nil } }
    return taken
  }

  /// Called before the thread sleeps.
  ///
  /// - Returns: False where something was put since: there is no time to sleep.
  func mayRest() -> Bool {
    state.withLock { state in
      state.isAsleep = state.commands.isEmpty && !state.isClosed
      return state.isAsleep
    }
  }
}

/// libcurl's multi handle. `@unchecked`: only `curl_multi_wakeup` is called off the curl thread, which libcurl allows.
struct MultiHandle: @unchecked Sendable {
  let raw: UnsafeMutableRawPointer
}

/// Everything that only the curl thread touches.
final class CurlLoop {
  private struct Running {
    var transfer: Transfer
    var ticket: Ticket
    var answer: Answer
    /// Uptime at which libcurl must have ended it.
    var deadline: Duration
  }

  private let multi: MultiHandle
  private let mailbox: CurlMailbox
  private let configuration: CurlFetcher.Configuration
  private let gate: AddressGate
  private let settings: CurlSettings
  private var running: [ObjectIdentifier: Running] = [:]
  private var idle: [UnsafeMutableRawPointer] = []
  private var jars = CookieJars()
  private var nextSweep: Duration = .zero

  /// Handles kept for reuse; each is about 20 KB.
  private static let maxIdle = 64

  init(mailbox: CurlMailbox, configuration: CurlFetcher.Configuration, multi: MultiHandle) {
    self.mailbox = mailbox
    self.configuration = configuration
    self.multi = multi
    gate = configuration.gate
    settings = configuration.settings
    curl_multi_set_long(multi.raw, CURLMOPT_MAXCONNECTS, settings.maxConnections)
    curl_multi_set_long(multi.raw, CURLMOPT_MAX_TOTAL_CONNECTIONS, settings.maxConnections)
  }

  /// Returns when the mailbox is closed; what is in flight then fails as cancelled.
  func run() {
    while let (commands, isClosed) = mailbox.take() {
      for command in commands { handle(command) }
      if isClosed { endAll() }
      var active: Int32 = 0
      curl_multi_perform(multi.raw, &active)
      finishDone()
      endOverdue()
      // The longest sleep only: libcurl wakes earlier for its own timeouts and for curl_multi_wakeup.
      if mailbox.mayRest() { curl_multi_poll(multi.raw, nil, 0, running.isEmpty ? 10_000 : 1_000, nil) }
    }
    endAll()
    for easy in idle { curl_easy_cleanup(easy) }
    curl_multi_cleanup(multi.raw)
  }

  private func handle(_ command: CurlMailbox.Command) {
    switch command {
    case .start(let prepared, let ticket, let answer): start(prepared, ticket, answer)
    case .cancel(let ticket): end(ObjectIdentifier(ticket), with: .failure(CurlFetcher.cancelled))
    }
  }

  private func start(_ prepared: PreparedRequest, _ ticket: Ticket, _ answer: Answer) {
    guard !ticket.isCancelled else { return answer.resume(returning: .failure(CurlFetcher.cancelled)) }
    guard let easy = idle.popLast() ?? curl_easy_init() else { return answer.resume(returning: .failure(noMemory)) }
    let transfer = Transfer(prepared, gate: gate, easy: easy)
    let cookie = prepared.request.cookieJar.flatMap {
      jars.header(of: $0, for: prepared.site, now: configuration.time.now())
    }
    // Half a second, so that libcurl's own words come first where it has any.
    let deadline = SystemTime().uptime() + prepared.request.timeout + .milliseconds(500)
    running[ObjectIdentifier(ticket)] = Running(
      transfer: transfer, ticket: ticket, answer: answer, deadline: deadline)
    guard transfer.configure(cookie: cookie, settings: settings),
      curl_set_pointer(easy, CURLOPT_PRIVATE, Unmanaged.passUnretained(ticket).toOpaque()) == CURLE_OK,
      curl_multi_add_handle(multi.raw, easy) == CURLM_OK
    else { return end(ObjectIdentifier(ticket), with: .failure(noMemory)) }
  }

  private func finishDone() {
    var code = CURLE_OK
    while let easy = curl_multi_next_done(multi.raw, &code) {
      guard let context = curl_get_private(easy) else { continue }
      let key = ObjectIdentifier(Unmanaged<Ticket>.fromOpaque(context).takeUnretainedValue())
      guard let transfer = running[key]?.transfer else { continue }
      storeCookies(of: transfer)
      end(
        key, with: Exchanged(result: transfer.result(code, origins: configuration.origins), fault: transfer.fault(code))
      )
    }
  }

  private func storeCookies(of transfer: Transfer) {
    guard let jar = transfer.prepared.request.cookieJar else { return }
    let lines = transfer.head.headers.filter { $0.name.lowercased() == "set-cookie" }.map(\.value)
    jars.store(lines, in: jar, from: transfer.prepared.site, now: configuration.time.now())
  }

  private func end(_ key: ObjectIdentifier, with result: Exchanged) {
    guard let ended = running.removeValue(forKey: key) else { return }
    let easy = ended.transfer.easy
    curl_multi_remove_handle(multi.raw, easy)
    mailbox.socketsOpened.add(ended.transfer.socketsOpened, ordering: .relaxed)
    // Before the transfer goes: the handle knows addresses of its lists and its text.
    ended.transfer.letGo()
    if idle.count < Self.maxIdle { idle.append(easy) } else { curl_easy_cleanup(easy) }
    ended.answer.resume(returning: result)
  }

  /// libcurl's clock stands still for an exchange that waits for one of ``CurlSettings/maxConnections`` to come free (its
  /// state PENDING comes before those that ``multi_handle_timeout`` looks at), so we look too, twice a second.
  private func endOverdue() {
    let now = SystemTime().uptime()
    guard now >= nextSweep else { return }
    nextSweep = now + .milliseconds(500)
    for (key, overdue) in running where overdue.deadline <= now { end(key, with: .failure(overdue.transfer.overdue)) }
  }

  private func endAll() {
    for key in Array(running.keys) { end(key, with: .failure(CurlFetcher.cancelled)) }
  }

  private var noMemory: FetchFailure { FetchFailure(.connect, "no memory for another exchange") }
}
