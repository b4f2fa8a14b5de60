import Language
import LoopbackServer
import PluginHost
import TestSupport
import Testing

@testable import Fetchers

struct CookieTests {
  private let now = Instant(seconds: 1_000_000_000)

  private func sent(
    _ lines: [String], from: String = "https://a.site.example/dir/x", to: String, later: Duration = .zero
  ) throws -> String? {
    var jar = CookieJar()
    for line in lines { jar.store(line, from: try ParsedURL(from), now: now) }
    return jar.header(for: try ParsedURL(to), now: now + later)
  }

  @Test func `a cookie goes back to its host and path only`() throws {
    let lines = ["a=1", "b=2; Path=/", "c=3; Path=/dir/deep", "d=4; Domain=site.example; Path=/"]
    #expect(try sent(lines, to: "https://a.site.example/dir/y") == "a=1; b=2; d=4")
    #expect(try sent(lines, to: "https://a.site.example/dir/deep/z") == "c=3; a=1; b=2; d=4")
    #expect(try sent(lines, to: "https://a.site.example/directory") == "b=2; d=4")
    #expect(try sent(lines, to: "https://b.site.example/") == "d=4")
    #expect(try sent(lines, to: "https://evilsite.example/") == nil)
  }

  @Test(arguments: [
    "a=1; Domain=other.example", "a=1; Domain=example", "a=1; Domain=b.site.example", "=1", "no-equals", "a=\u{1}",
    "a=" + String(repeating: "x", count: 5000), "a=1; Max-Age=0", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
  ])
  func `a cookie for somebody else, broken or over is not kept`(_ line: String) throws {
    #expect(try sent([line], to: "https://a.site.example/dir/x") == nil)
  }

  @Test func `cookies expire, are replaced, and stay off plain http when secure`() throws {
    #expect(try sent(["a=1; Max-Age=60"], to: "https://a.site.example/dir/", later: .seconds(59)) == "a=1")
    #expect(try sent(["a=1; Max-Age=60"], to: "https://a.site.example/dir/", later: .seconds(60)) == nil)
    #expect(try sent(["a=1", "a=2"], to: "https://a.site.example/dir/") == "a=2")
    #expect(try sent(["a=1", "a=; Max-Age=-1"], to: "https://a.site.example/dir/") == nil)
    #expect(try sent(["a=1; Secure"], to: "http://a.site.example/dir/") == nil)
    #expect(try sent(["a=1; Secure"], from: "http://a.site.example/", to: "https://a.site.example/") == nil)
  }

  @Test func `a jar holds 180 cookies, the oldest go`() throws {
    let header = try sent((0..<200).map { "n\($0)=1" }, to: "https://a.site.example/dir/")
    #expect(header?.split(separator: ";").count == CookieJar.maxCookies)
    #expect(header?.hasPrefix("n20=1") == true)
  }

  @Test func `ten thousand jars are kept, the least used go`() throws {
    var jars = CookieJars()
    let url = try ParsedURL("https://a.example/")
    jars.store(["a=1"], in: "first", from: url, now: now)
    for index in 0..<CookieJars.maxJars {
      _ = jars.header(of: "first", for: url, now: now)
      jars.store(["a=1"], in: "\(index)", from: url, now: now)
    }
    #expect(jars.header(of: "first", for: url, now: now) == "a=1")
    #expect(jars.header(of: "0", for: url, now: now) == nil)
    #expect(jars.header(of: "\(CookieJars.maxJars - 1)", for: url, now: now) == "a=1")
  }

  @Test func `jars do not leak into each other, and none is kept without one`() async throws {
    let server = try RecordingServer()
    server.on("GET", "/set") { request in
      let id = request.query ?? ""
      return ServerResponse(headers: [ServerHeader("Set-Cookie", "sid=\(id); Domain=site.example; Path=/; Secure")])
    }
    let fetcher = try fetcher(to: server.origin)
    func get(_ path: String, _ jar: String?, _ headers: [Request.Header] = []) async throws {
      _ = try await fetcher.exchange(Request(url: "https://site.example" + path, headers: headers, cookieJar: jar))
    }
    try await get("/set?one", "one")
    try await get("/set?two", "two")
    try await get("/set?none", nil)
    server.forget()
    try await get("/x", "one")
    try await get("/x", "two")
    try await get("/x", nil)
    try await get("/x", "three")
    try await get("/x", "one", [.init("Cookie", "own=1")])
    #expect(server.requests.map { $0.header("Cookie") } == ["sid=one", "sid=two", nil, nil, "own=1; sid=one"])
  }
}
