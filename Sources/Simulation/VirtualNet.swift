import Language
import PluginHost

/// The wire of one life: virtual sites and channels, with their faults. What goes over it is all the oracle knows.
final class VirtualNet: Fetcher, @unchecked Sendable {  // one thread: see JobLoop
  static let kind = "virtual"
  static let summary = "Sites and channels of the simulator."

  private let world: World
  private let time: LifeTime
  private var mutation: Mutation? { world.mutation }

  init(_ world: World, _ time: LifeTime) {
    self.world = world
    self.time = time
  }

  func exchange(_ request: Request) async throws(FetchFailure) -> Response {
    let path = request.url.dropFirst("https://".count).split(separator: "/").map(String.init)
    let host = String(path[0].prefix { $0 != "." })
    if let kind = Specs.Kind(rawValue: host) { return try await ask(kind, path, request) }
    let response = try await send(host, request)
    if mutation == .sendTwice, response.status == 200, world.dice.chance(0.2),
      let message = ChannelWorld.read(request.body ?? [], channel: host)
    {
      accept(message)
    }
    return response
  }

  private func wait(_ duration: Moment) async throws(FetchFailure) {
    guard duration > 0 else { return }
    do { try await time.sleep(for: .nanoseconds(duration)) } catch {
      throw FetchFailure(.cancelled, "cancelled")
    }
  }

  private func latency() -> Moment {
    world.dice.chance(0.3) ? Moment(world.dice.number(1...2500)) * 1_000_000 : 0
  }

  // MARK: Sites

  private func ask(_ kind: Specs.Kind, _ path: [String], _ request: Request) async throws(FetchFailure) -> Response {
    let watch = "\(kind.rawValue)/\(path[2])"
    let service = path.count > 3 ? path[3] : nil
    world.oracle.asked(kind, watch: watch)
    try await wait(latency())
    let fault = siteFault(kind)
    let answer: Response
    switch fault {
    case nil: answer = healthy(kind, watch, service, request)
    case .timeout:
      try await wait(15 * .second)
      return try failed(.timeout, watch, service)
    case .refused: return try failed(.connect, watch, service)
    case .reset: return try failed(.reset, watch, service)
    case let fault?: answer = broken(fault, kind, watch, service, request)
    }
    if world.crashesAfterFetch {
      world.crashesAfterFetch = false
      world.crashNow = true
    }
    return answer
  }

  private func siteFault(_ kind: Specs.Kind) -> SiteWorld.Fault? {
    if let (fault, until) = world.sites.faults[kind], until > world.clock.now {
      return world.dice.chance(0.9) ? fault : nil
    }
    guard !world.isCalm, world.dice.chance(world.scenario.faults.strayAnswers) else { return nil }
    return world.dice.one(of: SiteWorld.Fault.allCases)
  }

