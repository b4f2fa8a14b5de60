import Language
import PluginHost

/// Something was planned under the old time and the clock was set since: to be planned again.
public struct ClockWasSet: Error {}

extension Store {
  /// Whose instants these are. Calls that were on their way while the clock was set are then understood.
  public func follow(_ time: any SteppedTime) { steps = time }

  func renamed(_ instant: Instant) -> Instant { steps?.renamed(instant) ?? instant }

  /// The wall clock was set by `step` (NTP, an operator), which nobody waited for: what counts time that passes moves
  /// with it. Retries and leases keep their rest, a channel its pause, and what was seen a minute ago was seen a minute
  /// ago. What names a time of day stays: appointments, the end of quiet hours, of a snooze.
  public func clockWasSet(by step: Duration) throws {
    try db.transaction(durable: true) {
      try db.run("UPDATE deliveries SET lease_until_at = lease_until_at + ? WHERE state = 'leased'", step)
      // An attempt put it later than its own time. Where a snooze or a limit did, leasing asks again: earlier never
      // hurts, and a limit's end may be years away after a clock that was years ahead.
      try db.run(
        """
        UPDATE deliveries SET due_at = due_at + ?1
        WHERE place = 0 AND (attempt > 0 OR ?1 < 0) AND (not_before_at IS NULL OR due_at > not_before_at)
        """, step)
      try moveDates(by: step)
      try db.run("UPDATE channels SET until_at = until_at + ? WHERE until_at IS NOT NULL", step)
      try moveAges(by: step)
      try ItemClock.move(db, by: step)
    }
    // No call comes between: whoever asks next asks under the new time, or is renamed.
    steps?.adopt()
  }

  /// A time of day was planned under a wrong date, some days ahead: it is meant for the first such time of the right one.
  private func moveDates(by step: Duration) throws {
    let day = Duration.seconds(86_400)
    let days = Int(step.inMilliseconds / day.inMilliseconds)
    guard days < 0 else { return }
    try db.run(
      """
      UPDATE deliveries SET not_before_at = not_before_at + ?1,
        due_at = CASE WHEN place = 0 AND due_at = not_before_at THEN due_at + ?1 ELSE due_at END
      WHERE place IS NOT NULL AND not_before_at IS NOT NULL AND not_before_at <= created_at + ?2
      """, day * days, Store.farthestPlan)
  }

  /// Quiet hours and digests end within a day and its longest hour; what is further away is a snooze, which names a day.
  private static let farthestPlan: Duration = .seconds(25 * 3600)

  /// What waits is as old as it is: when it was made, what its channel asked for, and when its changes were found. A
  /// maintainer's message is of use for some hours, an appointment until its time.
  private func moveAges(by step: Duration) throws {
    try db.run("UPDATE deliveries SET created_at = created_at + ? WHERE place IS NOT NULL", step)
    try db.run(
      "UPDATE deliveries SET expires_at = expires_at + ? WHERE place IS NOT NULL AND kind = 'maintainer'", step)
    try db.run(
      """
      UPDATE attempts SET next_at = next_at + ? WHERE next_at IS NOT NULL
        AND delivery IN (SELECT number FROM deliveries WHERE place IS NOT NULL)
      """, step)
    try db.run(
      """
      UPDATE runs SET first_started_at = first_started_at + ?1, started_at = started_at + ?1, ended_at = ended_at + ?1
      WHERE id IN (
        SELECT c.run FROM deliveries d JOIN delivery_lines l ON l.delivery = d.number JOIN changes c ON c.id = l.change
        WHERE d.place IS NOT NULL)
      """, step)
    try db.run(
      """
      UPDATE origins SET told_at = told_at + ?1, silent_until_at = silent_until_at + ?1,
        closed_until_at = closed_until_at + ?1
      """, step)
    try db.run("UPDATE incidents SET opened_at = opened_at + ? WHERE closed_at IS NULL", step)
  }
}
