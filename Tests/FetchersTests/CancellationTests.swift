import Fetchers
import LoopbackServer
import PluginHost
import TestSupport
import Testing

struct CancellationTests {
  @Test func `a cancelled exchange ends at once and the next one works`() async throws {
    let stalled = try FaultServer(.readHead, .stall)
    let server = try RecordingServer()
    let fetcher = CurlFetcher(
      configuration: try .init(
        origins: OriginMap(parsing: [
          "https://stalled.example=\(stalled.origin)", "https://site.example=\(server.origin)",
        ])))
    let task = Task {
      await fetcher.failure(
        of: Request(url: "https://stalled.example/", timeout: .seconds(3600), connectTimeout: .seconds(3600)))
    }
    while stalled.connections == 0 { await Task.yield() }
    task.cancel()
    #expect(await task.value?.reason == .cancelled)
    #expect(try await fetcher.exchange(Request(url: "https://site.example/")).status == 404)
  }

  @Test func `a task that is cancelled before it starts sends nothing`() async throws {
    let server = try RecordingServer()
    let fetcher = try fetcher(to: server.origin)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return await fetcher.failure(of: Request(url: "https://site.example/"))
    }
    task.cancel()
    #expect(await task.value?.reason == .cancelled)
    #expect(server.requests.isEmpty)
  }

  @Test func `a thousand cancels leave the engine healthy`() async throws {
    let stalled = try FaultServer(.stall)
    let server = try RecordingServer()
    var configuration = try CurlFetcher.Configuration(
      origins: OriginMap(parsing: [
        "https://stalled.example=\(stalled.origin)", "https://site.example=\(server.origin)",
      ]))
    configuration.maxConnections = 32
    let fetcher = CurlFetcher(configuration: configuration)
    let tasks = (0..<1000).map { _ in
      Task {
        await fetcher.failure(
          of: Request(url: "https://stalled.example/", timeout: .seconds(3600), connectTimeout: .seconds(3600)))?.reason
      }
    }
    while stalled.connections == 0 { await Task.yield() }
    for task in tasks { task.cancel() }
    for task in tasks { #expect(await task.value == .cancelled) }
    for _ in 0..<10 { #expect(try await fetcher.exchange(Request(url: "https://site.example/")).status == 404) }
  }

  @Test func `shutdown fails what is in flight`() async throws {
    let stalled = try FaultServer(.readHead, .stall)
    let fetcher = try fetcher(to: stalled.origin)
    let task = Task { await fetcher.failure(of: Request(url: "https://site.example/", timeout: .seconds(3600))) }
    while stalled.connections == 0 { await Task.yield() }
    fetcher.shutdown()
    #expect(await task.value?.reason == .cancelled)
  }
}
