/// What must hold whenever nothing is left to do at a moment of the clock, and at the moment of a crash.
extension Oracle {
  func stepEnded(_ store: StoreView, isCrash: Bool) {
    let count = store.changeCount
    if count != changeCount {
      changeCount = count
      auditRuns(store)
      auditRows(store)
      let greeted = store.greeted
      for index in models.indices { models[index].greeted = persons(index, greeted) }
    }
    judgeAccepted()
    confirm(store, isCrash: isCrash)
    guard !isCrash else { return }
    for key in open.sorted(by: { ($0.subscriber, $0.item, $0.gen) < ($1.subscriber, $1.item, $1.gen) }) {
      judgeWaiting(key)
    }
    judgeSchedule()
  }

  /// Nothing is told while the process is down; what waits has an excuse.
  func isDown() {
    for key in open { notices[key]?.wasBlocked = true }
  }

  private func auditRuns(_ store: StoreView) {
    for run in store.lastRuns {
      guard let index = watch(run.watch), models[index].run != (run.id, run.repeats) else { continue }
      let isNew = models[index].run.id != run.id
      models[index].run = (run.id, run.repeats)
      world.history.note("run \(run.id) of \(run.watch) is stored")
      runStored(index, run: run.id, isNew: isNew, wall: run.startedWall, store)
    }
  }

  /// Who had their `first:` before the next run.
  private func persons(_ index: Int, _ greeted: Set<[String]>) -> Set<Int> {
    let watch = scenario.watches[index].id
    return Set(
      scenario.subscribers.indices.filter {
        scenario.subscribers[$0].watch == index && greeted.contains([watch, scenario.subscribers[$0].key])
      })
  }

  private func auditRows(_ store: StoreView) {
    var maintainers = Int64(0)
    for row in store.deliveries(after: lastNumber) {
      lastNumber = row.number
      openRows.insert(row.number)
      if row.kind == "maintainer", row.isOfRun { maintainers += 1 }
      judgeCreation(row)
    }
    let still = store.stillOpen
    for number in openRows.sorted() where !still.contains(number) {
      guard let row = store.delivery(number) else {
        world.violate(.ends, "row \(number) of the outbox has vanished")
        openRows.remove(number)
        continue
      }
      switch row.state {
      case "delivered":
        if accepted[row.id] == nil {
          world.violate(.counted, "\(row.id) is stored as delivered, and \(row.channel) never accepted it")
        }
      case "dead": judgeDeath(row, store)
      default: break
      }
      openRows.remove(number)
    }
    let now = store.incidents
    let changed = (now.opened - incidents.opened) + (now.closed - incidents.closed)
    if maintainers > max(0, changed) {
      world.violate(.asked, "maintainers are told \(maintainers) times of \(changed) incidents that began or ended")
    }
    incidents = now
  }

  /// Nothing new for whoever is not subscribed any more.
  private func judgeCreation(_ row: StoreView.Delivery) {
    guard row.kind != "maintainer" else { return }
    guard let index = watch(row.watch), let person = subscriber(row.subscription, index),
      isServed(person, by: world.setup) || world.target.map({ isServed(person, by: $0) }) == true
    else {
      return world.violate(
        .asked, "a delivery to \(row.subscription) about \(row.watch) was made, and it is not subscribed")
    }
    if row.subscription != "\(row.channel)|\(row.recipient)" {
      world.violate(.asked, "what \(row.subscription) asked for goes to \(row.channel)|\(row.recipient)")
    }
  }

  /// Only a recipient who is gone ends a delivery, or two sends of which nobody knows whether they were taken; or, as
  /// docs/delivery.md says, eight tries over more than a day that all failed: seed 549 has a fault of three hours for six
  /// of them, and two single ones at the hours of the last two.
  /// docs/delivery.md: at once, then 2 s … 4 h 19 min apart, the last 28 h after the message was made.
  private static let tries = 8

  private func judgeDeath(_ row: StoreView.Delivery, _ store: StoreView) {
    let isGone = world.channels.states[row.channel]?.gone.contains(row.recipient) == true
    let isUnsure = row.channel == "sms" && row.reason == "unsure" && (doubts[row.id] ?? 0) >= 2
    let hasHadItsTries = row.reason == "gave_up" && (doubts[row.id] ?? 0) >= Oracle.tries
    guard isGone || isUnsure || hasHadItsTries else {
      return world.violate(
        .ends,
        "\(row.id) is dead (\(row.reason)) after \(doubts[row.id] ?? 0) doubtful sends, and nothing said that it should be"
      )
    }
    guard let index = watch(row.watch), let person = subscriber(row.subscription, index) else { return }
    for key in store.keys(of: row.number) {
      for notice in open where notice.subscriber == person && notice.item == key { excuse(notice, row.reason) }
    }
  }

