import Dispatch
import Language
import PluginHost
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Threads that read pages, and what becomes of one that never ends.
@Suite(.timeLimit(.minutes(5)))
struct ExtractionPoolTests {
  /// Holds a job until the test lets it go.
  final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let entered = Mutex(0)

    /// Called by the job.
    func pass() {
      entered.withLock { $0 += 1 }
      semaphore.wait()
    }

    func open(_ count: Int = 1) { for _ in 0..<count { semaphore.signal() } }

    /// Returns when so many jobs stand at the gate.
    func waited(by count: Int = 1) async {
      while entered.withLock({ $0 < count }) { await Task.yield() }
    }
  }

  private let time = ManualTime()
  private let told = Told()

  private final class Told: Sendable { let owners = Mutex<[String]>([]) }

  private func pool(threads: Int = 2, maxStuck: Int = 8) -> ExtractionPool {
    var settings = ExtractionPool.Settings(threads: threads)
    settings.maxStuck = maxStuck
    return ExtractionPool(settings: settings, time: time) { [told] owner, _ in
      told.owners.withLock { $0.append(owner) }
    }
  }

  /// Moves the clock until it holds; a wait for ever ends with the suite's time limit.
  private func advance(until done: () -> Bool) async {
    while !done() { _ = await time.advance(steps: 10) { done() } }
  }

  private static func failure(_ task: Task<Int, any Error>) async -> ExtractionFailure? {
    do {
      _ = try await task.value
      return nil
    } catch { return error as? ExtractionFailure }
  }

  @Test func `what a job gives or throws comes back, from as many threads as were asked for`() async throws {
    struct Odd: Error, Equatable { var number: Int }
    let pool = pool()
    let results = await withTaskGroup(of: (Int, Bool).self) { group in
      for number in 0..<400 {
        group.addTask {
          do {
            let value = try await pool.run(owner: "site \(number % 3)") {
              if number % 2 == 1 { throw Odd(number: number) }
              return number
            }
            return (number, value == number && number % 2 == 0)
          } catch { return (number, error as? Odd == Odd(number: number)) }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect(results.count == 400 && results.values.allSatisfy(\.self))
    #expect(pool.counts.threads == 2)
    #expect(pool.counts.overruns == 0 && told.owners.withLock { $0.isEmpty })
  }

  @Test func `jobs run beside the threads that all tasks share`() async throws {
    let pool = pool(threads: 8)
    let gate = Gate()
    // More than there are shared threads on any machine this runs on would block them all, and the test with them.
    let tasks = (0..<8).map { number in Task { try await pool.run(owner: "\(number)") { gate.pass() } } }
    await gate.waited(by: 8)
    gate.open(8)
    for task in tasks { try await task.value }
  }

  @Test func `what overruns is told to who waits, quarantined, and its thread replaced`() async throws {
    let pool = pool(threads: 1)
    let gate = Gate()
    let stuck = Task {
      try await pool.run(owner: "bad@1", budget: .seconds(1)) { () -> Int in
        gate.pass(); return 1
      }
    }
    await gate.waited()
    let queued = Task { try await pool.run(owner: "bad@1", budget: .seconds(1)) { 2 } }
    let other = Task { try await pool.run(owner: "good@1") { 3 } }
    await advance { pool.counts.stuck == 1 }
    #expect(await Self.failure(stuck) == .overran(budget: .seconds(1)))
    #expect(await Self.failure(queued) == .quarantined(budget: .seconds(1)))
    #expect(try await other.value == 3)
    #expect(pool.quarantined == ["bad@1"])
    #expect(pool.quarantine(of: "bad@1") == .quarantined(budget: .seconds(1)))
    await #expect(throws: ExtractionFailure.quarantined(budget: .seconds(1))) {
      try await pool.run(owner: "bad@1") { 4 }
    }
    #expect(try await pool.run(owner: "good@1") { 5 } == 5)
    #expect(told.owners.withLock { $0 } == ["bad@1"])
    // The stuck thread ends with its job, and what that gave is nobody's.
    gate.open()
    while pool.counts.stuck > 0 { await Task.yield() }
    #expect(pool.counts.threads == 1)
  }

  @Test func `a job that lasts is helped out by another thread, and its owner gets no second one meanwhile`()
    async throws
  {
    let pool = pool(threads: 1)
    let gate = Gate()
    let long = Task {
      try await pool.run(owner: "slow") { () -> Int in
        gate.pass(); return 1
      }
    }
    await gate.waited()
    let second = Task { try await pool.run(owner: "slow") { 2 } }
    let other = Task { try await pool.run(owner: "quick") { 3 } }
    await advance { pool.counts.threads == 2 }
    #expect(try await other.value == 3)
    #expect(pool.counts.waiting == 1 && pool.counts.stuck == 0)
    gate.open()
    #expect(try await long.value == 1)
    #expect(try await second.value == 2)
    while pool.counts.threads > 1 { await Task.yield() }
    #expect(pool.quarantined.isEmpty)
  }

  @Test func `stuck threads are bounded, and a place that comes free is used`() async throws {
    let pool = pool(threads: 1, maxStuck: 2)
    let gate = Gate()
    var tasks: [Task<Int, any Error>] = []
    for number in 0..<3 {
      tasks.append(
        Task {
          try await pool.run(owner: "bad \(number)", budget: .seconds(1)) { () -> Int in
            gate.pass(); return 1
          }
        })
      await gate.waited(by: number + 1)
      await advance { pool.counts.stuck == number + 1 }
    }
    #expect(pool.counts.threads == 3)
    await #expect(throws: ExtractionFailure.exhausted(stuck: 3)) { try await pool.run(owner: "good") { 1 } }
    gate.open()
    while pool.counts.stuck > 2 { await Task.yield() }
    #expect(try await pool.run(owner: "good") { 1 } == 1)
    gate.open(2)
    for task in tasks { #expect(await Self.failure(task) == .overran(budget: .seconds(1))) }
  }

  @Test func `a quarantine ends when its spec is another, or when it is released`() async throws {
    let pool = pool(threads: 1)
    let gate = Gate()
    for owner in ["a@1", "b@1"] {
      let task = Task {
        try await pool.run(owner: owner, budget: .seconds(1)) { () -> Int in
          gate.pass(); return 1
        }
      }
      await advance { pool.quarantine(of: owner) != nil }
      _ = await task.result
    }
    #expect(pool.quarantined == ["a@1", "b@1"])
    pool.keep(["a@1", "b@2"])
    #expect(pool.quarantined == ["a@1"])
    #expect(try await pool.run(owner: "b@1") { 1 } == 1)
    pool.release()
    #expect(try await pool.run(owner: "a@1") { 1 } == 1)
    gate.open(2)
  }

  /// The test's clocks, and time that passes all at once.
  private final class LeapingTime: TimeSource {
    private let base: ManualTime
    private let leapt = Mutex(Duration.zero)
    init(_ base: ManualTime) { self.base = base }

    func leap(by duration: Duration) { leapt.withLock { $0 += duration } }
    func now() -> Instant { base.now() }
    func uptime() -> Duration { base.uptime() + leapt.withLock { $0 } }
    func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }
  }

  @Test func `time in which the process stood still counts for nothing`() async throws {
    let leaping = LeapingTime(time)
    let pool = ExtractionPool(settings: ExtractionPool.Settings(threads: 1), time: leaping)
    let gate = Gate()
    let task = Task {
      try await pool.run(owner: "a", budget: .seconds(2)) { () -> Int in
        gate.pass(); return 1
      }
    }
    await gate.waited()
    for _ in 0..<5 {
      leaping.leap(by: .seconds(3600))
      _ = await time.advance(steps: 2) { false }
    }
    #expect(pool.counts.stuck == 0)
    gate.open()
    #expect(try await task.value == 1)
  }

  @Test func `whoever spins is found by the processor time it used`() async throws {
    var settings = ExtractionPool.Settings(threads: 1)
    // So many looks are never made here: only processor time can tell.
    settings.starvation = 1_000_000
    let pool = ExtractionPool(settings: settings, time: time)
    let isOver = Flag()
    let task = Task {
      try await pool.run(owner: "spins", budget: .milliseconds(200)) { () -> Int in
        while !isOver.value.load(ordering: .relaxed) {}
        return 1
      }
    }
    await advance { pool.counts.stuck == 1 }
    #expect(await Self.failure(task) == .overran(budget: .milliseconds(200)))
    isOver.value.store(true, ordering: .relaxed)
  }

  private final class Flag: Sendable { let value = Atomic(false) }
}
