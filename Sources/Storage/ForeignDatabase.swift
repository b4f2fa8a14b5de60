/// A SQLite file of another program, for reading what it holds.
public struct ForeignDatabase {
  private let db: Connection

  /// - Throws: ``StoreError`` for what is no SQLite file.
  public init(path: String) throws {
    // Never written: not even the file beside it that a reader of a live database makes.
    db = try Connection(path: path, access: .immutable)
    _ = try tables()
  }

  public func tables() throws -> [String] {
    try db.rows(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ) {
      $0.text(0)
    }
  }

  public func columns(of table: String) throws -> [String] {
    try db.rows("SELECT name FROM pragma_table_info(?) ORDER BY cid", table) { $0.text(0) }
  }

  public func count(of table: String) throws -> Int {
    try db.first("SELECT count(*) FROM \(ForeignDatabase.quoted(table))") { $0.int(0) } ?? 0
  }

  /// Rows as text, in the order of `columns`; nil for NULL.
  public func rows(of table: String, _ columns: [String], limit: Int = 100_000) throws -> [[String?]] {
    let names = columns.map { "CAST(\(ForeignDatabase.quoted($0)) AS TEXT)" }.joined(separator: ", ")
    return try db.rows("SELECT \(names) FROM \(ForeignDatabase.quoted(table)) ORDER BY rowid LIMIT ?", limit) { row in
      columns.indices.map { row.textOrNil(Int32($0)) }
    }
  }

  private static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
}
