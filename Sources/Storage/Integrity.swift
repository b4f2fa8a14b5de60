extension Store {
  /// What SQLite's full check finds wrong: empty for a sound store. Reads the whole file.
  public func integrityFindings() throws -> [String] {
    let found =
      try db.rows("PRAGMA integrity_check") { $0.text(0) } + db.rows("PRAGMA foreign_key_check") { $0.text(0) }
    return found.filter { $0 != "ok" }
  }
}
