import Glibc
import Language
import Storage

/// Thirty virtual days of one seed: moves the clock to whatever is due next, lets the product do all it can, and judges.
final class Trial {
  struct Result {
    var violation: Violation?
    var digest: UInt64
    var last: [String]
    var steps: Int
    var runs: Int64
    var told: Int
    var doubles: Int
    var crashes: Int
  }

  enum Event {
    case siteChange(Int)
    case siteFault
    case channelFault
    case crash, stop, restart, reload, jump
    case jumpBack(Int64)
    case storeFault, storeHeals
    /// Of a subscriber, or of anybody.
    case command(Int?)
    case look
    case calm
  }

  /// More steps in an hour are a loop that does nothing else.
  private static let maxStepsPerHour = 20_000

  let world: World
  private let path: String
  private var events: [(at: Moment, order: Int, event: Event)] = []
  private var order = 0
  private var life: Life?
  private var lives = 0
  private var crashes = 0
  private var steps = 0
  /// Jobs until the process dies; nil where it is not about to.
  private var jobsLeft: Int?
  private var isStopping = false
  /// Messages accepted before this step.
  private var toldBefore = 0

  init(seed: UInt64, mutation: Mutation?, folder: String, isPrinting: Bool = false) {
    world = World(seed: seed, mutation: mutation, isPrinting: isPrinting)
    path = "\(folder)/\(seed).db"
  }

  func run() -> Result {
    removeStore()
    plan()
    JobLoop.shared.forget()
    var dice = Dice(world.seed ^ 0x5343_4845_4455_4C45)
    JobLoop.shared.pick =
      world.scenario.shuffles ? { waiting in dice.chance(0.25) ? dice.number(0...waiting - 1) : 0 } : nil
    JobLoop.shared.isCrash = { [unowned self] in dies() }
    start()
    let end = world.scenario.days * .day
    var hour = (at: Moment(0), steps: 0)
    while world.violation == nil {
      step()
      steps += 1
      if world.clock.now / .hour != hour.at { hour = (world.clock.now / .hour, 0) }
      hour.steps += 1
      if hour.steps > Trial.maxStepsPerHour {
        world.violate(.schedule, "more than \(hour.steps) steps in an hour")
      }
      let next = min(life?.time.next ?? .max, events.first?.at ?? .max)
      guard next < end, world.violation == nil else { break }
      world.clock.now = max(world.clock.now, next)
      while let event = events.first, event.at <= world.clock.now {
        events.removeFirst()
        happen(event.event)
      }
      life?.time.wakeDue()
    }
    if let life, world.violation == nil { world.oracle.judgeCounts(life.view) }
    life?.end()
    removeStore()
    return Result(
      violation: world.violation, digest: world.history.digest, last: world.history.last, steps: steps,
      runs: world.oracle.models.reduce(0) { $0 + $1.run.id }, told: world.oracle.acceptances,
      doubles: world.oracle.doubles, crashes: crashes)
  }

  private func removeStore() {
    for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
  }

  // MARK: Steps

  private func step() {
    guard let life else { return world.oracle.isDown() }
    switch JobLoop.shared.run() {
    case .endless: world.violate(.schedule, "the product never comes to rest")
    case .crashed: return crash()
    case .quiet: break
    }
    if world.crashNow { return crash() }
    if let target = world.target, life.isApplied {
      let before = world.setup
      world.setup = target
      world.target = nil
      world.history.note("reload done")
      world.oracle.reloadEnded(before, target)
    }
    world.oracle.stepEnded(life.view, isCrash: false)
    pester()
    if isStopping, life.isStopped {
      world.history.note("stopped")
      lose()
      at(Moment(world.dice.number(1...3600)) * .second, .restart)
    }
  }

  /// Now and then somebody who was just told wants no more, while the next message to them waits for its turn.
  private func pester() {
    let count = world.oracle.acceptances
    defer { toldBefore = count }
    guard count > toldBefore, world.scenario.faults.command != nil, !world.isCalm, world.dice.chance(0.15) else {
      return
    }
    at(Moment(world.dice.number(6...20)) * .second, .command(world.oracle.lastTold))
  }

  private func dies() -> Bool {
    if world.crashNow { return true }
    guard let left = jobsLeft else { return false }
    jobsLeft = left - 1
    return left <= 0
  }

