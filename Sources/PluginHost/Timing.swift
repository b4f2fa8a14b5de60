import Language

/// What a watch says of when it runs, beside its interval.
public struct Timing: Sendable, Hashable {
  /// Who goes first where more is due than can be done.
  public enum Priority: String, Sendable, Hashable, CaseIterable {
    case high, normal, low

    /// How much earlier (or later) than its time a run counts as due among those that are late. Bounded, so that nothing
    /// waits for ever: half the shortest usual interval. Found by judgement.
    public var headStart: Duration {
      switch self {
      case .high: .seconds(30)
      case .normal: .zero
      case .low: .seconds(-30)
      }
    }
  }

  /// Times of the calendar; with none of them the watch runs each `every`.
  public var cron: [CronLine]
  /// Runs are only in one of these; none is always.
  public var within: [CalendarWindow]
  /// Where the calendar and the clock hang.
  public var zone: TimeZoneRules
  /// Up to this part of the wait is added to it by chance; nil for what is usual.
  public var jitter: Double?
  public var priority: Priority

  public init(
    cron: [CronLine] = [], within: [CalendarWindow] = [], zone: TimeZoneRules = .utc, jitter: Double? = nil,
    priority: Priority = .normal
  ) {
    self.cron = cron
    self.within = within
    self.zone = zone
    self.jitter = jitter
    self.priority = priority
  }

  /// Each `every`, always.
  public static let plain = Timing()

  /// Whether wall time decides when it runs.
  public var isCalendar: Bool { !cron.isEmpty || !within.isEmpty }

  /// Whether a run may start at `instant`.
  public func isOpen(at instant: Instant) -> Bool {
    within.isEmpty || within.contains { $0.contains(instant, zone) }
  }

  /// The first moment from `instant` on at which a run may start; nil where there is none.
  public func opening(from instant: Instant) -> Instant? {
    if isOpen(at: instant) { return instant }
    return within.compactMap { $0.opening(after: instant, zone) }.min()
  }

  /// The first time of ``cron`` after `instant` that is in one of the windows; nil where there is none within
  /// ``CronLine/horizon``.
  public func nextTime(after instant: Instant) -> Instant? {
    var instant = instant
    // Times outside every window are passed over a window at a time: a year of daily windows is 366 looks.
    for _ in 0..<4000 {
      guard let next = cron.compactMap({ $0.next(after: instant, in: zone) }).min() else { return nil }
      if isOpen(at: next) { return next }
      guard let opening = opening(from: next) else { return nil }
      instant = opening - .milliseconds(1)
    }
    return nil
  }
}
