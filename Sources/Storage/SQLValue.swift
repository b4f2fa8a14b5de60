import Language

/// What can stand for a `?` in a statement.
protocol SQLBindable {
  var sqlValue: SQLValue { get }
}

enum SQLValue {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])
}

extension Int64: SQLBindable { var sqlValue: SQLValue { .integer(self) } }
extension Int: SQLBindable { var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Bool: SQLBindable { var sqlValue: SQLValue { .integer(self ? 1 : 0) } }
extension String: SQLBindable { var sqlValue: SQLValue { .text(self) } }
extension [UInt8]: SQLBindable { var sqlValue: SQLValue { .blob(self) } }
extension Instant: SQLBindable { var sqlValue: SQLValue { .integer(milliseconds) } }
extension Duration: SQLBindable { var sqlValue: SQLValue { .integer(inMilliseconds) } }
extension Optional: SQLBindable where Wrapped: SQLBindable {
  var sqlValue: SQLValue { self?.sqlValue ?? .null }
}