  private func failed(_ reason: FetchFailure.Reason, _ watch: String, _ service: String?) throws(FetchFailure)
    -> Response
  {
    guard mutation != .failedIsEmpty else {
      return Response(status: 200, headers: Self.json, body: Array(#"{"slots":[],"services":[]}"#.utf8), url: "")
    }
    world.history.note("site \(watch) \(service ?? "") \(reason.rawValue)")
    throw FetchFailure(reason, "a fault of the simulation")
  }

  private static let json = [Request.Header("Content-Type", "application/json")]

  private func body(_ kind: Specs.Kind, _ watch: String, _ service: String?) -> (text: String, slots: [Slot]?) {
    let page = world.sites.pages[watch]
    if kind == .parts, service == nil {
      return (SiteWorld.services((page?.slots.keys).map { $0.sorted() } ?? []), nil)
    }
    let slots = page?.slots[service ?? ""] ?? []
    return (SiteWorld.page(slots), slots)
  }

  private func healthy(_ kind: Specs.Kind, _ watch: String, _ service: String?, _ request: Request) -> Response {
    let (text, slots) = body(kind, watch, service)
    if let slots {
      world.oracle.read(watch, service, slots)
      world.history.note("site \(watch) \(service ?? "") shows \(slots.map { "\($0.id).\($0.gen)" })")
    }
    return Response(status: 200, headers: Self.json, body: Array(text.utf8), url: request.url)
  }

  private func broken(
    _ fault: SiteWorld.Fault, _ kind: Specs.Kind, _ watch: String, _ service: String?, _ request: Request
  ) -> Response {
    world.history.note("site \(watch) \(service ?? "") \(fault.rawValue)")
    var response = Response(status: 200, headers: Self.json, url: request.url)
    let whole = body(kind, watch, service).text
    switch fault {
    case .status500: response.status = 500
    case .status503, .throttled:
      response.status = fault == .throttled ? 429 : 503
      // The mistake is planted where it shows: watches are hours apart, and must meet a silence to break it.
      let seconds = world.dice.number(30...3600) * (mutation == .ignoreOriginRetryAfter ? 6 : 1)
      if mutation != .ignoreOriginRetryAfter {
        response.headers.append(Request.Header("Retry-After", "\(seconds)"))
      }
      world.oracle.asksForSilence(kind, Moment(seconds) * .second)
    case .challenge, .forbidden:
      if fault == .forbidden { response.status = 403 }
      response.headers = [Request.Header("Content-Type", "text/html")]
      response.body = Array("<html><title>Just a moment...</title><body>checking</body></html>".utf8)
    case .cut: response.body = Array(whole.utf8.prefix(whole.utf8.count / 2))
    case .partial: response.body = Array(#"{"slots":[],"services":[],"partial":true}"#.utf8)
    default:
      response.headers = [Request.Header("Content-Type", "text/html")]
      response.body = Array("<html><body>maintenance</body></html>".utf8)
    }
    return response
  }

  // MARK: Channels

  private func send(_ channel: String, _ request: Request) async throws(FetchFailure) -> Response {
    let begun = world.clock.now
    guard var message = ChannelWorld.read(request.body ?? [], channel: channel) else {
      world.violate(.asked, "channel \(channel) was sent what no notifier says")
      throw FetchFailure(.garbled, "not a message")
    }
    message.begun = begun
    world.oracle.sending(message)
    try await wait(latency())
    let who = message.to ?? ""
    var state = world.channels.states[channel] ?? ChannelWorld.State()
    if state.gone.contains(who) { return Self.answer(403, #"{"error":"gone"}"#) }
    if state.crashesNext {
      state.crashesNext = false
      world.channels.states[channel] = state
      accept(message)
      world.history.note("the process dies before it hears of it")
      world.crashNow = true
      return Self.answer(200, "{}")
    }
    switch channelFault(state) {
    case nil:
      accept(message)
      world.oracle.answered(message)
      return Self.answer(200, #"{"receipt":"r"}"#)
    case .refused: throw failed(channel, .connect)
    case .status500:
      world.oracle.failed(message, isDoubtful: false)
      return failed(channel, 500)
    case .timeout:
      world.oracle.failed(message)
      try await wait(Specs.sendTimeout)
      throw failed(channel, .timeout)
    case .lostAnswer:
      world.oracle.failed(message)
      accept(message)
      throw failed(channel, .reset)
    case .status502:
      world.oracle.failed(message)
      accept(message)
      return failed(channel, 502)
    case .slow:
      world.oracle.failed(message)
      accept(message)
      try await wait(Specs.sendTimeout)
      throw failed(channel, .timeout)
    case .throttled: return throttled(channel, who)
    }
  }

  private func throttled(_ channel: String, _ who: String) -> Response {
    let seconds = world.dice.number(5...600)
    world.history.note("channel \(channel) asks \(who) to wait \(seconds) s")
    world.oracle.throttled(channel, who, Moment(seconds) * .second)
    if mutation == .ignoreRetryAfter { return Self.answer(500, "") }
    return Self.answer(429, "", [Request.Header("Retry-After", "\(seconds)")])
  }

  private func accept(_ message: Acceptance) {
    var message = message
    message.at = world.clock.now
    message.wall = world.clock.wall
    world.oracle.accepted(message)
  }

  private func channelFault(_ state: ChannelWorld.State) -> ChannelWorld.Fault? {
    if let fault = state.fault, state.faultUntil > world.clock.now { return world.dice.chance(0.9) ? fault : nil }
    guard !world.isCalm, world.dice.chance(world.scenario.faults.strayAnswers) else { return nil }
    return world.dice.one(of: ChannelWorld.Fault.allCases)
  }

  private func failed(_ channel: String, _ reason: FetchFailure.Reason) -> FetchFailure {
    world.history.note("channel \(channel) \(reason.rawValue)")
    return FetchFailure(reason, "a fault of the simulation")
  }

  private func failed(_ channel: String, _ status: Int) -> Response {
    world.history.note("channel \(channel) status \(status)")
    return Self.answer(status, "")
  }

  private static func answer(_ status: Int, _ body: String, _ headers: [Request.Header] = []) -> Response {
    Response(status: status, headers: json + headers, body: Array(body.utf8), url: "")
  }
}
