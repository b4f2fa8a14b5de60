import Language

/// The tables as they are, for the simulator: it judges what is stored by its own lights, and plants faults and
/// mistakes as triggers. Nothing of the product may use it.
extension Store {
  /// Rows as texts, numbers in decimal; nil for NULL.
  package func table(_ sql: String, columns: Int, _ values: [Int64] = [], text: [String] = []) throws -> [[String?]] {
    try db.rows(sql, of: values.map { $0 as any SQLBindable } + text.map { $0 as any SQLBindable }) { row in
      (0..<Int32(columns)).map { row.textOrNil($0) }
    }
  }

  package func plant(_ script: String) throws { try db.execute(script) }

  /// The machine under the simulator has no part in it: neither how full its disk is nor how long a write takes.
  package func ignoreMachine() throws {
    care.measure = { nil }
    db.vitals.uptime = { .zero }
    // Nobody else opens it: spares the locks.
    try db.execute("PRAGMA locking_mode = EXCLUSIVE")
  }
}
