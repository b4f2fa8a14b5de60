/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Arithmetic stops at the ends of the range (292 million years away) rather than trap: the numbers come from pages.
public struct Instant: Sendable, Hashable, Comparable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }
  public init(seconds: Int64) { milliseconds = seconds.multipliedSaturating(by: 1000) }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 { milliseconds.flooredDivision(by: 1000) }

  public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
  public static func + (a: Instant, b: Duration) -> Instant {
    Instant(milliseconds: a.milliseconds.addedSaturating(b.inMilliseconds))
  }
  public static func - (a: Instant, b: Duration) -> Instant {
    Instant(milliseconds: a.milliseconds.subtractedSaturating(b.inMilliseconds))
  }
  public static func - (a: Instant, b: Instant) -> Duration {
    .milliseconds(a.milliseconds.subtractedSaturating(b.milliseconds))
  }
}

extension Instant {
  /// Years that instants reach, rounded down; day arithmetic within them never overflows.
  static let representableYears: ClosedRange<Int64> = -200_000_000...200_000_000

  /// What text and numbers from pages may mean: the years 1 to 9999, which every format here can print and read.
  public static let readable = Instant(seconds: -62_135_596_800)...Instant(milliseconds: 253_402_300_799_999)
}

extension Duration {
  /// Whole milliseconds, rounded towards zero.
  public var inMilliseconds: Int64 {
    let parts = components
    return parts.seconds.multipliedSaturating(by: 1000)
      .addedSaturating(parts.attoseconds / 1_000_000_000_000_000)
  }
}

extension FixedWidthInteger where Self: SignedInteger {
  func addedSaturating(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }

  func subtractedSaturating(_ other: Self) -> Self {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other > 0 ? .min : .max) : difference
  }

  func multipliedSaturating(by other: Self) -> Self {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? ((self > 0) == (other > 0) ? .max : .min) : product
  }

  /// Division rounded down, for divisors above 0: `-1` by `60` is `-1`.
  func flooredDivision(by divisor: Self) -> Self {
    self >= 0 ? self / divisor : (self + 1) / divisor - 1
  }

  /// The remainder that ``flooredDivision(by:)`` leaves: 0 up to below `divisor`.
  func flooredRemainder(by divisor: Self) -> Self {
    let rest = self % divisor
    return rest < 0 ? rest + divisor : rest
  }
}
