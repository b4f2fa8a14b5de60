import Glibc

/// A JSON value that keeps what the text said: the order of members and every digit of a number.
///
/// Two values are equal when they say the same in the same way: `1`, `1.0` and `1.00` differ, as do objects whose
/// members stand in another order and strings that only look alike in Unicode (é as one scalar or two). What JSONPath
/// and RFC 9535 call equal, where `1 == 1.0` and order is nothing, is ``isSameValue(as:)``.
public enum JSON: Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 bits. `-0` is 0.
  case integer(Int64)
  /// Any other number; `lexeme` is its text, so ids and prices lose no digit. Beyond a double's range it is infinite.
  case number(Double, lexeme: String)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

extension JSON: Hashable {
  public static func == (left: JSON, right: JSON) -> Bool {
    var comparison = JSONEquality(isExact: true)
    return comparison.holds(left, right)
  }

  public func hash(into hasher: inout Hasher) {
    // A list of what is still to be hashed instead of recursion: depth costs no thread stack.
    var waiting: [JSON] = []
    var next: JSON? = self
    while let value = next {
      switch value {
      case .null: hasher.combine(0)
      case .bool(let value): hasher.combine(value)
      case .integer(let value): hasher.combine(value)
      case .number(_, let lexeme): lexeme.hashScalars(into: &hasher)
      case .string(let text): text.hashScalars(into: &hasher)
      case .array(let items):
        hasher.combine(items.count)
        waiting.append(contentsOf: items)
      case .object(let members):
        hasher.combine(members.count)
        for name in members.names { name.hashScalars(into: &hasher) }
        waiting.append(contentsOf: members.values)
      }
      next = waiting.popLast()
    }
  }
}

extension JSON {
  /// A number as JSON writes it; what JSON has no number for (infinity, not a number) is null.
  public init(_ value: Double) {
    self = value.isFinite ? .number(value, lexeme: value.description) : .null
  }

  public var isNull: Bool {
    if case .null = self { true } else { false }
  }
}

extension String {
  /// Equal scalar by scalar. `==` on strings also takes canonically equivalent text for equal, which would merge
  /// members of a JSON object that RFC 8259 keeps apart.
  func hasSameScalars(as other: String) -> Bool {
    let (a, b) = (utf8, other.utf8)
    guard a.count == b.count else { return false }
    let fast = a.withContiguousStorageIfAvailable { a in
      b.withContiguousStorageIfAvailable { b in sameBytes(a, b) }
    }
    return fast.flatMap { $0 } ?? a.elementsEqual(b)
  }

  func hashScalars(into hasher: inout Hasher) {
    let done: Void? = utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    if done == nil { for byte in utf8 { hasher.combine(byte) } }
    hasher.combine(0xFF as UInt8)
  }
}

/// Whether two runs of bytes are the same.
@inline(__always)
func sameBytes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  guard let first = a.baseAddress, let second = b.baseAddress else { return true }
  return memcmp(first, second, a.count) == 0
}
