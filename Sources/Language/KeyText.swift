import Glibc

/// A text that is equal to another when its bytes are: as SQLite and JSON compare, and several times as fast to look up as
/// a `String`, which is brought into Unicode's normal form for each hash once it holds a letter beyond ASCII.
public struct KeyText: Hashable, Sendable {
  public let text: String

  public init(_ text: String) {
    var text = text
    // So that its bytes can be borrowed.
    text.makeContiguousUTF8()
    self.text = text
  }

  public static func == (left: KeyText, right: KeyText) -> Bool {
    left.withBytes { left in
      right.withBytes { right in
        guard left.count == right.count else { return false }
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return memcmp(first, second, left.count) == 0
      }
    }
  }

  public func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }

  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    var text = text
    return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
  }
}
