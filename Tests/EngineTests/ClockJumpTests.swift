import Language
import PluginHost
import Scheduling
import SiteSpecs
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// The wall clock is set while watches run; their schedule goes by the uptime.
struct ClockJumpTests {
  /// Answers at once, and notes the uptime of each request.
  private struct Answering: Fetcher {
    static let kind = "answering"
    static let summary = "Answers at once."
    let seen: @Sendable () -> Void
    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      seen()
      return Response(status: 200, body: Array(#"{"rows": [1]}"#.utf8), url: request.url)
    }
  }

  /// Uptimes of requests.
  private final class Starts: Sendable {
    private let starts = Mutex<[Duration]>([])
    func add(_ at: Duration) { starts.withLock { $0.append(at) } }
    var all: [Duration] { starts.withLock { $0 } }
  }

  private static func watch() throws -> Watch {
    let yaml =
      """
      site: clock
      title: clock
      timezone: Asia/Tehran
      links: [ "https://clock.example/{name}" ]
      steps:
        - step: list
          get: https://clock.example/{name}
          anchor: $.rows
          rows: { each: "$.rows[*]", fields: { id: $ } }
      items: { key: [id] }
      """ + Desk.alert
    let (spec, diagnostics) = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/clock.yaml", text: yaml)
    guard let spec else { throw Bench.BadSpec(text: "\(diagnostics)") }
    return Watch(spec: spec, params: ["name": "a"], every: .seconds(60), subscriptions: [])
  }

  struct Jump: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var from: Int64
    var to: Int64
  }

  private static let usual: Int64 = 1_791_232_200

  static let jumps = [
    Jump(testDescription: "an hour on", from: usual, to: usual + 3600),
    Jump(testDescription: "an hour back", from: usual, to: usual - 3600),
    Jump(testDescription: "a day on", from: usual, to: usual + 86400),
    Jump(testDescription: "to 1970", from: usual, to: 0),
    Jump(testDescription: "from 1970, as a machine without a battery starts", from: 0, to: usual),
    Jump(testDescription: "to 2038-01-20, past 32 bits", from: usual, to: 2_147_558_400),
    // No jump of the clock, but of what the clock on the wall shows.
    Jump(testDescription: "spring in Berlin, 2026-03-29", from: 1_774_745_700, to: 1_774_745_700),
    Jump(testDescription: "autumn in Berlin, 2026-10-25", from: 1_792_889_700, to: 1_792_889_700),
    Jump(testDescription: "the gap at midnight in Tehran, 2021-03-22", from: 1_616_358_300, to: 1_616_358_300),
  ]

  @Test(.timeLimit(.minutes(10)), arguments: jumps)
  func `no watch misses a turn, none runs in a burst`(_ jump: Jump) async throws {
    let time = ManualTime(at: Instant(seconds: jump.from))
    let starts = Starts()
    let fetcher = Answering { starts.add(time.uptime()) }
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: nil, time: time), time: time,
      userAgent: "test")
    let executor = WatchExecutor(
      runner: runner, store: try Store(path: "", mode: .inMemory, executor: time.actorExecutor()), time: time,
      random: .seeded(4), log: .none)
    let scheduler = WatchScheduler(executor: executor, time: time, random: .seeded(5), log: .none)
    await scheduler.replace([try Self.watch()], outlets: Outlets(channels: [], maintainers: []), lastRuns: [:])
    let task = time.start { await scheduler.run { _ in } }
    for turn in 1...10 {
      // Under way nothing is due, and the scheduler sleeps an hour: so this waits for the end of each run.
      while (time.untilNextSleeper ?? .seconds(3600)) > .seconds(120) { try await Task.sleep(for: .milliseconds(1)) }
      await time.advance(by: time.untilNextSleeper ?? .zero)
      while starts.all.count < turn { try await Task.sleep(for: .milliseconds(1)) }
      if turn == 3 { time.setWall(Instant(seconds: jump.to) + time.uptime()) }
    }
    await scheduler.stop()
    task.cancel()
    await task.value
    let waits = zip(starts.all.dropFirst(), starts.all).map { $0 - $1 }
    #expect(waits.count == 9)
    // `every`, its jitter of 5 %, and nothing else.
    #expect(waits.allSatisfy { $0 >= .seconds(60) && $0 <= .seconds(63) }, "\(waits)")
  }

  /// What was stored under one clock, read at a start under another.
  @Test(arguments: [3600, -3600, 86400, -86400, -usual, 356_326_200] as [Int64])
  func `after a start each watch runs within its interval, spread over a minute`(_ offset: Int64) {
    let now = Instant(seconds: Self.usual + offset)
    let random = RandomSource.seeded(9)
    let schedule = Schedule(every: .seconds(600))
    let starts = (0..<500).map { number in
      schedule.firstRun(
        lastRunAt: Instant(seconds: Self.usual - number), now: now, uptime: .seconds(50), random: random)
    }
    #expect(starts.allSatisfy { $0 >= .seconds(50) && $0 <= .seconds(50) + schedule.every })
    let busiest = Dictionary(grouping: starts) { $0.components.seconds }.values.map(\.count).max() ?? 0
    #expect(busiest < 30, "\(busiest) watches start within one second")
  }
}
