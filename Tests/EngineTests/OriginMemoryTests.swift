import Language
import PluginHost
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// What origins asked for outlives the process; robots.txt is obeyed where a spec says so; a line that is down is no
/// fault of any site.
struct OriginMemoryTests {
  private static let silent = Limits(gap: .seconds(1), rate: RateLimit(count: 1, per: .seconds(1)))

  private func governor(
    _ store: Store, _ time: ManualTime, onChange: @escaping @Sendable (Bool) async -> Void = { _ in }
  )
    async throws -> OriginGovernor
  {
    let governor = OriginGovernor(time: time, random: RandomSource { 0 })
    try await governor.recall(from: store, onConnectivity: onChange)
    return governor
  }

  private func reason(_ body: () async throws -> Void) async -> FetchFailure.Reason? {
    do {
      try await body()
      return nil
    } catch { return (error as? FetchFailure)?.reason }
  }

  @Test func `Retry-After holds for the next process too, as long as it was asked for`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let time = ManualTime()
    let first = try await governor(store, time)
    let pass = try await first.enter(origin: "https://a.example", limits: Limits())
    await first.leave(pass, result: .throttled(retryAfter: .seconds(600)), reached: .answered)

    await time.advance(by: .seconds(100))
    let second = try await governor(store, time)
    #expect(await reason { _ = try await second.enter(origin: "https://a.example", limits: Limits()) } == .heldBack)
    try await second.enter(origin: "https://b.example", limits: Limits())
    await time.advance(by: .seconds(501))
    let again = try await second.enter(origin: "https://a.example", limits: Limits())
    await second.leave(again, result: .answered, reached: .answered)
    #expect(try await store.origins(now: time.now()).isEmpty)
  }

  @Test func `a wall clock that was set back while nothing ran does not make the silence longer`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let time = ManualTime()
    let first = try await governor(store, time)
    let pass = try await first.enter(origin: "https://a.example", limits: Limits())
    await first.leave(pass, result: .throttled(retryAfter: .seconds(60)), reached: .answered)
    time.setWall(time.now() - .seconds(86_400))
    let second = try await governor(store, time)
    await time.advance(by: .seconds(61))
    try await second.enter(origin: "https://a.example", limits: Limits())
  }

  @Test func `an open breaker is still open after a restart`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let time = ManualTime()
    let first = try await governor(store, time)
    for _ in 0..<5 {
      let pass = try await first.enter(origin: "https://a.example", limits: Limits())
      await first.leave(pass, result: .failed, reached: .unknown)
      await time.advance(by: .seconds(17))
    }
    #expect(try await store.origins(now: time.now()).map(\.failures) == [5])
    let second = try await governor(store, time)
    await time.advance(by: .seconds(20))
    let probe = try await second.enter(origin: "https://a.example", limits: Limits())
    await second.leave(probe, result: .failed, reached: .unknown)
    #expect(await reason { _ = try await second.enter(origin: "https://a.example", limits: Limits()) } == .heldBack)
  }

  // MARK: robots.txt

  /// Answers of a site on a table; everything else is empty rows.
  private final class Site: Fetcher {
    static let kind = "site"
    static let summary = "Answers of a test."
    let answers = Mutex<[String: Response]>([:])
    let asked = Mutex<[String]>([])

    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      asked.withLock { $0.append(request.url) }
      let known = answers.withLock { $0[request.url] }
      if let known, known.status == 0 { throw FetchFailure(.timeout, "no answer") }
      return known ?? Response(status: 200, url: request.url)
    }

    func set(_ url: String, _ status: Int, _ body: String = "", location: String? = nil) {
      let headers = location.map { [Request.Header("Location", $0)] } ?? []
      answers.withLock { $0[url] = Response(status: status, headers: headers, body: Array(body.utf8), url: url) }
    }

    var robots: Int { asked.withLock { $0.count { $0.hasSuffix("/robots.txt") } } }
  }

  private func sender(_ site: Site, _ time: ManualTime) -> RequestSender {
    RequestSender(fetcher: site, governor: OriginGovernor(time: time, random: RandomSource { 0 }), time: time)
  }

  private static let obeying = Limits(obeysRobots: true)

  private func ask(_ sender: RequestSender, _ path: String, _ limits: Limits = obeying) async -> FetchFailure.Reason? {
    let request = Request(url: "https://a.example" + path, headers: [Request.Header("User-Agent", "SlotHunter/9")])
    return await reason { _ = try await sender.send(request, limits: limits) }
  }

  @Test func `what robots.txt disallows is not asked for, the rest is, and it is asked for once a day`() async {
    let (site, time) = (Site(), ManualTime())
    site.set("https://a.example/robots.txt", 200, "User-agent: slothunter\nDisallow: /private\nAllow: /private/dr$\n")
    let sender = sender(site, time)
    #expect(await ask(sender, "/private/x?y=1") == .refusedRobots)
    #expect(await ask(sender, "/private/dr") == nil)
    #expect(await ask(sender, "/public") == nil)
    #expect(site.robots == 1)
    #expect(await ask(sender, "/private/x", Limits()) == nil, "a spec that does not obey is not kept from it")
    await time.advance(by: .seconds(86_401))
    site.set("https://a.example/robots.txt", 404)
    #expect(await ask(sender, "/private/x") == nil)
    #expect(site.robots == 2)
    #expect(site.asked.withLock { !$0.contains("https://a.example/private/x?y=1") })
  }

  @Test(
    arguments: [(200, nil), (403, nil), (404, nil), (500, .refusedRobots), (503, .refusedRobots), (0, .refusedRobots)]
      as [(Int, FetchFailure.Reason?)])
  func `4xx allows everything, 5xx and no answer forbid everything for some minutes`(
    _ status: Int, _ reason: FetchFailure.Reason?
  ) async {
    let (site, time) = (Site(), ManualTime())
    site.set("https://a.example/robots.txt", status)
    let sender = sender(site, time)
    #expect(await ask(sender, "/x") == reason)
    #expect(await ask(sender, "/x") == reason)
    #expect(site.robots == 1)
    site.set("https://a.example/robots.txt", 200)
    await time.advance(by: .seconds(601))
    #expect(await ask(sender, "/x") == nil)
  }

  @Test func `five redirects are followed, and never one that may not be asked for`() async throws {
    let (site, time) = (Site(), ManualTime())
    for hop in 0..<5 {
      let from = hop == 0 ? "https://a.example/robots.txt" : "https://b.example/\(hop)"
      site.set(from, 301, location: "https://b.example/\(hop + 1)")
    }
    site.set("https://b.example/5", 200, "User-agent: *\nDisallow: /\n")
    #expect(await ask(sender(site, time), "/x") == .refusedRobots)
    var limits = Self.obeying
    limits.never = [try Glob("**/2")]
    let other = Site()
    other.set("https://a.example/robots.txt", 301, location: "https://b.example/2")
    #expect(await ask(sender(other, time), "/x", limits) == .refusedRobots)
    #expect(other.asked.withLock { $0 } == ["https://a.example/robots.txt"])
  }

  // MARK: Offline

  @Test func `a line that is down is told once, holds nothing against any origin, and mends itself`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let time = ManualTime()
    let told = Mutex<[Bool]>([])
    let governor = try await governor(store, time) { isOffline in told.withLock { $0.append(isOffline) } }
    let origins = (0..<200).map { "https://s\($0).example" }
    var reached = 0
    // Ten minutes, every origin each minute.
    for _ in 0..<10 {
      for origin in origins {
        guard let pass = try? await governor.enter(origin: origin, limits: Limits()) else { continue }
        reached += 1
        await governor.leave(pass, result: .failed, reached: .unreachable)
      }
      await time.advance(by: .seconds(60))
    }
    // Three to find out, then each time that it was asked whether anybody is there at most one of those that had failed,
    // and one of the others.
    #expect(reached <= 3 + 2 * 10 && reached >= 10)
    #expect(told.withLock { $0 } == [true])
    // The line is back: the next probe finds out, and all others go at once.
    await time.advance(by: .seconds(60))
    let probe = try await governor.enter(origin: origins[150], limits: Limits())
    await governor.leave(probe, result: .answered, reached: .answered)
    await time.advance(by: .seconds(10))
    for origin in origins {
      let pass = try await governor.enter(origin: origin, limits: Limits())
      await governor.leave(pass, result: .answered, reached: .answered)
    }
    #expect(await time.advance(until: { told.withLock { $0 } == [true, false] }))
  }

  @Test func `one origin that is down is no line that is down`() async throws {
    let time = ManualTime()
    let governor = try await governor(try Store(path: "", mode: .inMemory), time)
    for _ in 0..<4 {
      let dead = try await governor.enter(origin: "https://dead.example", limits: Limits())
      await governor.leave(dead, result: .failed, reached: .unreachable)
      let live = try await governor.enter(origin: "https://live.example", limits: Limits())
      await governor.leave(live, result: .answered, reached: .answered)
      await time.advance(by: .seconds(10))
    }
  }
}
