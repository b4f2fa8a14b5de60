import Diffing
import Language
import PluginHost
import TestSupport
import Testing

struct DropTests {
  private static let rules = LifeRules(confirmsDrops: true)

  private func slots(_ count: Int) -> [Item] { (0..<count).map { slot("\($0)") } }

  @Test(arguments: [(3, 0, 3), (4, 0, 0), (8, 4, 4), (8, 3, 0), (100, 50, 50), (100, 49, 0)])
  func `more than half, and four at least, wait for the next reading`(held: Int, left: Int, removed: Int) {
    var branch = Branch(Self.rules)
    _ = branch.read(slots(held), at: at(0))
    #expect(branch.read(slots(left), at: at(60)).count == removed)
    #expect(branch.read(slots(left), at: at(61)).count == held - left - removed)
    #expect(branch.read(slots(left), at: at(62)).isEmpty)
  }

  @Test func `what the next reading has again was never away`() {
    var branch = Branch(LifeRules(track: ["price"], confirmsDrops: true))
    _ = branch.read(slots(8), at: at(0))
    #expect(branch.read([slot("0"), slot("x")], at: at(60)).words == ["added x"])
    #expect(branch.read(slots(8), at: at(70)).words == ["removed x"])
    #expect(branch.records?["3"]?.lives == 1)
    #expect(branch.records?["3"]?.state == .open)
  }

  @Test func `the diff says what it doubts, what was refuted and what came back without a word`() {
    let rules = LifeRules(reopenAfter: .seconds(600), confirmsDrops: true)
    let whole = diff(before: nil, reading: BranchReading(items: slots(5)), rules: rules, now: at(0))
    let half = diff(before: whole.records, reading: BranchReading(items: []), rules: rules, now: at(1))
    #expect(half.doubted == 5)
    #expect(half.changes.isEmpty)
    let back = diff(before: half.records, reading: BranchReading(items: slots(5)), rules: rules, now: at(2))
    #expect((back.refuted, back.returned.count) == (5, 0))
    let gone = diff(before: half.records, reading: BranchReading(items: []), rules: rules, now: at(2))
    let again = diff(before: gone.records, reading: BranchReading(items: slots(5)), rules: rules, now: at(3))
    #expect((again.refuted, again.returned.count, again.changes.count) == (0, 5, 0))
  }

  @Test func `a full branch ends when it is left out twice, a small one at once`() {
    let small = diff(before: nil, reading: BranchReading(items: slots(3)), rules: Self.rules, now: at(0)).records
    #expect(end(before: small, rules: Self.rules, now: at(1)).changes.count == 3)
    let full = diff(before: nil, reading: BranchReading(items: slots(4)), rules: Self.rules, now: at(0)).records
    let doubted = end(before: full, rules: Self.rules, now: at(1))
    #expect((doubted.doubted, doubted.changes.count) == (4, 0))
    let ended = end(before: doubted.records, rules: Self.rules, now: at(2))
    #expect((ended.doubted, ended.changes.count) == (0, 4))
  }

  @Test func `what drop would remove leaves as passed though the reading lacks it`() {
    let records = diff(before: nil, reading: BranchReading(items: slots(6)), rules: Self.rules, now: at(0)).records
    let over = Set((0..<6).map(String.init))
    let later = diff(before: records, reading: BranchReading(items: [], over: over), rules: Self.rules, now: at(1))
    #expect(later.changes.isEmpty && later.doubted == 0)
    #expect(Set(later.records.map(\.state)) == [.passed])
    #expect(end(before: records, over: over, rules: Self.rules, now: at(1)).changes.isEmpty)
  }
}

/// Says who has gone from the readings alone: no records.
private struct DropOracle {
  /// Told as there.
  var held: Set<Int> = []
  var lastReading: Set<Int> = []

  /// - Returns: Keys told as gone.
  mutating func read(_ reading: Set<Int>) -> Set<Int> {
    let missing = held.subtracting(reading)
    var gone = missing
    if missing.count >= 4, 2 * missing.count > held.count { gone.subtract(lastReading) }
    held = held.union(reading).subtracting(gone)
    lastReading = reading
    return gone
  }
}

struct DropOracleTests {
  @Test func `random readings lose what the oracle says`() {
    for seed in 0..<400 as Range<UInt64> {
      var dice = SplitMix(seed: seed)
      var branch = Branch(LifeRules(confirmsDrops: true))
      var oracle = DropOracle()
      var size = 0
      for step in 0..<40 {
        // Sizes stick, so that full readings and empty ones come in rows.
        if Int.random(in: 0..<3, using: &dice) == 0 { size = Int.random(in: 0...3, using: &dice) }
        let reading = Set((0..<12).filter { _ in Int.random(in: 0..<3, using: &dice) < size })
        let changes = branch.read(reading.sorted().map { slot("\($0)") }, at: at(Int64(step)))
        let gone = Set(changes.filter { $0.kind == .removed }.map(\.item.key))
        #expect(gone == Set(oracle.read(reading).map(String.init)), "seed \(seed), step \(step)")
      }
    }
  }
}

struct NoiseTests {
  private func judge(
    _ before: BranchNoise?, _ open: [String], _ keys: [String], _ seconds: Int64
  ) -> (after: BranchNoise?, isBelieved: Bool) {
    Noise.judge(before, open: Set(open), keys: Set(keys), hash: keys.joined(), now: at(seconds))
  }

  private func keys(_ prefix: String, _ count: Int = 4) -> [String] { (0..<count).map { "\(prefix)\($0)" } }

  @Test func `six exchanges within an hour are noise, five and slower ones are not`() {
    for (gap, isBelieved) in [(60, false), (720, false), (800, true)] {
      var noise: BranchNoise?
      var beliefs: [Bool] = []
      for reading in 1...6 {
        let judged = judge(noise, keys("\(reading - 1)-"), keys("\(reading)-"), Int64(reading * gap))
        noise = judged.after
        beliefs.append(judged.isBelieved)
      }
      #expect(beliefs.dropLast() == [true, true, true, true, true])
      #expect(beliefs.last == isBelieved, "one exchange in \(gap) s")
    }
  }

  @Test func `three slots, or one that stays, may be exchanged for ever`() {
    var noise: BranchNoise?
    for reading in 1...50 {
      let small = judge(noise, keys("\(reading)-", 3), keys("\(reading + 1)-", 3), Int64(reading))
      #expect(small.isBelieved)
      let kept = judge(small.after, keys("\(reading)-") + ["same"], keys("\(reading + 1)-") + ["same"], Int64(reading))
      #expect(kept.isBelieved)
      noise = kept.after
    }
    #expect(noise == nil)
  }

  @Test func `noise ends when the same keys have stayed for ten minutes`() {
    var noise: BranchNoise? = BranchNoise(count: 6, since: at(0), keys: "n", keysSince: at(0))
    var believedAt: Int64?
    for second in stride(from: Int64(60), through: 1200, by: 60) where believedAt == nil {
      let judged = judge(noise, keys("old"), keys("new"), second)
      noise = judged.after
      if judged.isBelieved { believedAt = second }
    }
    #expect(believedAt == 660)
    #expect(noise == nil)
  }
}
