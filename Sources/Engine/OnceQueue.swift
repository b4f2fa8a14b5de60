/// Watches that are to run once each: sites take turns, and none has more than its share of runs at a time.
struct OnceQueue {
  private let watches: [Watch]
  private let perSite: Int
  /// What is left of each site, the next one last.
  private var left: [String: [Int]] = [:]
  /// Sites that have something left and a place for it, the next one first.
  private var turns: [String] = []
  private var runningOfSite: [String: Int] = [:]
  private(set) var running = 0

  init(_ watches: [Watch], perSite: Int) {
    self.watches = watches
    self.perSite = perSite
    for index in watches.indices.reversed() { left[watches[index].spec.id, default: []].append(index) }
    turns = left.keys.sorted()
  }

  /// nil where nothing is left that has a place.
  mutating func next() -> (Int, Watch)? {
    guard !turns.isEmpty else { return nil }
    let site = turns.removeFirst()
    guard let index = left[site]?.popLast() else { return nil }
    running += 1
    let count = runningOfSite[site, default: 0] + 1
    runningOfSite[site] = count
    if left[site]?.isEmpty == false, count < perSite { turns.append(site) }
    return (index, watches[index])
  }

  mutating func ended(_ index: Int) {
    let site = watches[index].spec.id
    running -= 1
    let count = runningOfSite[site, default: 1] - 1
    runningOfSite[site] = count
    // It had no turn while its share was used up.
    if count == perSite - 1, left[site]?.isEmpty == false { turns.append(site) }
  }
}
