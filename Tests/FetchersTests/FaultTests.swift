import Fetchers
import LoopbackServer
import PluginHost
import TestSupport
import Testing

/// Each way in which a network or server can fail has its own reason, and no failure says more than the origin.
struct FaultTests {
  private static let secret = "/bot123:SECRET/send?token=SECRET"
  private static let ok = "HTTP/1.1 200 OK\r\n"

  private func failure(
    _ steps: [FaultServer.Step], timeout: Duration = .seconds(20), maxBody: Int = 1 << 20,
    method: Request.Method = .get
  ) async throws -> FetchFailure? {
    let server = try FaultServer(scripts: [steps])
    let fetcher = try fetcher(to: server.origin)
    let failure = await fetcher.failure(
      of: Request(method: method, url: "https://site.example" + Self.secret, timeout: timeout, maxBody: maxBody))
    #expect(failure?.message.contains("SECRET") == false)
    #expect(failure?.message.contains("127.0.0.1") == false)
    #expect(failure.map { $0.message.hasPrefix("https://site.example: ") } != false)
    return failure
  }

  @Test func `nothing listening is connect`() async throws {
    let fetcher = try fetcher(to: try FaultServer.refusingOrigin())
    #expect(await fetcher.failure(of: Request(url: "https://site.example/"))?.reason == .connect)
  }

  @Test func `a name that does not exist is dns`() async throws {
    let fetcher = CurlFetcher(configuration: try .init())
    // Where no resolver answers, asking in vain takes longer than the usual 10 s for a connection.
    let request = Request(url: "http://nx.invalid/", timeout: .seconds(300), connectTimeout: .seconds(300))
    #expect(await fetcher.failure(of: request)?.reason == .dns)
    #expect(fetcher.socketsOpened == 0)
  }

  @Test func `plain text where TLS is spoken is tls`() async throws {
    let server = try FaultServer(.send("no TLS here\r\n\r\n"), .stall)
    let target = "https" + server.origin.dropFirst(4)
    let fetcher = try fetcher(to: target)
    #expect(await fetcher.failure(of: Request(url: "https://site.example/"))?.reason == .tls)
  }

