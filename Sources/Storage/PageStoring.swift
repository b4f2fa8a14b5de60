import PluginHost

/// Bodies and rows that spare the next run a request, inside the caller's transaction.
struct PageStoring {
  let db: Connection
  let watch: String
  /// With little room a page's body is not worth its bytes: it can be fetched again.
  let keepsBodies: Bool

  func store(_ pages: [PageRecord], _ stepRows: [StepRowsRecord]) throws {
    for page in keepsBodies ? pages : [] {
      try db.run(
        """
        INSERT OR REPLACE INTO pages (watch, request, etag, last_modified, content_type, fetched_at, body)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """, watch, page.request, page.validators.etag, page.validators.lastModified, page.contentType,
        page.fetchedAt, page.body)
    }
    for rows in stepRows {
      try db.run(
        "INSERT OR REPLACE INTO step_rows (watch, request, spec_version, fetched_at, rows) VALUES (?, ?, ?, ?, ?)",
        watch, rows.request, rows.specVersion, rows.fetchedAt, JSONText.write(rows.rows))
    }
  }
}
