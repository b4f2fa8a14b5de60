/// In what manner people asked to be told: hours, digests, limits, snoozes, a budget. By the oracle's own arithmetic.
extension Oracle {
  /// What somebody asked for by command.
  struct Hold {
    var isStopped = false
    /// Wall milliseconds.
    var until: Int64?
    /// When it was last asked for.
    var at: Moment
  }

  static let dayMilliseconds: Int64 = 86_400_000

  func isUrgent(_ plan: Scenario.SubscriberPlan, _ tier: Int) -> Bool { plan.urgentTier.map { tier >= $0 } ?? false }

  /// From when on something found at `wall` may be told.
  func earliest(
    _ plan: Scenario.SubscriberPlan, snooze: Int64, tier: Int, isGreeting: Bool, wall: Int64
  ) -> Int64 {
    var time = max(wall, snooze)
    if isUrgent(plan, tier), !isGreeting { return time }
    if let digest = plan.digest, !isGreeting {
      time = windowEnd(digest, time > wall ? time - 1 : time)
    }
    return quietEnd(plan, time) ?? time
  }

  private func local(_ wall: Int64) -> (midnight: Int64, ms: Int64) {
    let ms = (wall + VirtualClock.zone) % Oracle.dayMilliseconds
    return (wall - ms, ms)
  }

  private func windowEnd(_ digest: Scenario.DigestPlan, _ wall: Int64) -> Int64 {
    let (midnight, ms) = local(wall)
    switch digest {
    case .hours(let hours):
      let length = Int64(hours) * 3_600_000
      return midnight + (ms / length + 1) * length
    case .at(let hour):
      let time = Int64(hour) * 3_600_000
      return midnight + (ms < time ? time : time + Oracle.dayMilliseconds)
    }
  }

  /// nil outside them.
  func quietEnd(_ plan: Scenario.SubscriberPlan, _ wall: Int64) -> Int64? {
    guard let quiet = plan.quiet else { return nil }
    let (midnight, ms) = local(wall)
    let (from, to) = (Int64(quiet.from) * 1000, Int64(quiet.to) * 1000)
    if from < to { return (from..<to).contains(ms) ? midnight + to : nil }
    if ms >= from { return midnight + to + Oracle.dayMilliseconds }
    return ms < to ? midnight + to : nil
  }

  // MARK: Judging

  /// A clock that was set of late makes all this a matter of opinion.
  func judgeManner(_ person: Int, _ message: Acceptance) {
    let plan = scenario.subscribers[person]
    guard message.begun > lastJump + 26 * Moment.hour || lastJump < 0 else { return }
    let begunWall = message.wall - (message.at - message.begun) / 1_000_000
    let slack = Oracle.slack / 1_000_000
    let known = message.lines.compactMap { line in
      notices[Notice.Key(subscriber: person, item: line.key, gen: line.gen, isUp: line.kind != "removed")]
    }
    let isUrgent = message.type == "alert" && !known.isEmpty && known.allSatisfy { self.isUrgent(plan, $0.tier) }
    if !isUrgent, quietEnd(plan, begunWall) != nil, quietEnd(plan, begunWall - slack) != nil {
      world.violate(.asked, "\(plan.key) was told in its quiet hours \(plan.quietHours ?? [])")
    }
    for notice in known where notice.madeAt > lastJump && begunWall + 1000 < notice.notBefore {
      world.violate(
        .asked,
        "\(plan.key) was told of \(notice.key.item).\(notice.key.gen) \((notice.notBefore - begunWall) / 1000) s too early"
      )
    }
    if let until = world.setup.snoozes[person], begunWall < until, message.begun > snoozedAt[person] + Oracle.lease {
      world.violate(.asked, "\(plan.key) was told of \(message.watch), which it snoozes")
    }
    judgeHold(person, message, begunWall)
    judgePerDay(person, message)
  }

