import LoopbackServer
import PluginHost
import Testing

/// Retry-After silences an origin, and one refused service never starves the others.
struct OriginThrottleTests {
  static let busy = FakeClinic.Service.http(429, headers: [ServerHeader("Retry-After", "60")])
  static let ten = FakeClinic.midnight + 36_000

  @Test func `a service that is told to wait holds up only itself in that run`() async throws {
    var bench = try Bench([("s1", .slots([Self.ten])), ("s2", .slots([Self.ten])), ("s3", .slots([]))]) {
      $0.limits.concurrency = 1
    }
    _ = try await bench.run()
    bench.clinic.set("s1", Self.busy)
    bench.clinic.set("s2", .slots([Self.ten, Self.ten + 600]))
    bench.clinic.set("s3", .slots([Self.ten]))
    let run = try await bench.run()
    #expect(run.verdict("service_id=s1") == .throttled)
    #expect(run.verdict("service_id=s2") == .items && run.verdict("service_id=s3") == .items)
    #expect(run.changes.map(\.kind) == [.added, .added])
  }

  @Test func `the next run asks nothing before the time is over`() async throws {
    var bench = try Bench([("s1", Self.busy), ("s2", .slots([Self.ten]))]) { $0.limits.concurrency = 1 }
    _ = try await bench.run()
    let asked = bench.clinic.requests.count
    let run = try await bench.run()
    #expect(bench.clinic.requests.count == asked)
    #expect(run.outcomes.allSatisfy { $0.verdict == .throttled })
    #expect(run.changes.isEmpty)
  }

  /// Services are asked in no certain order, so all of them refuse.
  @Test func `two refusals in a row end the run for that origin`() async throws {
    var bench = try Bench(["s1", "s2", "s3", "s4"].map { ($0, Self.busy) }) { $0.limits.concurrency = 1 }
    let run = try await bench.run()
    #expect(bench.clinic.requests(ending: "/getFreeDays").count == 2)
    #expect(run.outcomes.map(\.verdict) == [.throttled, .throttled, .throttled, .throttled])
  }
}
