import Diffing
import Language
import PluginHost

func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_790_000_000 + seconds) }

func slot(_ key: String, price: Int64 = 1, note: String = "") -> Item {
  Item(
    key: key, branch: .root,
    fields: [.init("start", .text(key)), .init("price", .integer(price)), .init("note", .text(note))])
}

/// A branch that remembers, as the engine and the store do together.
struct Branch {
  var rules: LifeRules
  var records: [String: ItemRecord]?

  init(_ rules: LifeRules = LifeRules()) { self.rules = rules }

  mutating func read(_ items: [Item], passed: [Item] = [], at now: Instant) -> [Change] {
    let before = records.map { $0.values.sorted { $0.item.key < $1.item.key } }
    let result = diff(before: before, reading: BranchReading(items: items, passed: passed), rules: rules, now: now)
    keep(result)
    return result.changes
  }

  mutating func end(at now: Instant) -> [Change] {
    let before = (records ?? [:]).values.sorted { $0.item.key < $1.item.key }
    let result = Diffing.end(before: before, rules: rules, now: now)
    keep(result)
    return result.changes
  }

  private mutating func keep(_ result: BranchDiff) {
    var all = records ?? [:]
    for record in result.records + result.seenAgain { all[record.item.key] = record }
    records = all
  }

  func state(_ key: String) -> ItemRecord.State? { records?[key]?.state }
}

extension [Change] {
  var words: [String] { map { "\($0.kind.rawValue) \($0.item.key)" } }
}
