import Glibc
import Language
import Storage

/// What happens to a life by the dice: when, and how.
extension Trial {
  func at(_ wait: Moment, _ event: Event) {
    order += 1
    let entry = (at: world.clock.now + wait, order: order, event: event)
    let place = events.firstIndex { $0.at > entry.at } ?? events.count
    events.insert(entry, at: place)
  }

  func again(_ mean: Moment?, _ event: Event) {
    guard let mean, !world.isCalm else { return }
    at(world.dice.span(mean), event)
  }

  func plan() {
    for index in world.scenario.watches.indices { again(world.scenario.watches[index].every, .siteChange(index)) }
    let faults = world.scenario.faults
    again(faults.site, .siteFault)
    again(faults.channel, .channelFault)
    again(faults.crash, .crash)
    again(faults.stop, .stop)
    again(faults.reload, .reload)
    again(faults.jump, .jump)
    again(faults.store, .storeFault)
    again(faults.command, .command(nil))
    at((world.scenario.days - 1) * .day - 6 * .hour, .calm)
  }

  func happen(_ event: Event) {
    let faults = world.scenario.faults
    switch event {
    case .siteChange(let index):
      world.sites.change(world.scenario.watches[index], &world.dice, world.clock)
      again(world.scenario.watches[index].every, event)
    case .siteFault:
      breakSite()
      again(faults.site, event)
    case .channelFault:
      breakChannel()
      again(faults.channel, event)
    case .crash:
      armCrash()
      again(faults.crash, event)
    case .stop:
      if let life, !isStopping {
        world.history.note("stop")
        isStopping = true
        life.stop()
      }
      again(faults.stop, event)
    case .restart: if life == nil { start() }
    case .reload:
      reload()
      again(faults.reload, event)
    case .jump:
      jump()
      again(faults.jump, event)
    case .jumpBack(let by): if world.isStoreBroken { at(.hour, event) } else { move(by) }
    case .storeFault:
      breakStore()
      again(faults.store, event)
    case .storeHeals: healStore()
    case .command(let person):
      command(person)
      if person == nil { again(faults.command, event) }
    case .look:
      if let life {
        // A death in the middle of it would leave open whether the store has moved, which is one transaction.
        jobsLeft = nil
        life.look()
        world.oracle.clockFollowed()
      }
    case .calm: calm()
    }
  }

  func breakSite() {
    let kind = world.dice.one(of: world.scenario.watches).kind
    let fault = world.dice.one(of: SiteWorld.Fault.allCases)
    let length = world.dice.span(world.dice.one(of: [20 * .minute, 3 * .hour, 10 * .hour]))
    world.sites.faults[kind] = (fault, world.clock.now + length)
    world.history.note("site \(kind): \(fault) for \(length / .minute) min")
  }

  func breakChannel() {
    let channel = world.dice.one(of: Scenario.channels)
    let people = world.scenario.subscribers.filter { $0.channel == channel }.compactMap(\.to)
    if world.dice.chance(0.05), channel != "hook", let who = people.first {
      world.channels.states[channel]?.gone.insert(who)
      world.history.note("\(channel)|\(who) has switched us off")
      return
    }
    let fault = world.dice.one(of: ChannelWorld.Fault.allCases)
    let length = world.dice.span(world.dice.one(of: [5 * .minute, 30 * .minute, 3 * .hour]))
    world.channels.states[channel]?.fault = fault
    world.channels.states[channel]?.faultUntil = world.clock.now + length
    at(length, .siteChange(0))
    world.history.note("channel \(channel): \(fault) for \(length / .minute) min")
  }

  func armCrash() {
    guard life != nil else { return }
    switch world.dice.number(0...3) {
    case 0: world.crashesAfterFetch = true
    case 1: world.channels.states[world.dice.one(of: Scenario.channels)]?.crashesNext = true
    default: jobsLeft = world.dice.number(0...60)
    }
  }

  func reload() {
    guard let life, world.target == nil, !isStopping, life.isApplied else { return }
    var target = world.setup
    for _ in 0..<world.dice.number(1...2) {
      switch world.dice.number(0...12) {
      case 10 where !world.scenario.subscribers.isEmpty:
        toggle(world.dice.number(0...world.scenario.subscribers.count - 1), in: &target.stops)
      case 11...12 where !world.scenario.subscribers.isEmpty:
        // Never taken out early: what it has held back it would go on to hold.
        let person = world.dice.number(0...world.scenario.subscribers.count - 1)
        guard target.snoozes[person].map({ $0 < world.clock.wall }) ?? true else { break }
        target.snoozes[person] = world.clock.wall + Int64(world.dice.number(30...2000)) * 60_000
      case 0...4 where !world.scenario.subscribers.isEmpty:
        toggle(world.dice.number(0...world.scenario.subscribers.count - 1), in: &target.subscribers)
      case 5...6: toggle(world.dice.number(0...world.scenario.watches.count - 1), in: &target.watches)
      case 7...8: toggle(world.dice.one(of: Scenario.channels), in: &target.channels)
      default: target.room += 1
      }
    }
    world.history.note(
      "reload: watches \(target.watches.sorted()), people \(target.subscribers.sorted()), stopped \(target.stops.sorted()), "
        + "channels \(target.channels.sorted())")
    world.oracle.reloadBegan(target)
    world.target = target
    life.expectReload()
    life.reload(target.configuration(world.scenario, world.mutation))
  }