  @Test(arguments: [
    [FaultServer.Step.readHead, .close], [.readHead, .reset],
    [.readHead, .send(ok), .reset], [.readHead, .send(ok + "Content-Length: 9\r\n\r\nabc"), .close],
    [.readHead, .send(ok + "Content-Length: 9\r\n\r\nabc"), .reset],
    [.readHead, .send(ok + "Content-Length: 9\r\n\r\nabc"), .halfClose],
    [.readHead, .send(ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nab"), .close],
  ])
  func `an answer that is cut is reset`(_ steps: [FaultServer.Step]) async throws {
    #expect(try await failure(steps)?.reason == .reset)
  }

  @Test(arguments: [
    [FaultServer.Step.stall], [.readHead, .stall], [.readHead, .send(ok), .stall],
    [.readHead, .send(ok + "Content-Length: 9\r\n\r\nabc"), .stall],
    [.readHead, .drip(Array((ok + "X: " + String(repeating: "y", count: 999)).utf8), every: .milliseconds(50))],
    [
      .readHead, .send(ok + "Content-Length: 999\r\n\r\n"),
      .drip([UInt8](repeating: 65, count: 999), every: .milliseconds(50)),
    ],
  ])
  func `silence and dripping end at the total time`(_ steps: [FaultServer.Step]) async throws {
    #expect(try await failure(steps, timeout: .seconds(3))?.reason == .timeout)
  }

  @Test(arguments: [
    [FaultServer.Step.readHead, .send("\u{1}\u{2}garbage that is not HTTP\r\n\r\n"), .close],
    [.readHead, .send("HTTP/9.9 banana\r\n\r\n"), .close],
    [.readHead, .send(ok + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), .close],
    [.readHead, .send(ok + "Content-Encoding: rot13\r\nContent-Length: 4\r\n\r\nnope"), .close],
    [.readHead, .send(ok + "Transfer-Encoding: chunked\r\n\r\nzzz\r\n"), .stall],
    [.readHead, .send(ok + "Content-Length: banana\r\n\r\n"), .stall],
  ])
  func `what is not HTTP is garbled`(_ steps: [FaultServer.Step]) async throws {
    #expect(try await failure(steps, timeout: .seconds(60))?.reason == .garbled)
  }

  @Test(arguments: [
    [FaultServer.Step.readHead, .send(ok), .sendForever(Array("X-Many: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".utf8))],
    [.readHead, .send(ok + "Location: "), .sendForever(Array(repeating: 65, count: 4096))],
    [.readHead, .sendForever(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))],
  ])
  func `headers without end pass the limit of 64 KiB`(_ steps: [FaultServer.Step]) async throws {
    let failure = try await failure(steps, timeout: .seconds(60))
    #expect(failure?.reason == .tooLarge)
    #expect(failure?.message.contains("headers") == true)
  }

  @Test func `a body without end, or announced too long, passes the limit`() async throws {
    let endless = try await failure(
      [.readHead, .send(Self.ok + "\r\n"), .sendForever([UInt8](repeating: 65, count: 4096))], maxBody: 1 << 16)
    #expect(endless?.reason == .tooLarge)
    #expect(endless?.message.contains("65536 bytes") == true)
    #expect(endless?.message.contains("max_body") == true)
  }

  @Test func `a body of exactly the limit is an answer`() async throws {
    let server = try RecordingServer()
    server.on("GET", "/", ServerResponse(body: [UInt8](repeating: 65, count: 1000)))
    let fetcher = try fetcher(to: server.origin)
    #expect(try await fetcher.exchange(Request(url: "https://site.example/", maxBody: 1000)).body.count == 1000)
    #expect(await fetcher.failure(of: Request(url: "https://site.example/", maxBody: 999))?.reason == .tooLarge)
  }

  /// 64 MiB of zeros, by gzip in gzip and by br.
  @Test(arguments: [
    (
      "gzip, gzip",
      "H4sIAAAAAAACA+3cr05CcRTA8YtcNyYbYiAZ5BGIFAYazAbNjgcgkmVzJgsvQWZjc7PSeAO02f0TnDM5L9z7GL/z+aSTTzw7+549NrLSQf1jXavth9n8f/nVOMoAAACAxM1e7+vlMSDrFtvLqxsAAAAgdePjVl4dBf5uT8+tAwAAAJL3MOi3qw+B77tJbh0AAACQvM7v26i6BWyKp5Nr+wAAAIDkvQgGAAAAQCiCAQAAABCLYAAAAADEIhgAAAAAwQgGAAAAQCyCAQAAABCLYAAAAADEIhgAAAAAwQgGAAAAQCyCAQAAABDLYtDvlo8B7Z9iOrw4zAAAAIjkufnZe1/th3wHPEzs+uL+AAA="
    ),
    (
      "br",
      "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//B/8EQBwWAOje//H//w/+CYA4LADQvf/L//8//BMAcVgAoHv/Bw=="
    ),
  ])
  func `a decompression bomb stops at the limit`(_ coding: String, _ body: String) async throws {
    let server = try RecordingServer()
    server.on("GET", "/", .coded(coding, base64: body))
    let fetcher = try fetcher(to: server.origin)
    let failure = await fetcher.failure(of: Request(url: "https://site.example/", maxBody: 8 << 20))
    #expect(failure?.reason == .tooLarge)
    #expect(failure?.message.contains("after decompression") == true)
  }

  @Test func `an interim answer is skipped and trailers are left out`() async throws {
    let server = try FaultServer(
      .readHead,
      .send(
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 1 \r\nTransfer-Encoding: chunked\r\n"
          + "\r\n2\r\nhi\r\n0\r\nX-Trailer: 1\r\n\r\n"), .close)
    let fetcher = try fetcher(to: server.origin)
    let response = try await fetcher.exchange(Request(url: "https://site.example/"))
    #expect(response.status == 200)
    #expect(response.headers.map(\.name) == ["X-Real", "Transfer-Encoding"])
    #expect(response.header("X-Real") == "1")
    #expect(response.text == "hi")
  }

  @Test func `a post is not repeated over a new connection when a kept one dies`() async throws {
    let answer = FaultServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    let server = try FaultServer(scripts: [[.readHead, answer, .readHead, .close], [.readHead, answer, .close]])
    let fetcher = try fetcher(to: server.origin)
    _ = try await fetcher.exchange(Request(url: "https://site.example/"))
    let failure = await fetcher.failure(of: Request(method: .post, url: "https://site.example/", body: [65]))
    #expect(failure?.reason == .reset)
    #expect(try await fetcher.exchange(Request(url: "https://site.example/")).text == "ok")
  }
}
