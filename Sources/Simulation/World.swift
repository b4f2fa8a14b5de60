/// Everything of one seed.
final class World: @unchecked Sendable {  // one thread: see JobLoop
  let seed: UInt64
  let scenario: Scenario
  let mutation: Mutation?
  let clock = VirtualClock()
  let history: History
  /// Chance of the world; the product has its own.
  var dice: Dice
  var sites: SiteWorld
  var channels = ChannelWorld()
  /// What the product runs, as far as a reload has ended.
  var setup: Setup
  /// What a reload under way makes of it.
  var target: Setup?
  var isStoreBroken = false
  var storeHealedAt: Moment?
  /// Broken, or so lately that a worker may still let it rest.
  var isStoreUnwell: Bool { isStoreBroken || storeHealedAt.map { clock.now < $0 + 2 * .minute } == true }
  /// Faults are over: what is still owed must come.
  var isCalm = false
  var crashNow = false
  var crashesAfterFetch = false
  private(set) var violation: Violation?
  private var judge: Oracle?

  init(seed: UInt64, mutation: Mutation?, isPrinting: Bool) {
    self.seed = seed
    self.mutation = mutation
    scenario = Scenario(seed: seed)
    history = History(clock, isPrinting: isPrinting)
    dice = Dice(seed ^ 0x51_07_48_75_6E_74_65_72)
    sites = SiteWorld(scenario, &dice, clock: clock)
    setup = Setup(
      watches: Set(scenario.watches.indices), subscribers: Set(scenario.subscribers.indices),
      channels: Set(Scenario.channels))
  }

  var oracle: Oracle {
    if let judge { return judge }
    let made = Oracle(self)
    judge = made
    return made
  }

  /// The first is the one that counts.
  func violate(_ invariant: Violation.Invariant, _ text: String) {
    guard violation == nil else { return }
    violation = Violation(invariant: invariant, text: text)
    history.note("VIOLATION \(invariant.rawValue): \(text)")
  }
}
