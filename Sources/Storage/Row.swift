internal import CLibSQLite3
import Language

/// The current row of a statement; valid until the next step.
struct Row {
  fileprivate let statement: OpaquePointer

  init(_ statement: OpaquePointer) { self.statement = statement }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
  func int(_ column: Int32) -> Int { Int(integer(column)) }
  func flag(_ column: Int32) -> Bool { integer(column) != 0 }
  func instant(_ column: Int32) -> Instant { Instant(milliseconds: integer(column)) }

  func text(_ column: Int32) -> String {
    // The text call comes first: it may convert, and the length is that of the converted text.
    guard let start = sqlite3_column_text(statement, column) else { return "" }
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The same as bytes, valid while `body` runs.
  func withText<T>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
    let start = sqlite3_column_text(statement, column)
    return try body(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
  }

  func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(statement, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
  }

  func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
  func intOrNil(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }
  func durationOrNil(_ column: Int32) -> Duration? { isNull(column) ? nil : .milliseconds(integer(column)) }
  func instantOrNil(_ column: Int32) -> Instant? { isNull(column) ? nil : instant(column) }
}