  /// `slothunter subscriptions`, beside the service: in the store at once, and the workers are woken.
  func command(_ person: Int?) {
    guard let life, !world.isStoreBroken, !isStopping,
      let plan = person.map({ world.scenario.subscribers[$0] }) ?? world.scenario.subscribers.randomPlan(&world.dice)
    else { return }
    let isEverywhere = world.dice.chance(0.3)
    let persons = world.scenario.subscribers.indices.filter {
      let other = world.scenario.subscribers[$0]
      return other.key == plan.key && (isEverywhere || other.watch == plan.watch)
    }
    let watch = world.scenario.watches[plan.watch].id
    let now = Instant(milliseconds: world.clock.wall)
    let (channel, to) = (plan.channel, plan.to ?? "")
    let isHeld = persons.contains { world.oracle.holds[$0] != nil }
    let until = world.clock.wall + Int64(world.dice.number(10...1500)) * 60_000
    let wish = isHeld ? 0 : world.dice.number(1...2)
    life.store.assumeIsolated { store in
      do {
        switch wish {
        case 0: try store.resumeSubscription(channel: channel, recipient: to, watch: nil, now: now)
        case 1:
          try store.stopSubscription(channel: channel, recipient: to, watch: isEverywhere ? nil : watch, now: now)
        default:
          try store.snoozeSubscription(
            channel: channel, recipient: to, watch: watch, until: Instant(milliseconds: until), now: now)
        }
      } catch { halt("a command failed: \(error)") }
    }
    world.history.note("\(plan.key) asks for \(["everything again", "nothing more", "silence"][wish])")
    switch wish {
    case 0: world.oracle.resumed(world.oracle.everywhere(plan))
    case 1: world.oracle.commanded(persons, stop: true)
    default: world.oracle.commanded(persons.filter { world.scenario.subscribers[$0].watch == plan.watch }, until: until)
    }
    life.wake()
  }

  func toggle<T: Hashable>(_ member: T, in set: inout Set<T>) {
    if set.remove(member) == nil { set.insert(member) }
  }

  func jump() {
    guard !world.isStoreBroken else { return }
    let size = Int64(world.dice.one(of: [30, 3600, 7200, 86_400])) * 1000 * Int64(world.dice.one(of: [1, -1]))
    move(size)
    // NTP mends most clocks.
    if world.dice.chance(0.7) { at(world.dice.span(2 * .hour), .jumpBack(-size)) }
  }

  func move(_ milliseconds: Int64) {
    world.clock.offset += milliseconds
    world.oracle.jumped(by: milliseconds)
    world.history.note("clock jumps by \(milliseconds / 1000) s")
    lookSoon()
  }

  /// The keeper of the store looks every two seconds; here only where there is something to see.
  func lookSoon() { at(Moment(world.dice.number(1...2000)) * 1_000_000, .look) }

  func breakStore() {
    guard life != nil, !world.isStoreBroken else { return }
    world.isStoreBroken = true
    let table = world.dice.one(of: ["runs", "attempts", "deliveries"])
    plant(
      """
      CREATE TEMP TRIGGER fault_i BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'a fault of the simulation'); END;
      CREATE TEMP TRIGGER fault_u BEFORE UPDATE ON \(table) BEGIN SELECT RAISE(ABORT, 'a fault of the simulation'); END
      """)
    world.history.note("store refuses \(table)")
    at(world.dice.span(10 * .minute), .storeHeals)
  }

  func healStore() {
    // A fault ends with the process that it is planted in.
    guard world.isStoreBroken, life != nil else { return }
    plant("DROP TRIGGER fault_i; DROP TRIGGER fault_u")
    world.isStoreBroken = false
    world.storeHealedAt = world.clock.now
    world.history.note("store works")
  }

  func calm() {
    world.isCalm = true
    world.history.note("calm")
    world.sites.faults = [:]
    for channel in Scenario.channels {
      world.channels.states[channel]?.fault = nil
      world.channels.states[channel]?.crashesNext = false
    }
    world.crashesAfterFetch = false
    jobsLeft = nil
  }
}

extension [Scenario.SubscriberPlan] {
  fileprivate func randomPlan(_ dice: inout Dice) -> Scenario.SubscriberPlan? { isEmpty ? nil : dice.one(of: self) }
}
