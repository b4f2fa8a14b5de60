import Glibc
import Language
import PluginHost

/// Why a piece of reading gave nothing.
public enum ExtractionFailure: Error, Sendable, Hashable {
  /// It took longer than its budget: its thread is left to itself, its owner is quarantined.
  case overran(budget: Duration)
  /// Its owner's reading overran before, and the owner has not changed since.
  case quarantined(budget: Duration)
  /// As many threads are stuck as may be, and no other is left.
  case exhausted(stuck: Int)
}

/// Threads that read pages: parsing and selecting never run on the few threads that all tasks share, and what never ends
/// holds up nobody else.
///
/// A thread inside libxml2 can't be stopped. One whose job lasts (two looks of the watchdog) is helped out by another
/// thread; one whose job overruns its budget is given up: who waits is told, the owner is quarantined until it changes or
/// is released, and the thread ends when its job does. The time is the engine's; there is one watchdog, and only while
/// there is work.
public final class ExtractionPool: Sendable {
  public struct Settings: Sendable {
    /// Jobs at once: as many as there are cores.
    public var threads: Int
    /// Threads that may be stuck beside them; each holds a page and its tree, some 100 MB at worst.
    public var maxStuck = 8
    /// How often the watchdog looks.
    public var look = Duration.milliseconds(100)
    /// A budget is processor time. A job that waits for a processor, on a starved machine, may last so many times as long.
    public var starvation = 4

    public init(threads: Int = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) { self.threads = max(1, threads) }
  }

  /// What one reading may take: RELIABILITY.md section 2 gives a helper process 5 s. The slowest page within all other
  /// limits takes a tenth of it.
  public static let budget = Duration.seconds(5)

  public struct Counts: Sendable, Hashable {
    public var waiting = 0
    public var running = 0
    /// Threads given up that have not ended yet.
    public var stuck = 0
    /// Threads there are, stuck ones too.
    public var threads = 0
    /// Readings that overran since the start.
    public var overruns = 0
  }

  private let core: ExtractionCore

  /// - Parameter onOverrun: Told the owner and its budget, once for each quarantine.
  public init(
    settings: Settings = Settings(), time: any TimeSource,
    onOverrun: @escaping @Sendable (_ owner: String, _ budget: Duration) -> Void = { _, _ in }
  ) {
    core = ExtractionCore(settings: settings, time: time, onOverrun: onOverrun)
  }

  /// Threads end when they have nothing to do; one that is stuck ends with its job.
  deinit { core.stop() }

  /// Runs `work` on one of the pool's threads. Cancelling the task does not end it: jobs are short, or overrun.
  ///
  /// - Parameter owner: What is quarantined when it overruns: a spec in one version.
  /// - Throws: ``ExtractionFailure``, or what `work` throws.
  public func run<Value: Sendable>(
    owner: String, budget: Duration = ExtractionPool.budget, _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { (answer: CheckedContinuation<Value, any Error>) in
      core.submit(
        ExtractionJob(
          owner: owner, budget: budget,
          perform: {
            let result = Result { try work() }
            return { answer.resume(with: result) }
          },
          fail: { answer.resume(throwing: $0) }))
    }
  }

  /// Why nothing of this owner is read now; nil where it is.
  public func quarantine(of owner: String) -> ExtractionFailure? { core.quarantine(of: owner) }

  /// Owners that are quarantined, sorted.
  public var quarantined: [String] { core.quarantined }

  /// Lets owners be read again; all of them where nil.
  public func release(_ owners: Set<String>? = nil) { core.release(owners) }

  /// Forgets owners that there are no more.
  public func keep(_ owners: Set<String>) { core.release(Set(core.quarantined).subtracting(owners)) }

  public var counts: Counts { core.counts }
}

/// A job of any type. What it gives is handed over apart, so that it can be thrown away.
struct ExtractionJob: Sendable {
  var owner: String
  var budget: Duration
  var perform: @Sendable () -> (() -> Void)
  var fail: @Sendable (ExtractionFailure) -> Void
}