  private func judgeHold(_ person: Int, _ message: Acceptance, _ begunWall: Int64) {
    guard let hold = holds[person], message.begun > hold.at + Oracle.slack else { return }
    let key = scenario.subscribers[person].key
    if hold.isStopped { world.violate(.asked, "\(key) was told of \(message.watch), and has stopped it") }
    if let until = hold.until, begunWall < until {
      world.violate(.asked, "\(key) was told of \(message.watch), and has snoozed it")
    }
  }

  private func judgePerDay(_ person: Int, _ message: Acceptance) {
    let plan = scenario.subscribers[person]
    guard let perDay = plan.perDay else { return }
    let others = Set(
      (tellings[person] ?? []).filter {
        $0.id != message.id && $0.wall > message.wall - Oracle.dayMilliseconds + 120_000
      }.map(\.id))
    if others.count + 1 > perDay {
      world.violate(.asked, "\(plan.key) was told \(others.count + 1) times in a day, and wants at most \(perDay)")
    }
  }

  // MARK: Rates and the budget

  /// At most so many requests in any window, whatever restarts.
  func judgeRates(_ message: Acceptance) {
    guard let rates = Specs.rates[message.channel], lastJump < 0 || clock.now > lastJump + 2 * .hour else { return }
    if let rate = rates.all { judge(rate, message.channel) }
    guard let to = message.to else { return }
    if let rate = to.hasPrefix("g") ? rates.group : rates.person { judge(rate, message.channel + "|" + to) }
  }

  private func judge(_ rate: Specs.Rate, _ who: String) {
    let now = clock.now
    var times = (begun[who] ?? []).filter { $0 > now - rate.per }
    if times.count >= rate.count {
      world.violate(
        .schedule, "\(who) was sent to \(times.count + 1) times in \(rate.per / .second) s: \(rate.count) are allowed")
    }
    times.append(now)
    begun[who] = times
  }

  private var day: Int64 { clock.wall / Oracle.dayMilliseconds }

  func spends(_ message: Acceptance) {
    if message.channel == "sms" { spent[day, default: (0, 0, 0)].begun += 1 }
  }

  func judgeBudget(_ message: Acceptance) {
    guard message.channel == "sms", let budget = scenario.budget else { return }
    let begunDay = (message.wall - (message.at - message.begun) / 1_000_000) / Oracle.dayMilliseconds
    spent[begunDay, default: (0, 0, 0)].accepted += 1
    let count = spent[begunDay]?.accepted ?? 0
    if count > budget { world.violate(.asked, "sms took \(count) messages in a day, and its budget is \(budget)") }
  }

  /// What is set aside at a death stays spent: eight sends are under way at most.
  func isBudgetUsedUp(_ channel: String) -> Bool {
    guard channel == "sms", let budget = scenario.budget, let today = spent[day] else { return false }
    return today.begun + 8 * today.deaths >= budget
  }

  /// What was set aside stays spent, and what was begun may have been taken.
  func processDied(_ store: StoreView) {
    originsOutlive(clock.now)
    spent[day, default: (0, 0, 0)].deaths += 1
    for id in store.begun { doubts[id, default: 0] += 1 }
  }

  // MARK: Commands

  func commanded(_ persons: [Int], stop: Bool = false, until: Int64? = nil) {
    for person in persons {
      var hold = holds[person] ?? Hold(at: 0)
      hold.at = clock.now
      if stop {
        hold.isStopped = true
        forget(person)
      }
      if let until { hold.until = until }
      holds[person] = hold
      changedAt[person] = clock.now
    }
  }

  func resumed(_ persons: [Int]) {
    for person in persons {
      if holds[person]?.isStopped == true { forget(person) }
      holds[person] = nil
      changedAt[person] = clock.now
    }
  }

  /// All subscriptions of one recipient.
  func everywhere(_ plan: Scenario.SubscriberPlan) -> [Int] {
    scenario.subscribers.indices.filter { scenario.subscribers[$0].key == plan.key }
  }

  func isHeld(_ person: Int) -> Bool {
    guard let hold = holds[person] else { return false }
    return hold.isStopped || hold.until.map { clock.wall < $0 } == true
  }
}
