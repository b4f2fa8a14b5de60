import Language
import PluginHost

/// Reads the items of one watch, with when each was last seen: what the view `items_seen` says, without looking for its
/// branch in the table again for every item.
struct ItemReading {
  static let query = """
    SELECT key, branch, fields, state, since_at, first_seen_at, last_seen_at, lives FROM items WHERE watch = ? ORDER BY key
    """

  /// Branches with their names as they are stored.
  private let branches: [(text: String, record: BranchRecord)]
  private var fields: ItemFieldsReader
  private var newest: Branch?
  /// Branches that are sooner looked through than put into a table.
  private static let few = 8
  /// By the bytes of the text, as SQLite compares it.
  private lazy var records = Dictionary(
    branches.map { (Array($0.text.utf8), $0.record) }, uniquingKeysWith: { first, _ in first })

  private struct Branch {
    var text: String
    var name: BranchName
    var lastGoodAt: Instant?
  }

  init(_ branches: [(text: String, record: BranchRecord)], path: String) {
    self.branches = branches
    fields = ItemFieldsReader(path: path)
  }

  mutating func record(in row: Row) throws -> ItemRecord {
    guard let state = ItemRecord.State(rawValue: row.text(3)) else { throw ItemJSON.damage(fields.path) }
    let branch = branch(row.text(1))
    var record = ItemRecord(
      item: Item(key: row.text(0), branch: branch.name, fields: try row.withText(2) { try fields.fields(in: $0) }),
      state: state,
      since: row.instant(4), firstSeen: row.instant(5), lastSeen: row.instant(6), lives: row.int(7))
    if record.isThere, let seen = branch.lastGoodAt { record.lastSeen = seen }
    return record
  }

  private mutating func branch(_ text: String) -> Branch {
    if let newest, newest.text.utf8.elementsEqual(text.utf8) { return newest }
    let record =
      branches.count > ItemReading.few
      ? records[Array(text.utf8)] : branches.first { $0.text.utf8.elementsEqual(text.utf8) }?.record
    let branch = Branch(text: text, name: record?.name ?? BranchName(text: text), lastGoodAt: record?.lastGoodAt)
    newest = branch
    return branch
  }
}
