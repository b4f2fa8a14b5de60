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
  let path: String
  var events: [(at: Moment, order: Int, event: Event)] = []
  var order = 0
  var life: Life?
  var lives = 0
  var crashes = 0
  var steps = 0
  /// Jobs until the process dies; nil where it is not about to.
  var jobsLeft: Int?
  var isStopping = false
  /// Messages accepted before this step.
  var toldBefore = 0

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

  func removeStore() {
    for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
  }

  // MARK: Steps

  func step() {
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
  func pester() {
    let count = world.oracle.acceptances
    defer { toldBefore = count }
    guard count > toldBefore, world.scenario.faults.command != nil, !world.isCalm, world.dice.chance(0.15) else {
      return
    }
    at(Moment(world.dice.number(6...20)) * .second, .command(world.oracle.lastTold))
  }

  func dies() -> Bool {
    if world.crashNow { return true }
    guard let left = jobsLeft else { return false }
    jobsLeft = left - 1
    return left <= 0
  }

  func crash() {
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
  func lose() {
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

  func start() {
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

  func plant(_ script: String) {
    guard let store = life?.store else { return }
    store.assumeIsolated { store in
      do { try store.plant(script) } catch { halt("the simulator's own trigger is wrong: \(error)") }
    }
  }
}
