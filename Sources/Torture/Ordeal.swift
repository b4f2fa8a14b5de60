import Glibc

/// One world, one home, and what is done to the process in it.
actor Ordeal {
  static let sites = 50

  let world: World
  let home: Home
  let script: Script
  private let siteServers: Sites
  private let channels: Channels
  private let seed: UInt64
  private(set) var chance: Chance
  private(set) var judge = Judge()
  private var scriptTask: Task<Void, Never>?
  private let began = ContinuousClock.now

  init(seed: UInt64) throws {
    self.seed = seed
    chance = Chance(seed: seed)
    world = World(sites: Ordeal.sites, subscriptions: (0..<Ordeal.sites).map(Home.listeners))
    siteServers = try Sites(world)
    channels = try Channels(world, seed: seed)
    script = Script(world: world, seed: seed)
    home = try Home(
      configuration: Home.configuration(sites: Ordeal.sites),
      specs: Dictionary(uniqueKeysWithValues: (0..<Ordeal.sites).map { ($0, Sites.spec($0)) }),
      origins: siteServers.origins + channels.origins)
  }

  func part(of longest: Duration) -> Duration { chance.part(of: longest) }
  func below(_ count: Int) -> Int { chance.below(count) }
  func happens(_ probability: Double) -> Bool { chance.happens(probability) }
  func violate(_ text: String) { judge.violations.append(text) }

  func start(failpoint: String? = nil) throws -> (child: Child, at: Duration) {
    world.state.withLock { state in
      state.firstRead = nil
      state.firstAccept = nil
    }
    let at = world.now
    return (try home.start(failpoint: failpoint), at)
  }

  /// After a death: what is in the store now?
  func inspect(_ child: Child, startedAt: Duration, after what: String, mayBeMissing: Bool = false) async {
    judge.kills += 1
    judge.note(child, firstRead: world.state.withLock(\.firstRead), startedAt: startedAt)
    let check = await StoreCheck.look(at: home.store, mayBeMissing: mayBeMissing)
    judge.note(check, after: what)
    await script.note(settled: check.settled)
  }

  /// The first reading of every site is the baseline; only then may the sites change.
  func warmUp() async throws {
    let before = world.state.withLock(\.reads)
    let (child, at) = try start()
    let isWarm = await wait(atMost: .seconds(60)) {
      child.ended != nil || world.state.withLock { zip($0.reads, before).allSatisfy { $0 >= $1 + 2 } }
    }
    guard isWarm, child.ended == nil else {
      throw HarnessFailure(description: "the service does not read every site; its log is \(home.log)")
    }
    _ = child.killNow()
    await inspect(child, startedAt: at, after: "the warm-up")
    let script = script
    scriptTask = Task { await script.run() }
  }

  /// No more changes: everything that is news must be heard now, without a kill.
  func settle() async throws {
    await script.wind()
    let (child, at) = try start()
    let (world, script, settled) = (world, script, judge.settled)
    var (isQuiet, known, since) = (false, -1, world.now)
    // What is not heard while nothing at all is heard is lost: no wait of a healthy channel is longer.
    while child.ended == nil, !isQuiet, world.now - since < .seconds(30) {
      try? await Task.sleep(for: .milliseconds(100))
      let messages = world.state.withLock(\.messages)
      if messages != known { (known, since) = (messages, world.now) }
      let isWoundUp = await script.isWoundUp
      isQuiet = isWoundUp && world.missing(settled: settled).isEmpty
    }
    if let end = child.ended { violate("the service ended by itself with \(end)") }
    if !isQuiet { violate("nothing more was heard for 30 s, and not everything was") }
    // What would be told twice or wrongly gets its time too.
    try? await Task.sleep(for: .seconds(3))
    child.signal(SIGTERM)
    let end = await child.end(within: .seconds(20))
    if end != .exited(0) { violate("SIGTERM at the end: \(end?.description ?? "still running after 20 s")") }
    judge.note(child, firstRead: world.state.withLock(\.firstRead), startedAt: at)
    let check = await StoreCheck.look(at: home.store)
    judge.note(check, after: "the end")
    if check.waiting > 0 { violate("\(check.waiting) deliveries wait although nothing is due") }
    scriptTask?.cancel()
    await scriptTask?.value
    channels.stop()
    siteServers.stop()
  }

  /// - Returns: Whether everything held.
  func verdict(judgesTime: Bool) -> (holds: Bool, text: String) {
    judge.close(world, judgesTime: judgesTime)
    let table = judge.table(world, seed: seed, took: ContinuousClock.now - began)
    return (judge.violations.isEmpty, table + "\n")
  }
}
