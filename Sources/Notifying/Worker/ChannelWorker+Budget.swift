import Language
import PluginHost

extension ChannelWorker {
  /// A request's deliveries, as far as the day's budget reaches.
  struct Budgeted {
    var going: [Assignment]
    /// Over budget: they wait for the next day.
    var waiting: [AttemptRecord] = []
    /// What each that goes was set aside for, and on which day.
    var reserved: (cost: Spending, day: Instant)?
  }

  /// Sets aside what a request costs before it is sent, so that a crash can't spend twice.
  func reserve(_ batch: [Assignment]) async -> Budgeted {
    guard let budget = adapter.budget, let first = batch.first else { return Budgeted(going: batch) }
    let (cost, day) = (adapter.cost(of: first.rendered), Budget.day(of: time.now()))
    do {
      let granted = try await outbox.reserve(cost, upTo: batch.count, channel: channel, budget: budget, day: day)
      storeFailures = 0
      let over = batch.dropFirst(granted)
      guard !over.isEmpty else { return Budgeted(going: batch, reserved: (cost, day)) }
      let end = day + .seconds(86_400)
      pace.hold(until: time.uptime() + (end - time.now()))
      announce(until: end)
      return Budgeted(
        going: Array(batch.prefix(granted)), waiting: over.map { overBudget($0, until: end) }, reserved: (cost, day))
    } catch {
      storeFailed("reserve", error)
      for assignment in batch { sending[assignment.delivery.id] = nil }
      unwanted += batch.map(\.delivery)
      return Budgeted(going: [])
    }
  }

  /// Once, however many sends find the same.
  private func announce(until end: Instant) {
    guard budgetEnds != end else { return }
    budgetEnds = end
    onEvent(
      .paused(
        channel: channel, reason: .overBudget, detail: ChannelWorker.budgetUsed, wait: end - time.now()))
  }

  private static let budgetUsed = "not sent: the day's budget is used up"

  /// The channel pauses, as without credit: the outbox keeps that over restarts, and the maintainers hear of it.
  private func overBudget(_ assignment: Assignment, until end: Instant) -> AttemptRecord {
    let id = assignment.delivery.id
    let attempt = sending.removeValue(forKey: id) ?? assignment.delivery.attempt
    return AttemptRecord(
      delivery: id, attempt: attempt, startedAt: time.now(), endedAt: time.now(), outcome: .paused, status: nil,
      reason: NotifyReason.overBudget.rawValue, detail: ChannelWorker.budgetUsed, nextAt: end,
      isExcused: true)
  }

  /// What surely was not accepted costs nothing.
  func refund(_ budgeted: Budgeted, count: Int) async {
    guard count > 0, let (cost, day) = budgeted.reserved else { return }
    do {
      try await outbox.refund(cost, count: count, channel: channel, day: day)
    } catch {
      // Counted as spent: too little is sent, never too much.
      storeFailed("refund", error)
    }
  }
}
