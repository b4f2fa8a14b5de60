import Synchronization

/// How late runs start: from the moment a run is due to the moment its first request is handed to the fetcher. What an
/// origin's limits make a request wait is not in it.
///
/// Counts in buckets whose bounds grow by √2 from half a millisecond: quantiles are told within a fifth.
public final class StartLag: Sendable {
  /// Upper bounds; the last bucket has none.
  public static let bounds: [Duration] = {
    // 2^(n/2), without a function of floating point: twice, or times 1.4142.
    (0..<36).map { (step: Int) -> Duration in
      let nanoseconds: Int64 = step % 2 == 0 ? 500_000 : 707_107
      return .nanoseconds(nanoseconds << Int64(step / 2))
    }
  }()

  public struct Counts: Sendable, Hashable {
    /// By bucket, one more than there are bounds.
    public var buckets: [Int]
    public var sum: Duration
    public var most: Duration

    public var count: Int { buckets.reduce(0, +) }

    /// The bound below which this part of all starts lies; nil before the first.
    public func quantile(_ part: Double) -> Duration? {
      let count = count
      guard count > 0 else { return nil }
      var seen = 0
      for (index, bucket) in buckets.enumerated() {
        seen += bucket
        if Double(seen) >= part * Double(count) {
          return index < StartLag.bounds.count ? min(StartLag.bounds[index], most) : most
        }
      }
      return most
    }
  }

  private let counts = Mutex(
    Counts(buckets: Array(repeating: 0, count: StartLag.bounds.count + 1), sum: .zero, most: .zero))

  public init() {}

  public func snapshot() -> Counts { counts.withLock { $0 } }

  func record(_ lag: Duration) {
    let lag = max(.zero, lag)
    let bucket = StartLag.bounds.firstIndex { lag <= $0 } ?? StartLag.bounds.count
    counts.withLock { counts in
      counts.buckets[bucket] += 1
      counts.sum += lag
      counts.most = max(counts.most, lag)
    }
  }
}

/// The run that the current task executes, for whoever hands its first request on.
final class RunStart: Sendable {
  @TaskLocal static var current: RunStart?

  private let due: Duration
  private let lag: StartLag
  private let isOver = Mutex(false)

  init(due: Duration, _ lag: StartLag) {
    self.due = due
    self.lag = lag
  }

  /// Only the first call counts.
  func begins(at uptime: Duration) {
    let isFirst = isOver.withLock { isOver in
      defer { isOver = true }
      return !isOver
    }
    if isFirst { lag.record(uptime - due) }
  }
}
