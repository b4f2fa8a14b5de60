import Fetchers
import Language
import LoopbackServer
import PluginHost
import TestSupport
import Testing

struct CurlFetcherTests {
  private let server: RecordingServer
  private let fetcher: CurlFetcher

  init() throws {
    server = try RecordingServer()
    fetcher = try FetchersTests.fetcher(to: server.origin)
  }

  private func url(_ path: String) -> String { "https://site.example" + path }

  @Test func `an answer has status, headers, body and the site's own URL`() async throws {
    server.on(
      "GET", "/a", ServerResponse(status: 418, headers: [ServerHeader("X-Odd", "  blank\t")], body: Array("tea".utf8)))
    let response = try await fetcher.exchange(Request(url: url("/a?b=1#part")))
    #expect(response.status == 418)
    #expect(response.header("x-odd") == "blank")
    #expect(response.text == "tea")
    #expect(response.url == "https://site.example/a?b=1")
    #expect(response.elapsed > .zero)
  }

  @Test(arguments: Request.Method.allCases)
  func `every method arrives as itself, with its body`(_ method: Request.Method) async throws {
    server.on(method.rawValue, "/m", .text("ok"))
    let body: [UInt8]? = [.get, .head].contains(method) ? nil : Array("دکتر\0".utf8)
    let response = try await fetcher.exchange(
      Request(method: method, url: url("/m"), headers: [.init("Content-Type", "text/x")], body: body))
    #expect(response.status == 200)
    #expect(response.text == (method == .head ? "" : "ok"))
    let request = try #require(server.requests.first)
    #expect(request.method == method.rawValue)
    #expect(request.body == body ?? [])
    #expect(request.header("Content-Type") == "text/x")
  }

  @Test func `a post without a body sends an empty one and no form type`() async throws {
    server.on("POST", "/p", .text("ok"))
    _ = try await fetcher.exchange(Request(method: .post, url: url("/p")))
    let request = try #require(server.requests.first)
    #expect(request.header("Content-Length") == "0")
    #expect(request.header("Content-Type") == nil)
    #expect(request.header("Expect") == nil)
  }

  @Test func `headers keep their order, an empty one is sent, the agent can be overridden`() async throws {
    _ = try await fetcher.exchange(
      Request(url: url("/h"), headers: [.init("X-B", "2"), .init("X-A", ""), .init("User-Agent", "mine")]))
    _ = try await fetcher.exchange(Request(url: url("/h")))
    let names = server.requests[0].headers.map(\.name).filter { $0.hasPrefix("X-") }
    #expect(names == ["X-B", "X-A"])
    #expect(server.requests[0].header("X-A") == "")
    #expect(server.requests[0].header("User-Agent") == "mine")
    #expect(server.requests[1].header("User-Agent") == PluginHost.Configuration.defaultUserAgent)
  }

  @Test func `Persian in a path is percent-encoded, what is encoded stays`() async throws {
    _ = try await fetcher.exchange(Request(url: url("/dr/دکتر/?q=%D8%A7&n=نوبت")))
    #expect(server.requests[0].target == "/dr/%D8%AF%DA%A9%D8%AA%D8%B1/?q=%D8%A7&n=%D9%86%D9%88%D8%A8%D8%AA")
  }

  @Test func `validators become conditional headers and 304 is an answer`() async throws {
    server.on("GET", "/v", ServerResponse(status: 304, headers: [ServerHeader("ETag", "\"e\"")]))
    let response = try await fetcher.exchange(
      Request(url: url("/v"), validators: Validators(etag: "\"e\"", lastModified: "Sun, 06 Nov 1994 08:49:37 GMT")))
    #expect(response.status == 304)
    #expect(response.validators?.etag == "\"e\"")
    #expect(server.requests[0].header("If-None-Match") == "\"e\"")
    #expect(server.requests[0].header("If-Modified-Since") == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test func `a redirect is the answer, and its Location is the site's own`() async throws {
    server.on(
      "GET", "/r", .redirect(to: "\(server.origin)/next?x=1"), .redirect(to: "/next"),
      .redirect(to: "https://elsewhere.example/y"))
    var locations: [String?] = []
    for _ in 0..<3 { locations.append(try await fetcher.exchange(Request(url: url("/r"))).header("Location")) }
    #expect(locations == ["https://site.example/next?x=1", "/next", "https://elsewhere.example/y"])
    #expect(server.requests.count == 3)
  }

  @Test func `a URL of the mapped target comes back as the site's`() async throws {
    let response = try await fetcher.exchange(Request(url: server.origin + "/page2"))
    #expect(response.url == "https://site.example/page2")
  }

  @Test(arguments: [
    ("gzip", "H4sIAAAAAAACA7ux+WbLjeU3W2/0KNxsu9lxY8WNVQo31gFFWm73AAAuLZPvHAAAAA=="),
    ("deflate", "eJy7sflmy43lN1tv9CjcbLvZcWPFjVUKN9YBRVpu9wAAFckS9Q=="),
    ("br", "iw2A2LPZhNin2YXYjCDZhtmI2KjYqiDYrtin2YTbjAM="),
  ])
  func `compressed bodies are decoded`(_ coding: String, _ body: String) async throws {
    server.on("GET", "/z", .coded(coding, base64: body))
    let response = try await fetcher.exchange(Request(url: url("/z")))
    #expect(response.text == "سلام، نوبت خالی")
    #expect(server.requests[0].header("Accept-Encoding")?.contains(coding) == true)
  }

  @Test func `one connection serves one exchange after the other`() async throws {
    for _ in 0..<5 { _ = try await fetcher.exchange(Request(url: url("/k"))) }
    #expect(fetcher.socketsOpened == 1)
    #expect(server.requests.count == 5)
  }

  @Test func `many exchanges at once all get their own answer`() async throws {
    for index in 0..<100 { server.on("GET", "/n\(index)", .text("\(index)")) }
    let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<100 {
        group.addTask { try await fetcher.exchange(Request(url: url("/n\(index)"))).text == "\(index)" }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers == Array(repeating: true, count: 100))
  }

  @Test(arguments: [
    Request.Header("X-Text", "a\r\nX-Injected: 1"), Request.Header("X-Text", "a\nb"), Request.Header("X-Text", "a\0b"),
    Request.Header("X\r\nY", "1"), Request.Header("X: 1\r\nY", "1"), Request.Header("", "1"),
    Request.Header("X Y", "1"),
    Request.Header("Host", "evil.example"), Request.Header("Content-Length", "3"),
    Request.Header("transfer-encoding", "chunked"), Request.Header("Cookie", "a=b\r\nX: 1"),
  ])
  func `a header that would inject is refused before anything is sent`(_ header: Request.Header) async throws {
    let failure = await fetcher.failure(of: Request(url: url("/i"), headers: [header]))
    #expect(failure?.reason == .garbled)
    #expect(failure?.message.contains("Injected") == false)
    #expect(failure?.message.contains("evil") == false)
    #expect(fetcher.socketsOpened == 0)
  }

  @Test(.enabled(if: LoopbackSockets.hasIPv6, "needs ::1")) func `an exchange over IPv6 works`() async throws {
    let server = try RecordingServer(address: .ipv6)
    server.on("GET", "/", .text("six"))
    let fetcher = try FetchersTests.fetcher(to: server.origin)
    #expect(try await fetcher.exchange(Request(url: url("/"))).text == "six")
  }

  @Test func `after shutdown every exchange is cancelled`() async throws {
    fetcher.shutdown()
    fetcher.shutdown()
    #expect(await fetcher.failure(of: Request(url: url("/")))?.reason == .cancelled)
  }
}
