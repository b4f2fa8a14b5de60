import Language
import PluginHost
import Storage
import Synchronization
import TestSupport

@testable import Engine

/// Watches of a site of lists, on a clock of the test's own.
struct ScheduleBench {
  private final class Runs: Sendable {
    let all = Mutex<[(at: Duration, commit: RunCommit)]>([])
  }

  /// A site that takes its time.
  private struct Slow: Fetcher {
    static let kind = "slow"
    static let summary = "Answers of a test, later."
    let site: DeskSite
    let time: ManualTime
    let wait: Duration

    func exchange(_ request: Request) async throws(FetchFailure) -> Response {
      if wait > .zero { try? await time.sleep(for: wait) }
      return try await site.exchange(request)
    }
  }

  let site = DeskSite()
  let time: ManualTime
  let store: Store
  let scheduler: WatchScheduler
  private let runs = Runs()

  /// - Parameters:
  ///   - answers: How long the site takes for each answer.
  ///   - before: The process before this one, on whose store and clock it goes on.
  init(answers: Duration = .zero, after before: ScheduleBench? = nil) throws {
    let time = ManualTime(at: before?.time.now() ?? Instant(seconds: FakeClinic.midnight))
    self.time = time
    store = try before?.store ?? Store(path: "", mode: .inMemory)
    let random = RandomSource.seeded(3)
    let runner = WatchRunner(
      catalog: Builtins.catalog,
      sender: RequestSender(
        fetcher: Slow(site: site, time: time, wait: answers), governor: OriginGovernor(time: time, random: random),
        time: time), time: time, userAgent: "test")
    let executor = WatchExecutor(runner: runner, store: store, time: time, random: random, log: .none)
    scheduler = WatchScheduler(executor: executor, time: time, random: random, log: .none)
  }

  func show(_ ids: [Int]) {
    site.set("/lists", #"{"lists": ["a"]}"#)
    site.set("/list/a", "{\"rows\": [\(ids.map { "{\"id\": \"\($0)\"}" }.joined(separator: ","))]}")
  }

  /// Lets time pass until so many runs were stored: only while the scheduler sleeps, and every run under way waits for
  /// its turn at the origin or for its answer, so that no work is overtaken by the clock.
  func runs(_ count: Int) async throws -> [(at: Duration, commit: RunCommit)] {
    while runs.all.withLock({ $0.count }) < count {
      if await time.sleeping == scheduler.runningCount + 1, let wait = time.untilNextSleeper,
        // With nothing due it waits an hour for a ring: one is on its way, some time of that hour over. No `every` of
        // these tests is longer than half an hour.
        wait < .seconds(1900)
      {
        await time.advance(by: wait)
      } else {
        // Of real time, and short: what is waited for is done by others, who want the processor.
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    return runs.all.withLock { $0 }
  }

  /// Watches until ``stop(_:)``.
  func start() -> Task<Void, Never> {
    Task {
      await scheduler.run { run in
        let at = time.uptime()
        runs.all.withLock { $0.append((at, run.commit)) }
      }
    }
  }

  func stop(_ running: Task<Void, Never>) async {
    await scheduler.stop()
    running.cancel()
    await running.value
  }
}
