import Glibc
import TestSupport
import Testing

/// `Type=notify` of systemd, with a real socket.
struct ServiceManagerTests {
  @Test(arguments: [false, true])
  func `the service says when it is ready, reloads and stops, and pings meanwhile`(_ isAbstract: Bool) async throws {
    let home = try ServiceHome(try ServiceWorld())
    let manager = try NotifySocket(
      isAbstract ? "@slothunter-test-\(getpid())-\(UInt32.random(in: 0 ... .max))" : home.path + "/notify")
    // Half of it is the distance of pings.
    let service = try home.launch(
      ["--log=info"] + home.world.origins,
      environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "200000"])
    defer { service.end() }
    try await eventually("pings", story: { service.log }) { manager.pings >= 3 }
    #expect(manager.messages.first == "READY=1")
    // Ready means running: what it watches was taken up before.
    #expect(!service.lines("configuration applied").isEmpty)
    service.signal(SIGHUP)
    try await service.logged("reloaded")
    try await eventually("ready again", story: { service.log }) { manager.messages.count { $0 == "READY=1" } == 2 }
    let reload = try #require(manager.messages.firstIndex { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
    #expect(reload < manager.messages.lastIndex(of: "READY=1") ?? -1)
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0)
    #expect(manager.messages.contains("STOPPING=1"))
  }

  @Test func `a scheduler that is stuck pings no more, and the health probe says so from its own thread`() async throws
  {
    let home = try ServiceHome(try ServiceWorld())
    try home.serveMetrics()
    let manager = try NotifySocket(home.path + "/notify")
    let service = try home.launch(
      ["--log=info"] + home.world.origins,
      environment: [
        "NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "200000", "SLOTHUNTER_FAILPOINT": "in-schedule:20:stall",
      ])
    defer { service.end() }
    let port = try await service.metricsPort()
    try await eventually("the loop is called stuck", story: { service.log }) {
      guard let answer = await ask("/healthz", port: port) else { return false }
      return answer.status == 503 && answer.body.hasPrefix("the scheduler's loop has not gone round for ")
    }
    #expect(manager.messages.first == "READY=1")
    let pings = manager.pings
    #expect(pings > 0)
    // By the service's own clock: ten pings later none has come.
    try await eventually("more silence", story: { service.log }) {
      guard let body = await ask("/metrics", port: port)?.body else { return false }
      return (figure("slothunter_scheduler_silence_seconds", in: body) ?? 0) > 3
    }
    #expect(manager.pings == pings)
    #expect(await ask("/readyz", port: port)?.status == 503)
  }

  @Test func `without a service manager nothing is told, and a name that is none stops the start`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let result = try await home.command(["run"], environment: ["NOTIFY_SOCKET": "vsock:2:1234"])
    #expect(result.status == 64)
    #expect(result.err.contains("NOTIFY_SOCKET"))
    let long = try await home.command(["run"], environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 108)])
    #expect(long.status == 64)
  }

  @Test func `a watchdog that is meant for another process gets no ping`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let manager = try NotifySocket(home.path + "/notify")
    let service = try home.launch(
      ["--log=info"] + home.world.origins,
      environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "2000", "WATCHDOG_PID": "1"])
    defer { service.end() }
    try await service.runs(2)
    #expect(manager.messages == ["READY=1"])
  }

  @Test func `a socket that nobody reads holds up nothing`() async throws {
    let home = try ServiceHome(try ServiceWorld())
    let manager = try NotifySocket(home.path + "/notify")
    let service = try home.launch(
      ["--log=info"] + home.world.origins,
      environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "2000"])
    defer { service.end() }
    // A datagram socket of Linux holds some ten messages; these are hundreds of pings.
    try await service.runs(4, verdict: "unchanged")
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0)
  }

  @Test func `the unit that is shipped is one of these services`() throws {
    let unit = try text(of: packageRoot + "/deploy/slothunter.service").split(separator: "\n").map(String.init)
    #expect(unit.contains("Type=notify"))
    #expect(unit.contains { $0.hasPrefix("WatchdogSec=") })
  }
}
