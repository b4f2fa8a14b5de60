import PluginHost

/// What a stored run must have made of what was read.
extension Oracle {
  func runStored(_ index: Int, run: Int64, isNew: Bool, wall: Int64, _ store: StoreView) {
    let plan = scenario.watches[index]
    let asked = (models[index].firstAsked ?? clock.now) - Moment.minute
    var changes: [LifeModel.Change] = []
    var shown: Set<String> = []
    var baselines: Set<String> = []
    let reads = models[index].reads
    for (service, slots) in reads {
      var life = models[index].lives[service] ?? LifeModel(plan.kind)
      let isBaseline = !life.isRead
      let keyed = slots.map { (key: itemKey(service, $0), slot: $0) }
      changes += life.read(keyed, wall: wall, now: clock.now)
      models[index].lives[service] = life
      let present = keyed.map(\.key).filter { life.items[$0]?.state == .open }
      shown.formUnion(present)
      if isBaseline { baselines.formUnion(present) }
    }
    models[index].reads = []
    models[index].firstAsked = nil
    judgeStart(index)
    compareChanges(plan.id, changes, run, isNew: isNew, hasRead: !reads.isEmpty, store)
    compareSnapshot(index, store)
    expect(index, changes, shown: shown, baselines: baselines, hasGood: !reads.isEmpty, since: asked, run, store)
  }

  /// None more often than asked for, whatever restarts.
  private func judgeStart(_ index: Int) {
    let now = clock.now
    let every = scenario.watches[index].every
    if let last = models[index].lastStart, now - last < every - Oracle.longestRun - Moment.second, lastJump < last {
      world.violate(
        .schedule,
        "\(scenario.watches[index].id) ran again after \((now - last) / Moment.second) s of \(every / Moment.second)")
    }
    // A reading that is not believed is followed by another, seconds later.
    let isDoubted = models[index].lives.values.contains(where: \.isDoubted)
    models[index].lastStart = isDoubted ? nil : now
    models[index].dueSince = now
  }

  private func compareChanges(
    _ watch: String, _ expected: [LifeModel.Change], _ run: Int64, isNew: Bool, hasRead: Bool, _ store: StoreView
  ) {
    let stored = isNew ? store.changes(of: run) : []
    guard stored != expected.map(\.text).sorted() else { return }
    world.violate(
      hasRead && !expected.isEmpty ? .committed : .truth,
      "run \(run) of \(watch) stored the changes \(stored), what it read makes \(expected.map(\.text).sorted())")
  }

  private func compareSnapshot(_ index: Int, _ store: StoreView) {
    let watch = scenario.watches[index].id
    let expected = models[index].lives.values.flatMap { life in
      life.items.filter { $0.value.state != .gone }.map { "\($0.key) \($0.value.state.rawValue)" }
    }.sorted()
    let stored = store.snapshot(of: watch)
    guard stored != expected else { return }
    world.violate(.truth, "the snapshot of \(watch) is \(stored), what was read makes \(expected)")
  }

  /// Who must hear what of this run, and that it waits for them in the outbox.
  private func expect(
    _ index: Int, _ changes: [LifeModel.Change], shown: Set<String>, baselines: Set<String>, hasGood: Bool,
    since asked: Moment, _ run: Int64, _ store: StoreView
  ) {
    let watch = scenario.watches[index].id
    let greeted = store.greeted(of: watch)
    var rows: Set<String>?
    for person in scenario.subscribers.indices where scenario.subscribers[person].watch == index {
      let plan = scenario.subscribers[person]
      let isStable = changedAt[person] < asked || changedAt[person] == 0
      let isStopped = holds[person]?.isStopped == true
      let isServed = isServed(person, by: world.setup) && !isStopped
      guard isServed || !isStable || world.target != nil else { continue }
      let isOwed = isServed && isStable && world.target.map { self.isServed(person, by: $0) } ?? true
      let wasGreeted = models[index].greeted.contains(person)
      if isOwed, !greeted.contains(plan.key), wasGreeted || hasGood {
        world.violate(.committed, "\(plan.key) of \(watch) is not kept as greeted after run \(run)")
      }
      var told = wasGreeted ? baselines : shown
      if plan.first == .none || !(wasGreeted || hasGood) { told = [] }
      for key in told.sorted() { owe(person, index, key, isOwed: isOwed) }
      if !wasGreeted { allowUnread(person, index, except: told) }
      for key in models[index].lives.values.flatMap(\.returned).sorted() { owe(person, index, key, isOwed: false) }
      for change in changes where wants(plan, change) && (wasGreeted || !told.contains(change.key)) {
        owe(person, change, index, isOwed: isOwed && (wasGreeted || hasGood))
        let known = rows ?? store.lines(of: run)
        rows = known
        if isOwed, !known.contains("\(plan.key) \(change.text)") {
          world.violate(.committed, "run \(run) stored \(change.text), and nothing in the outbox tells \(plan.key)")
        }
      }
    }
  }

  private func wants(_ plan: Scenario.SubscriberPlan, _ change: LifeModel.Change) -> Bool {
    (change.isUp || plan.wantsRemoved) && change.tier >= plan.leastTier ?? 0
  }

  /// What is open and told by `first:`.
  private func owe(_ person: Int, _ index: Int, _ key: String, isOwed: Bool) {
    guard let item = models[index].lives[service(of: key)]?.items[key],
      item.slot.tier >= scenario.subscribers[person].leastTier ?? 0
    else { return }
    add(
      person, LifeModel.Change(isUp: true, key: key, gen: item.slot.gen, tier: item.slot.tier), item, isOwed,
      isGreeting: true)
  }

  private func owe(_ person: Int, _ change: LifeModel.Change, _ index: Int, isOwed: Bool) {
    guard let item = models[index].lives[service(of: change.key)]?.items[change.key] else { return }
    add(person, change, item, isOwed)
  }

  /// A newcomer may hear of what was open a moment ago where it could not be read this time.
  private func allowUnread(_ person: Int, _ index: Int, except told: Set<String>) {
    for life in models[index].lives.values {
      for (key, item) in life.items.sorted(by: { $0.key < $1.key })
      where (item.state == .open || item.state == .leaving) && !told.contains(key) {
        owe(person, index, key, isOwed: false)
      }
    }
  }

  private func add(
    _ person: Int, _ change: LifeModel.Change, _ item: LifeModel.Item, _ isOwed: Bool, isGreeting: Bool = false
  ) {
    let key = Notice.Key(subscriber: person, item: change.key, gen: change.gen, isUp: change.isUp)
    if !isOwed, let known = notices[key], !known.isExcused { return }
    serial += 1
    notices[key] = Notice(
      key: key, service: service(of: change.key), serial: serial, isOwed: isOwed, madeAt: clock.now,
      madeWall: clock.wall,
      clearSince: clock.now, tier: change.tier,
      notBefore: isOwed
        ? earliest(
          scenario.subscribers[person], snooze: world.setup.snoozes[person] ?? 0, tier: change.tier,
          isGreeting: isGreeting,
          wall: clock.wall) : 0,
      start: item.slot.start * 1000)
    if isOwed { open.insert(key) }
    retire(person, change)
  }

  /// The newest word on an item is the one that counts.
  private func retire(_ person: Int, _ change: LifeModel.Change) {
    for key in open where key.subscriber == person && key.item == change.key {
      if key.gen != change.gen || key.isUp != change.isUp { excuse(key, "overtaken") }
    }
  }
}
