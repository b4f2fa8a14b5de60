import Glibc
import Language
import LoopbackServer
import TestSupport
import Testing

/// What a running service serves for Prometheus and for probes.
struct MetricsServiceTests {
  /// A service that has sent one alert, and another one that its channel refuses for now.
  private static func busy() async throws -> (ServiceHome, ServiceProcess, UInt16) {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    try home.serveMetrics(subscribers: [ServiceHome.chat("1001"), ServiceHome.hook])
    let service = try await home.start()
    let port = try await service.metricsPort()
    world.slots = ["s1": [0, 1]]
    try await eventually("an alert", story: { service.log }) { !world.deliveredPosts.isEmpty }
    world.telegram(then: { _ in ServerResponse(status: 503) })
    world.slots = ["s1": [0, 1, 2]]
    try await service.logged("send channel=telegram", "outcome=retry")
    return (home, service, port)
  }

  private static func scrape(_ port: UInt16) async throws -> String {
    let answer = try #require(await ask("/metrics", port: port))
    #expect(answer.status == 200)
    #expect(answer.head.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
    return answer.body
  }

  @Test func `a scrape tells what ran, what was sent and what waits, and no word of users`() async throws {
    let (home, service, port) = try await Self.busy()
    defer { service.end() }
    // Figures that are looked up are up to 5 s old.
    var text = ""
    try await eventually("what waits and what was sent is seen", story: { service.log + text }) {
      text = try await Self.scrape(port)
      return figure(#"slothunter_outbox_deliveries{channel="telegram"}"#, in: text) == 1
        && figure(#"slothunter_outbox_deliveries{channel="hook"}"#, in: text) == 0
        && figure(#"slothunter_delivery_latency_seconds_count{channel="hook"}"#, in: text) == 2
    }
    func atLeast(_ name: String, _ least: Double) throws {
      #expect(try #require(figure(name, in: text), "\(name)") >= least, "\(name)")
    }
    try atLeast(#"slothunter_runs_total{site="paziresh24",verdict="items"}"#, 2)
    try atLeast(#"slothunter_changes_total{site="paziresh24",kind="added"}"#, 2)
    try atLeast(#"slothunter_fetches_total{site="paziresh24",result="ok"}"#, 4)
    try atLeast(#"slothunter_fetch_duration_seconds_count{site="paziresh24"}"#, 4)
    try atLeast(#"slothunter_fetched_bytes_total{site="paziresh24"}"#, 100)
    try atLeast(#"slothunter_extract_duration_seconds_count{site="paziresh24"}"#, 4)
    try atLeast("slothunter_schedule_lag_seconds_count", 3)
    try atLeast("slothunter_run_commit_seconds_count", 3)
    try atLeast("slothunter_origin_wait_seconds_count", 4)
    try atLeast(#"slothunter_attempts_total{channel="telegram",outcome="delivered"}"#, 1)
    try atLeast(#"slothunter_attempts_total{channel="telegram",outcome="retry"}"#, 1)
    try atLeast(#"slothunter_delivery_latency_seconds_count{channel="telegram"}"#, 1)
    try atLeast(#"slothunter_delivery_latency_seconds_count{channel="hook"}"#, 2)
    try atLeast(#"slothunter_outbox_oldest_seconds{channel="telegram"}"#, 0.001)
    try atLeast("slothunter_store_size_bytes", 4096)
    try atLeast("slothunter_store_free_bytes", 1)
    try atLeast("process_resident_memory_bytes", 1_048_576)
    try atLeast("process_open_fds", 3)
    #expect(figure("slothunter_watches", in: text) == 1)
    #expect(figure(#"slothunter_outbox_deliveries{channel="hook"}"#, in: text) == 0)
    #expect(try #require(figure("slothunter_scheduler_silence_seconds", in: text)) < 30)
    // Nothing that a user wrote, and no address: names of sites and channels are the operator's.
    for word in [
      "dr-sample", "1001", "s1", "c1", "visit", "dr/", "http", "example", "api.", "127.0.0.1", home.path, "دکتر",
      ServiceWorld.token, ServiceWorld.secret,
    ] {
      let isThere = text.contains(word)
      #expect(!isThere, "\(word)")
    }
  }

  @Test(.enabled(if: promtool != nil, "needs promtool (Debian: prometheus)"))
  func `promtool finds nothing to say of a scrape`() async throws {
    let (_, service, port) = try await Self.busy()
    defer { service.end() }
    let result = try await runProgram(
      promtool ?? "", ["check", "metrics"], input: try await Self.scrape(port))
    #expect(result.status == 0 && result.out.isEmpty && result.err.isEmpty, "\(result)")
  }

  @Test func `a service that runs is alive and ready, and nothing else is served`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    try home.serveMetrics()
    let service = try await home.start()
    defer { service.end() }
    let port = try await service.metricsPort()
    for path in ["/healthz", "/readyz"] {
      try await eventually("\(path) says yes", story: { service.log }) {
        await ask(path, port: port).map { $0.status == 200 && $0.body == "ok\n" } ?? false
      }
    }
    #expect(await ask("/slothunter.yaml", port: port)?.status == 404)
    #expect(await ask("/../data/store.db", port: port)?.status == 404)
    #expect(await ask("/metrics", port: port, method: "POST")?.status == 405)
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0)
    #expect(await ask("/healthz", port: port) == nil)
  }

  @Test func `a reload moves the figures, and a port that is taken leaves them where they are`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let service = try await home.start()
    defer { service.end() }
    #expect(service.lines("metrics served").isEmpty)
    try home.serveMetrics()
    service.signal(SIGHUP)
    let port = try await service.metricsPort()
    let taken = try LoopbackServer { _ in .notFound }
    try home.serveMetrics(at: "127.0.0.1:\(taken.port)")
    service.signal(SIGHUP)
    try await service.logged("metrics stay where they are")
    #expect(!service.log.contains("reload failed"))
    #expect(await ask("/healthz", port: port)?.status == 200)
    let scrape = try await Self.scrape(port)
    #expect(figure(#"slothunter_reloads_total{result="ok"}"#, in: scrape) == 2)
    try home.write(configuration: ServiceHome.configuration(subscribers: [ServiceHome.chat("1001")]))
    service.signal(SIGHUP)
    try await eventually("nothing is served", story: { service.log }) { await ask("/healthz", port: port) == nil }
  }

  @Test func `a port that is taken stops the start, with its place in the file`() async throws {
    let taken = try LoopbackServer { _ in .notFound }
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    try home.serveMetrics(at: "127.0.0.1:\(taken.port)")
    let result = try await home.command(["run"] + world.origins)
    #expect(result.status == 2)
    #expect(result.err.contains("slothunter.yaml:1:20: error: metrics can't be served at 127.0.0.1:\(taken.port): "))
    #expect(result.err.contains("help: end what listens there, or choose another port"))
    #expect(world.siteRequests.isEmpty)
  }

  @Test func `where it is not configured the service listens nowhere`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let service = try await home.start()
    defer { service.end() }
    let line = try #require(service.lines("info running pid=").first)
    let pid = try #require(line.split(separator: "=").last)
    #expect(try Self.listening(pid: String(pid)).isEmpty)
    // The look itself finds sockets: a service with metrics has one.
    try home.serveMetrics()
    service.signal(SIGHUP)
    _ = try await service.metricsPort()
    #expect(try Self.listening(pid: String(pid)).count == 1)
  }

  /// Listening TCP sockets of a process, by their inodes.
  private static func listening(pid: String) throws -> [String] {
    var sockets: Set<String> = []
    for table in ["tcp", "tcp6"] {
      guard let text = try? text(of: "/proc/\(pid)/net/\(table)") else { continue }
      for line in text.split(separator: "\n").dropFirst() {
        let fields = line.split(separator: " ")
        // 0A is LISTEN; the tenth field is the inode (proc(5)).
        if fields.count > 9, fields[3] == "0A" { sockets.insert("socket:[\(fields[9])]") }
      }
    }
    return (0..<256).compactMap { number in
      var buffer = [UInt8](repeating: 0, count: 256)
      let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map {
          readlink("/proc/\(pid)/fd/\(number)", $0.assumingMemoryBound(to: CChar.self), bytes.count)
        } ?? -1
      }
      guard count > 0 else { return nil }
      let target = String(decoding: buffer[..<count], as: UTF8.self)
      return sockets.contains(target) ? target : nil
    }
  }
}