  /// What a channel has confirmed must be recorded in the same step, unless the process died or the store failed.
  private func confirm(_ store: StoreView, isCrash: Bool) {
    var later: [Acceptance] = []
    for message in answers {
      if store.delivery(id: message.id)?.state == "delivered" {
        settle(message)
      } else if world.isStoreUnwell {
        if !isCrash { later.append(message) }
      } else if !isCrash {
        world.violate(.counted, "\(message.channel) confirmed \(message.id), and it is not stored as delivered")
      }
    }
    answers = later
  }

  private func settle(_ message: Acceptance) {
    guard let index = watch(message.watch), let person = subscriber("\(message.channel)|\(message.to ?? "")", index)
    else { return }
    if message.type != "maintainer" { tellings[person, default: []].append((message.id, clock.wall)) }
    for line in message.lines {
      let key = Notice.Key(subscriber: person, item: line.key, gen: line.gen, isUp: line.kind != "removed")
      if case .told(message.id, _)? = notices[key]?.state {
        notices[key]?.state = .told(id: message.id, isCertain: true)
      }
    }
  }

  private func judgeWaiting(_ key: Notice.Key) {
    guard var notice = notices[key],
      let item = models[scenario.subscribers[key.subscriber].watch].lives[notice.service]?
        .items[key.item]
    else { return }
    let isGone = item.state == .gone
    if key.isUp == isGone { return excuse(key, "over") }
    // What went is worth telling for as long as it was worth telling that it came, from when it may be told.
    let held = holds[key.subscriber]?.until ?? 0
    let seen = key.isUp ? item.lastSeen : max(notice.madeWall, notice.notBefore, held <= clock.wall ? held : 0)
    if clock.wall > min(seen + Specs.usefulFor, notice.start) { return excuse(key, "too late") }
    let isBlocked =
      isBlocked(key.subscriber) || clock.wall < notice.notBefore
      || !isUrgent(scenario.subscribers[key.subscriber], notice.tier)
        && quietEnd(scenario.subscribers[key.subscriber], clock.wall) != nil
    if isBlocked || notice.wasBlocked { notice.clearSince = clock.now }
    notice.wasBlocked = isBlocked
    notices[key] = notice
    guard clock.now - notice.clearSince > Oracle.patience(after: failures[key] ?? 0) else { return }
    let plan = scenario.subscribers[key.subscriber]
    world.violate(
      .told,
      "\(plan.key) of \(scenario.watches[plan.watch].id) has not been told '\(key.isUp ? "added" : "removed") "
        + "\(key.item).\(key.gen)' for \((clock.now - notice.clearSince) / Moment.minute) minutes with nothing in the way"
    )
  }

  private func isBlocked(_ person: Int) -> Bool {
    let plan = scenario.subscribers[person]
    let now = clock.now
    guard let state = world.channels.states[plan.channel] else { return true }
    if world.target != nil || world.isStoreUnwell || now < clockTrouble || !world.setup.channels.contains(plan.channel)
    {
      return true
    }
    if state.fault != nil, state.faultUntil > now { return true }
    if channelSilence.contains(where: { $0.key.hasPrefix(plan.channel + "|") && $0.value > now }) { return true }
    if isHeld(person) || isBudgetUsedUp(plan.channel) { return true }
    if let until = world.setup.snoozes[person], clock.wall < until { return true }
    guard let perDay = plan.perDay else { return false }
    return Set((tellings[person] ?? []).filter { $0.wall > clock.wall - 86_400_000 - 300_000 }.map(\.id)).count
      >= perDay
  }

  /// Every watch runs within its interval, jitter and the longest run.
  private func judgeSchedule() {
    let now = clock.now
    for index in models.indices where world.setup.watches.contains(index) {
      if world.target != nil || world.isStoreUnwell { models[index].dueSince = now }
      let every = scenario.watches[index].every
      let limit = every + every / 20 + Oracle.longestRun
      let since = models[index].dueSince
      if now - since > limit {
        world.violate(
          .schedule, "\(scenario.watches[index].id) has not run for \((now - since) / Moment.minute) minutes")
        models[index].dueSince = now
      }
    }
  }

  /// What `status` counts is what the rows say.
  func judgeCounts(_ store: StoreView) {
    let nothing = [0, 0, 0, 0]
    let (rows, status) = (
      store.counts.filter { $0.value != nothing }, store.statusCounts.filter { $0.value != nothing }
    )
    if rows != status { world.violate(.counted, "status says \(status), the rows say \(rows)") }
  }
}
