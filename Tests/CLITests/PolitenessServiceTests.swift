import Glibc
import LoopbackServer
import PluginHost
import Synchronization
import TestSupport
import Testing

/// A thousand due watches on one host, and a server that counts: the real program, killed and started again.
@Suite(.serialized) struct PolitenessServiceTests {
  /// What the server saw, by the clock of this process.
  private final class Counter: Sendable {
    let seen = Mutex<[(at: Duration, path: String)]>([])
    /// Answers 429 while it is set, with that Retry-After.
    let silence = Mutex<Int?>(nil)
    /// When 429 was last answered.
    let refused = Mutex<Duration?>(nil)

    func answer(_ request: ServerRequest) -> ServerResponse {
      let now = SystemTime().uptime()
      seen.withLock { $0.append((now, request.target)) }
      if let seconds = silence.withLock({ $0 }) {
        refused.withLock { $0 = SystemTime().uptime() }
        return ServerResponse(status: 429, headers: [ServerHeader("Retry-After", "\(seconds)")])
      }
      if request.path == "/robots.txt" {
        return ServerResponse(
          headers: [ServerHeader("Content-Type", "text/plain")],
          body: Array("User-agent: SlotHunter\nDisallow: /w/7\n".utf8))
      }
      return ServerResponse(
        headers: [ServerHeader("Content-Type", "application/json")], body: Array(#"{"slots": [{"id": 1}]}"#.utf8))
    }

    var count: Int { seen.withLock { $0.count } }
    var times: [Duration] { seen.withLock { $0.map(\.at) } }

    /// The most requests in any window of a second.
    var most: Int {
      let times = times.sorted()
      var most = 0
      var first = 0
      for (index, time) in times.enumerated() {
        while time - times[first] >= .seconds(1) { first += 1 }
        most = max(most, index - first + 1)
      }
      return most
    }
  }

  private static let rate = 20

  private func home(_ folder: TemporaryFolder, watches: Int, limits: String = "") throws {
    try folder.write(
      """
      site: one
      title: one
      timezone: Asia/Tehran
      links: ["https://one.example/w/{id}"]
      limits: { rate: \(Self.rate)/s, burst: 5, concurrency: 1, min_interval: 1s\(limits) }
      steps:
        - step: slots
          get: https://one.example/w/{id}
          anchor: $.slots
          rows: { each: "$.slots[*]", fields: { slot: $.id } }
      items: { key: [slot], expect: { count: 0..9 } }
      alert: { on: [added], title: { en: Slot, fa: نوبت }, line: { en: "{slot}", fa: "{slot}" }, useful_for: 15m }
      """, to: "sites/one.yaml")
    try folder.write(bytes(of: packageRoot + "/notifiers/webhook.yaml"), to: "notifiers/webhook.yaml")
    var text = "sites: [sites]\nnotifiers: [notifiers]\nstore: store.db\nwatches:\n"
    for number in 0..<watches { text += "  - { site: one, params: { id: \"\(number)\" }, every: 1s }\n" }
    try folder.write(text, to: "slothunter.yaml")
  }

  private func launch(_ folder: TemporaryFolder, _ server: LoopbackServer, _ name: String) throws -> ServiceProcess {
    try ServiceProcess(
      ["run", "--origin", "https://one.example=\(server.origin)"], folder: folder.path, name: name, environment: [:])
  }

  @Test(.timeLimit(.minutes(10)))
  func `no window of a second sees more than the rate, over kills, and none is asked while it wants silence`()
    async throws
  {
    let counter = Counter()
    let server = try LoopbackServer { counter.answer($0) }
    let folder = try TemporaryFolder()
    try home(folder, watches: 1000)
    var process = try launch(folder, server, "first")
    try await eventually("100 requests", story: { process.log }) { counter.count >= 100 }
    for round in 0..<2 {
      let before = counter.count
      process.signal(SIGKILL)
      _ = try await process.exit()
      process = try launch(folder, server, "again-\(round)")
      try await eventually("50 more", story: { process.log }) { counter.count >= before + 50 }
    }
    // Silence, told to whoever asks; the process dies in it.
    counter.silence.withLock { $0 = 4 }
    try await process.logged("verdict=throttled")
    counter.silence.withLock { $0 = nil }
    let began = try #require(counter.refused.withLock { $0 })
    process.signal(SIGKILL)
    _ = try await process.exit()
    process = try launch(folder, server, "after")
    let asked = counter.count
    try await eventually("it asks again", story: { process.log }) { counter.count >= asked + 30 }
    // One at a time: nothing was under way when it was told.
    let silent = counter.times.filter { $0 > began && $0 < began + .seconds(4) }
    #expect(silent.isEmpty, "\(silent.map { $0 - began })")
    #expect(counter.most <= Self.rate, "\(counter.most) in a second")
    process.signal(SIGTERM)
    #expect(try await process.exit() == 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `robots.txt is asked for first and once, and what it disallows is never asked for`() async throws {
    let counter = Counter()
    let server = try LoopbackServer { counter.answer($0) }
    let folder = try TemporaryFolder()
    try home(folder, watches: 12, limits: ", robots: obey")
    let process = try launch(folder, server, "obeys")
    try await process.logged("watch=one/7", "verdict=blocked", "robots.txt disallows /w/7")
    try await eventually("the others are read", story: { process.log }) { counter.count >= 12 }
    let paths = counter.seen.withLock { $0.map(\.path) }
    #expect(paths.first == "/robots.txt" && paths.count { $0 == "/robots.txt" } == 1)
    #expect(!paths.contains("/w/7"))
    process.end()
  }
}
