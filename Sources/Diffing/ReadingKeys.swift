import Language
import PluginHost

/// The keys of a reading and of what was known before it, by numbers, so that each is looked up as text once.
struct ReadingKeys {
  /// Of each record, item and passed item.
  let before: [Int]
  let items: [Int]
  let passed: [Int]
  /// By number: the first record with this key.
  private var records: [Int?]
  /// By number: whether the reading has it, and whether it was met by ``isFirst(_:)``.
  private var isInReading: [Bool]
  private var wasMet: [Bool]

  init(_ before: [ItemRecord], _ reading: BranchReading) {
    var numbers = TextNumbers(expecting: max(before.count, reading.items.count))
    self.before = before.map { numbers.number(of: $0.item.key) }
    items = reading.items.map { numbers.number(of: $0.key) }
    passed = reading.passed.map { numbers.number(of: $0.key) }
    records = Array(repeating: nil, count: numbers.count)
    isInReading = Array(repeating: false, count: numbers.count)
    wasMet = isInReading
    for (index, key) in self.before.enumerated() where records[key] == nil { records[key] = index }
    for key in items { isInReading[key] = true }
    for key in passed { isInReading[key] = true }
  }

  /// - Parameter index: Of a record.
  func isPresent(_ index: Int) -> Bool { isInReading[before[index]] }

  func record(_ key: Int, in records: [ItemRecord]) -> ItemRecord? { self.records[key].map { records[$0] } }

  /// Whether this is the first time that a key is asked about.
  mutating func isFirst(_ key: Int) -> Bool {
    defer { wasMet[key] = true }
    return !wasMet[key]
  }
}
