import Fetchers
import Language
import PluginHost
import Synchronization

/// Sends a site's requests: `never` checked on every hop, politeness per origin on every hop, redirects followed.
public struct RequestSender: Sendable {
  var fetcher: any Fetcher
  /// nil where nothing leaves the machine, as for recordings.
  var governor: OriginGovernor?
  var time: any TimeSource
  var meters: ServiceMeters?
  private let robots: RobotsKeeper

  public init(
    fetcher: any Fetcher, governor: OriginGovernor?, time: any TimeSource, meters: ServiceMeters? = nil
  ) {
    self.fetcher = fetcher
    self.governor = governor
    self.time = time
    self.meters = meters
    robots = RobotsKeeper(time: time)
  }

  /// - Parameter begun: Of the run that this request belongs to; nil for one of its own.
  /// - Throws: ``FetchFailure`` when no complete answer came; any status is an answer.
  func send(_ request: Request, limits: Limits, begun: RunBeginning? = nil) async throws(FetchFailure) -> Response {
    var hop = request
    for count in 0... {
      let response = try await exchange(hop, limits: limits, begun: begun)
      guard let next = redirect(of: response, to: hop) else { return response }
      guard count < request.maxRedirects else {
        throw FetchFailure(.tooManyRedirects, "more than \(request.maxRedirects) redirects (limit: redirects)")
      }
      hop = next
      // All hops share one time (DESIGN.md section 6).
      hop.timeout -= response.elapsed
      guard hop.timeout > .zero else {
        throw FetchFailure(.timeout, "no answer after \(count + 1) redirects within the time for all (limit: timeout)")
      }
    }
    return try await exchange(hop, limits: limits, begun: begun)
  }

  private func exchange(
    _ request: Request, limits: Limits, begun: RunBeginning?
  ) async throws(FetchFailure) -> Response {
    let url = try ParsedURL(request.url)
    if let glob = limits.never.first(where: { $0.matches(path: url.path) }) {
      throw FetchFailure(.refusedNever, "\(url.origin)\(url.path) matches '\(glob.source)' in limits.never")
    }
    // Recordings are read, not asked for.
    if limits.obeysRobots, governor != nil { try await obeyRobots(request, url, limits: limits, begun: begun) }
    return try await inTurn(request, to: url.origin, limits: limits, begun: begun)
  }

  private func obeyRobots(
    _ request: Request, _ url: ParsedURL, limits: Limits, begun: RunBeginning?
  ) async throws(FetchFailure) {
    try await robots.check(
      origin: url.origin, target: request.url.target,
      userAgent: request.header("User-Agent") ?? Configuration.defaultUserAgent
    ) { (request: Request) async throws(FetchFailure) -> Response in
      let url = try ParsedURL(request.url)
      if let glob = limits.never.first(where: { $0.matches(path: url.path) }) {
        throw FetchFailure(.refusedNever, "\(url.origin)\(url.path) matches '\(glob.source)' in limits.never")
      }
      return try await inTurn(request, to: url.origin, limits: limits, begun: begun)
    }
  }

  /// Sends when the origin's turn has come, and tells the governor what came of it.
  private func inTurn(
    _ request: Request, to origin: String, limits: Limits, begun: RunBeginning?
  ) async throws(FetchFailure) -> Response {
    guard let governor else { return try await fetcher.exchange(request) }
    let asked = time.uptime()
    let pass = try await enter(governor, origin, limits, begun)
    if let start = RunStart.current { start.begins(at: pass.waited ? asked : time.uptime()) }
    do throws(FetchFailure) {
      let response = try await fetcher.exchange(request)
      // Before the next one is let in: it may be of the same run.
      begun?.noteAnswer()
      await governor.leave(
        pass, result: .of(status: response.status, retryAfter: retryAfter(of: response)), reached: .answered)
      return response
    } catch {
      let isProxied = request.route.map { !$0.proxies.isEmpty } ?? false
      let isOffline = await governor.leave(
        pass, result: .of(error.reason), reached: .init(error.reason, isProxied: isProxied))
      throw isOffline ? FetchFailure(.offline, "nothing can be reached from here: \(error.message)") : error
    }
  }

  private func enter(
    _ governor: OriginGovernor, _ origin: String, _ limits: Limits, _ begun: RunBeginning?
  ) async throws(FetchFailure) -> OriginGovernor.Pass {
    let asked = time.uptime()
    do throws(FetchFailure) {
      let pass = try await governor.enter(origin: origin, limits: limits, begun: begun)
      meters?.originWait.observe(time.uptime() - asked)
      return pass
    } catch {
      if error.reason == .heldBack { meters?.originRefusals.add() }
      throw error
    }
  }

  private func retryAfter(of response: Response) -> Duration? {
    guard [429, 503].contains(response.status), let header = response.header("Retry-After") else { return nil }
    return Fetchers.retryAfter(header, now: time.now())
  }

  /// The request that a 3xx answer asks for; nil when it asks for none.
  ///
  /// 303 turns into GET, as 301 and 302 do for POST (RFC 9110, 15.4). What names the user stays behind when the origin
  /// changes.
  private func redirect(of response: Response, to request: Request) -> Request? {
    guard [301, 302, 303, 307, 308].contains(response.status), request.maxRedirects > 0,
      let location = response.header("Location"), let target = resolve(location, against: request.url)
    else { return nil }
    var next = request
    next.url = target
    next.validators = nil
    if (response.status == 303 && request.method != .head) || (response.status < 303 && request.method == .post) {
      next.method = .get
      next.body = nil
      next.headers.removeAll { $0.name.lowercased() == "content-type" }
    }
    if origin(of: target) != origin(of: request.url) {
      next.route = next.route?.withoutTLS
      let personal = ["authorization", "cookie", "origin", "referer"]
      next.headers.removeAll { personal.contains($0.name.lowercased()) || $0.name.lowercased().hasPrefix("x-") }
    }
    return next
  }
}

/// When a run began to ask, which counts once it has had an answer: a run that has sent nothing yet has not begun.
final class RunBeginning: Sendable {
  private let asked: Duration
  private let isAnswered = Atomic(false)

  /// - Parameter asked: An uptime.
  init(_ asked: Duration) { self.asked = asked }

  func noteAnswer() { isAnswered.store(true, ordering: .releasing) }

  /// nil before the first answer.
  var instant: Duration? { isAnswered.load(ordering: .acquiring) ? asked : nil }
}

extension String {
  /// Path and query of an absolute URL, as they are sent.
  fileprivate var target: String {
    guard let scheme = firstRange(of: "://") else { return "/" }
    let rest = self[scheme.upperBound...]
    guard let start = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) else { return "/" }
    let target = rest[start...].prefix { $0 != "#" }
    return target.hasPrefix("/") ? String(target) : "/" + target
  }
}
