/// How the sites change: openings come at a pace, stay until everybody heard of them and a little longer, some come
/// back, and some blink. Decisions follow the seed; how they meet the process is up to the machine.
final actor Script {
  /// Openings a second over all sites.
  static let pace = 3.0
  private static let tick = Duration.milliseconds(50)

  private let world: World
  private var chance: Chance
  private var closing: [(opening: Opening, at: Duration)] = []
  private var waiting: [Opening] = []
  private var settled: Set<News> = []
  private var isOpening = true

  init(world: World, seed: UInt64) {
    self.world = world
    chance = Chance(seed: seed ^ 0x5C21)
  }

  func run() async {
    var last = world.now
    while !Task.isCancelled {
      // Cancelled: the trial is over.
      do { try await Task.sleep(for: Script.tick) } catch { return }
      let now = world.now
      if isOpening { openSome(during: now - last) }
      closeSome(at: now)
      last = now
    }
  }

  /// One opening on each of the first `sites` at once: more than the chat that hears all of those may be sent in a second.
  func burst(_ sites: Int) {
    for site in 0..<sites {
      if let opening = world.open(site, isBlink: false, again: false) { waiting.append(opening) }
    }
  }

  /// No more news; what is open closes when it was heard.
  func wind() { isOpening = false }

  func note(settled more: Set<News>) { settled.formUnion(more) }

  private func openSome(during time: Duration) {
    var expected = Script.pace * (time / .seconds(1))
    while expected > 0 {
      if chance.happens(min(1, expected)) { openOne() }
      expected -= 1
    }
  }

  private func openOne() {
    let isBlink = chance.happens(0.15)
    let opening = world.open(chance.below(world.sites), isBlink: isBlink, again: chance.happens(0.3))
    guard let opening else { return }
    if isBlink {
      closing.append((opening, world.now + chance.part(of: .seconds(2))))
    } else {
      waiting.append(opening)
    }
  }

  private func closeSome(at now: Duration) {
    for opening in waiting where world.isHeard(opening, settled: settled) {
      closing.append((opening, now + chance.part(of: .seconds(3))))
    }
    let leaving = Set(closing.map(\.opening))
    waiting.removeAll { leaving.contains($0) }
    for entry in closing where entry.at <= now { world.close(entry.opening) }
    closing.removeAll { $0.at <= now }
  }

  var isWoundUp: Bool { !isOpening && waiting.isEmpty && closing.isEmpty }
}
