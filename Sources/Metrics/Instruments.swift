import Synchronization

/// A number that only grows. Adding is one atomic instruction: no lock, no heap, no await.
public final class Counter: Sendable {
  private let value = Atomic<Int>(0)

  init() {}

  public func add(_ amount: Int = 1) {
    // Overflow would take 292 years of a billion a second.
    value.wrappingAdd(max(0, amount), ordering: .relaxed)
  }

  public var count: Int { value.load(ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
  /// Bits of a Double, for which there is no atomic.
  private let bits = Atomic<UInt64>(0)

  init() {}

  public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
  public func set(_ value: Int) { set(Double(value)) }
  public func set(_ value: Bool) { set(value ? 1 : 0) }

  public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// How often durations were how long. Observing is two atomic additions and a look through at most 15 bounds.
public final class Histogram: Sendable {
  private let bounds: [Int]
  private let counts: InlineArray<16, Atomic<Int>>
  private let nanoseconds = Atomic<Int>(0)

  init(_ buckets: Buckets) {
    bounds = buckets.bounds
    counts = InlineArray { _ in Atomic(0) }
  }

  public func observe(_ duration: Duration) {
    let value = duration.wholeNanoseconds
    var bucket = 0
    while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
    counts[bucket].wrappingAdd(1, ordering: .relaxed)
    nanoseconds.wrappingAdd(value, ordering: .relaxed)
  }

  /// A reading beside observers: the sum may know of one that the counts do not, and the other way round.
  var reading: (counts: [Int], nanoseconds: Int) {
    ((0...bounds.count).map { counts[$0].load(ordering: .relaxed) }, nanoseconds.load(ordering: .relaxed))
  }

  public var count: Int { reading.counts.reduce(0, +) }
}