  private func crash() {
    guard let life else { return }
    world.history.note("crash")
    crashes += 1
    world.oracle.stepEnded(life.view, isCrash: true)
    world.oracle.processDied(life.view)
    if let script = world.mutation?.onCrash { plant(script) }
    lose()
    let isQuick = world.dice.chance(0.7)
    at(isQuick ? Moment(world.dice.number(1...30)) * .second : Moment(world.dice.number(1...180)) * .minute, .restart)
  }

  /// The process is gone: a reload under way never came to be, and the file is all that is left.
  private func lose() {
    life?.end()
    life = nil
    isStopping = false
    jobsLeft = nil
    world.crashNow = false
    world.crashesAfterFetch = false
    if let target = world.target {
      // The file on the disk is the new one.
      let before = world.setup
      world.setup = target
      world.target = nil
      world.oracle.reloadEnded(before, target)
    }
    world.oracle.isDown()
  }

  private func start() {
    lives += 1
    do {
      let life = try Life(world, path: path, number: lives)
      self.life = life
      world.isStoreBroken = false
      // They end with the connection, so that the next start finds the schema as it was.
      if let script = world.mutation?.triggers { plant(script) }
      if let script = world.mutation?.onStart { plant(script) }
      world.history.note("start \(lives)")
      world.oracle.lifeBegan()
      life.begin(world.setup.configuration(world.scenario, world.mutation))
    } catch {
      world.violate(.ends, "the store can't be opened again: \(error)")
    }
  }

  private func plant(_ script: String) {
    guard let store = life?.store else { return }
    store.assumeIsolated { store in
      do { try store.plant(script) } catch { halt("the simulator's own trigger is wrong: \(error)") }
    }
  }

  // MARK: Events

  private func at(_ wait: Moment, _ event: Event) {
    order += 1
    let entry = (at: world.clock.now + wait, order: order, event: event)
    let place = events.firstIndex { $0.at > entry.at } ?? events.count
    events.insert(entry, at: place)
  }

  private func again(_ mean: Moment?, _ event: Event) {
    guard let mean, !world.isCalm else { return }
    at(world.dice.span(mean), event)
  }

  private func plan() {
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

  private func happen(_ event: Event) {
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
        life.look()
        world.oracle.clockFollowed()
      }
    case .calm: calm()
    }
  }

  private func breakSite() {
    let kind = world.dice.one(of: world.scenario.watches).kind
    let fault = world.dice.one(of: SiteWorld.Fault.allCases)
    let length = world.dice.span(world.dice.one(of: [20 * .minute, 3 * .hour, 10 * .hour]))
    world.sites.faults[kind] = (fault, world.clock.now + length)
    world.history.note("site \(kind): \(fault) for \(length / .minute) min")
  }

  private func breakChannel() {
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

  private func armCrash() {
    guard life != nil else { return }
    switch world.dice.number(0...3) {
    case 0: world.crashesAfterFetch = true
    case 1: world.channels.states[world.dice.one(of: Scenario.channels)]?.crashesNext = true
    default: jobsLeft = world.dice.number(0...60)
    }
  }

  private func reload() {
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
  private func command(_ person: Int?) {
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

  private func toggle<T: Hashable>(_ member: T, in set: inout Set<T>) {
    if set.remove(member) == nil { set.insert(member) }
  }

  private func jump() {
    guard !world.isStoreBroken else { return }
    let size = Int64(world.dice.one(of: [30, 3600, 7200, 86_400])) * 1000 * Int64(world.dice.one(of: [1, -1]))
    move(size)
    // NTP mends most clocks.
    if world.dice.chance(0.7) { at(world.dice.span(2 * .hour), .jumpBack(-size)) }
  }

  private func move(_ milliseconds: Int64) {
    world.clock.offset += milliseconds
    world.oracle.jumped(by: milliseconds)
    world.history.note("clock jumps by \(milliseconds / 1000) s")
    lookSoon()
  }

  /// The keeper of the store looks every two seconds; here only where there is something to see.
  private func lookSoon() { at(Moment(world.dice.number(1...2000)) * 1_000_000, .look) }

  private func breakStore() {
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

  private func healStore() {
    // A fault ends with the process that it is planted in.
    guard world.isStoreBroken, life != nil else { return }
    plant("DROP TRIGGER fault_i; DROP TRIGGER fault_u")
    world.isStoreBroken = false
    world.storeHealedAt = world.clock.now
    world.history.note("store works")
  }

  private func calm() {
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
