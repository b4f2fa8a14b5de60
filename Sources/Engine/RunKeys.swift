import Language
import PluginHost

/// The keys that a run has to do with, by numbers, so that none of them is looked up twice as text.
struct RunKeys {
  private var numbers: TextNumbers
  /// Of each known record.
  let known: [Int]
  /// Of each item of each branch.
  let found: [[Int]]
  /// Where a number's item stands in this run: in the first good branch that has it. A row that passes a step (`when`) can
  /// be in another branch than it was when that step was asked, and is the same item.
  private var seats: [Seat?]

  private struct Seat {
    var branch: Int
    var index: Int
  }

  init(_ records: [ItemRecord], _ branches: [BranchResult]) {
    var numbers = TextNumbers(expecting: branches.reduce(records.count) { max($0, $1.items.count) })
    known = records.map { numbers.number(of: $0.item.key) }
    found = branches.map { branch in branch.items.map { numbers.number(of: $0.key) } }
    var seats = [Seat?](repeating: nil, count: numbers.count)
    for (branch, own) in found.enumerated() where branches[branch].verdict.isGood {
      for (index, number) in own.enumerated() where seats[number] == nil {
        seats[number] = Seat(branch: branch, index: index)
      }
    }
    self.seats = seats
    self.numbers = numbers
  }

  var count: Int { numbers.count }

  /// - Parameter key: That of a known record or of an item of this run.
  mutating func number(of key: String) -> Int { numbers.number(of: key) }

  /// The branch of this run, by its place, that a key belongs to.
  func branch(of number: Int) -> Int? { seats[number]?.branch }

  /// The items of a branch whose keys belong to it.
  func items(ofBranch branch: Int, in branches: [BranchResult]) -> [Item] {
    let items = branches[branch].items
    let isSeated = found[branch].map { seats[$0]?.branch == branch }
    if isSeated.allSatisfy(\.self) { return items }
    return zip(items, isSeated).lazy.filter(\.1).map(\.0)
  }

  /// The item of this run that a key belongs to.
  func item(_ number: Int, in branches: [BranchResult]) -> Item? {
    seats[number].map { branches[$0.branch].items[$0.index] }
  }

  /// Known records by the place of the branch they belong to now: that of their key, else the one they were in. Those of
  /// no branch of this run are left out.
  func grouped(_ records: [ItemRecord], by branches: [BranchResult]) -> [[ItemRecord]] {
    var groups = [[ItemRecord]](repeating: [], count: branches.count)
    lazy var placesOfNames = Dictionary(
      zip(branches.map(\.name), branches.indices), uniquingKeysWith: { first, _ in first })
    let places = zip(records, known).map { record, number in
      if let seat = branch(of: number) { return Optional(seat) }
      // Most watches have one branch, which needs no table.
      return branches.count == 1
        ? (branches[0].name == record.item.branch ? 0 : nil) : placesOfNames[record.item.branch]
    }
    if branches.count == 1, places.allSatisfy({ $0 == 0 }) { return [records] }
    for (record, place) in zip(records, places) {
      if let place { groups[place].append(record) }
    }
    return groups
  }
}
