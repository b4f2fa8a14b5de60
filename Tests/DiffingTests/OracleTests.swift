import Diffing
import Language
import PluginHost
import TestSupport
import Testing

/// What one reading says of one key.
private enum Sight: Equatable {
  case seen(price: Int64)
  case missing
  case dropped
}

/// Says what should be told of one key, from the whole of its history each time: no records, only streaks.
private struct Oracle {
  var rules: LifeRules
  var history: [(at: Instant, sight: Sight)]

  private func streakStart(_ index: Int, _ same: (Sight) -> Bool) -> Instant {
    var start = index
    while start > 0, same(history[start - 1].sight) { start -= 1 }
    return history[start].at
  }

  /// The kinds of changes, by reading.
  func told() -> [Change.Kind?] {
    var result: [Change.Kind?] = []
    var isOpen = false
    var hasPassed = false
    var goneAt: Instant?
    var lastPrice: Int64?
    for (index, entry) in history.enumerated() {
      var change: Change.Kind?
      switch entry.sight {
      case .seen(let price):
        let start = streakStart(index) { if case .seen = $0 { true } else { false } }
        if index == 0 || hasPassed {
          isOpen = true
        } else if isOpen {
          if price != lastPrice { change = .updated }
        } else if let gone = goneAt, start - gone < rules.reopenAfter {
          isOpen = true
        } else if entry.at - start >= rules.settle {
          isOpen = true
          change = .added
        }
        hasPassed = false
        lastPrice = price
      case .missing:
        let start = streakStart(index) { $0 == .missing }
        if hasPassed { goneAt = entry.at }
        hasPassed = false
        if isOpen, entry.at - start >= rules.settle {
          isOpen = false
          goneAt = entry.at
          change = .removed
        }
      case .dropped:
        hasPassed = hasPassed || isOpen
        isOpen = false
      }
      result.append(change)
    }
    return result
  }
}

struct OracleTests {
  static let rules: [LifeRules] = [0, 45, 200].flatMap { reopen in
    [0, 30, 100].map { settle in
      LifeRules(track: ["price"], reopenAfter: .seconds(reopen), settle: .seconds(settle))
    }
  }

  @Test(arguments: rules) func `random lives are told as the oracle says`(_ rules: LifeRules) {
    for seed in 0..<150 { expectAgreement(rules, seed: UInt64(seed)) }
  }

  private func expectAgreement(_ rules: LifeRules, seed: UInt64) {
    var dice = SplitMix(seed: seed)
    let keys = ["a", "b", "c"]
    var branch = Branch(rules)
    var histories: [String: [(at: Instant, sight: Sight)]] = [:]
    var told: [String: [Change.Kind?]] = [:]
    var now: Int64 = 0
    // Sights stick, so that streaks are long enough to settle now and then.
    var sights: [String: Sight] = [:]
    for _ in 0..<60 {
      now += Int64.random(in: 1...40, using: &dice)
      for key in keys where Int.random(in: 0..<3, using: &dice) == 0 || sights[key] == nil {
        let draw = Int.random(in: 0..<9, using: &dice)
        sights[key] = draw < 4 ? .seen(price: Int64(draw % 2)) : draw < 8 ? .missing : .dropped
      }
      let changes = branch.read(items(sights, keys), passed: passed(sights, keys), at: at(now))
      for key in keys {
        histories[key, default: []].append((at(now), sights[key] ?? .missing))
        told[key, default: []].append(changes.first { $0.item.key == key }?.kind)
      }
    }
    for key in keys {
      let expected = Oracle(rules: rules, history: histories[key] ?? []).told()
      #expect(told[key] == expected, "seed \(seed), key \(key)")
    }
  }

  private func items(_ sights: [String: Sight], _ keys: [String]) -> [Item] {
    keys.compactMap { key in
      if case .seen(let price)? = sights[key] { slot(key, price: price) } else { nil }
    }
  }

  private func passed(_ sights: [String: Sight], _ keys: [String]) -> [Item] {
    keys.filter { sights[$0] == .dropped }.map { slot($0) }
  }

  @Test func `the changes of a diff lead from one reading to the next`() {
    var dice = SplitMix(seed: 7)
    for _ in 0..<300 {
      let old = Set((0..<20).filter { _ in Bool.random(using: &dice) })
      let new = Set((0..<20).filter { _ in Bool.random(using: &dice) })
      var branch = Branch()
      _ = branch.read(old.sorted().map { slot("\($0)") }, at: at(0))
      var applied = Set(old.map(String.init))
      for change in branch.read(new.sorted().map { slot("\($0)") }, at: at(1)) {
        if change.kind == .added { applied.insert(change.item.key) } else { applied.remove(change.item.key) }
      }
      #expect(applied == Set(new.map(String.init)))
    }
  }
}
