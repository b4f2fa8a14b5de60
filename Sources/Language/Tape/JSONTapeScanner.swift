/// Reads a JSON text (RFC 8259) in one pass into a ``JSONTape``. Keeps its own stack, so depth costs no thread stack.
///
/// It takes nothing that ``JSONReader`` does not take, and says nothing about what it leaves to that.
struct JSONTapeScanner: ~Copyable {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONLimits
  private var at = 0
  private(set) var entries: [JSONTape.Entry] = []
  /// Open containers: their entries, and where their names begin in ``hashes``.
  private var open: [(entry: Int, firstHash: Int)] = []
  private var hashes: [UInt64] = []
  private var name: (start: UInt32, length: UInt32) = (0, 0)

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
    // APIs write about one value for each nine bytes.
    entries.reserveCapacity(bytes.count / 8 + 8)
  }

  /// - Returns: False where ``JSONReader`` has to look.
  mutating func scan() -> Bool {
    repeat {
      guard value() else { return false }
    } while !open.isEmpty && afterValue()
    guard open.isEmpty else { return false }
    skipSpace()
    return at == bytes.count
  }

  /// Reads a scalar or an empty container whole, or opens a container up to its first value.
  private mutating func value() -> Bool {
    while true {
      skipSpace()
      guard at < bytes.count, entries.count < limits.nodes else { return false }
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let isObject = byte == UInt8(ascii: "{")
        guard open.count < limits.depth else { return false }
        open.append((entries.count, hashes.count))
        add(isObject ? .object : .array, from: at)
        at += 1
        skipSpace()
        guard at < bytes.count else { return false }
        if bytes[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return true }
        guard !isObject || memberName() else { return false }
      case UInt8(ascii: "\""): return string()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
      case UInt8(ascii: "t"): return word("true", .yes)
      case UInt8(ascii: "f"): return word("false", .no)
      case UInt8(ascii: "n"): return word("null", .null)
      default: return false
      }
    }
  }

  /// Closes every container that ends here.
  ///
  /// - Returns: Whether a value follows: false at the end of the outermost, where ``open`` is empty, or of what can be read.
  private mutating func afterValue() -> Bool {
    while let (container, firstHash) = open.last {
      skipSpace()
      guard at < bytes.count else { return false }
      let isObject = entries[container].kind == .object
      let byte = bytes[at]
      if byte == UInt8(ascii: ",") {
        at += 1
        return isObject ? memberName() : true
      }
      guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
      at += 1
      if isObject, hasEqualHashes(from: firstHash) { return false }
      hashes.removeSubrange(firstHash...)
      entries[container].end = UInt32(at)
      entries[container].next = UInt32(entries.count)
      open.removeLast()
    }
    return false
  }

  private mutating func add(_ kind: JSONTape.Kind, from start: Int, hasEscapes: Bool = false) {
    let next = UInt32(entries.count + 1)
    entries.append(
      JSONTape.Entry(
        start: UInt32(start), end: UInt32(at), next: next, name: name.start, nameLength: name.length, kind: kind,
        hasEscapes: hasEscapes))
    name = (0, 0)
  }

  /// Names that come twice, or that two of them hash alike, which ``JSONReader`` tells apart.
  private func hasEqualHashes(from first: Int) -> Bool {
    let count = hashes.count - first
    if count > JSONObject.linearLimit {
      let sorted = hashes[first...].sorted()
      return zip(sorted, sorted.dropFirst()).contains { $0 == $1 }
    }
    for later in (first + 1)..<max(first + 1, hashes.count) {
      for earlier in first..<later where hashes[earlier] == hashes[later] { return true }
    }
    return false
  }

  /// Reads `"name" :`, with the space around it.
  private mutating func memberName() -> Bool {
    skipSpace()
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return false }
    let start = at + 1
    let end = firstSpecial(from: start)
    // A name with escapes is rare, and compared by what it says.
    guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return false }
    hashes.append(JSONNameCache.hash(UnsafeBufferPointer(rebasing: bytes[start..<end])))
    name = (UInt32(start), UInt32(end - start))
    at = end + 1
    skipSpace()
    guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return false }
    at += 1
    return true
  }

  private mutating func string() -> Bool {
    let start = at
    var hasEscapes = false
    var here = firstSpecial(from: at + 1)
    while here < bytes.count, bytes[here] == UInt8(ascii: "\\") {
      hasEscapes = true
      guard let after = escape(at: here) else { return false }
      here = firstSpecial(from: after)
    }
    guard here < bytes.count, bytes[here] == UInt8(ascii: "\"") else { return false }
    at = here + 1
    add(.string, from: start, hasEscapes: hasEscapes)
    return true
  }

  /// - Returns: Where the escape ends; nil for what is none.
  private func escape(at backslash: Int) -> Int? {
    guard backslash + 1 < bytes.count else { return nil }
    switch bytes[backslash + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return backslash + 2
    case UInt8(ascii: "u"):
      guard backslash + 6 <= bytes.count else { return nil }
      for index in (backslash + 2)..<(backslash + 6) where hexValue(bytes[index]) == nil { return nil }
      return backslash + 6
    default: return nil
    }
  }

  private mutating func number() -> Bool {
    let start = at
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    guard at < bytes.count else { return false }
    if bytes[at] == UInt8(ascii: "0") {
      at += 1
      if at < bytes.count, isDigit(bytes[at]) { return false }
    } else if !digits() {
      return false
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      guard digits() else { return false }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard digits() else { return false }
    }
    add(.number, from: start)
    return true
  }

  /// One digit at least.
  @inline(__always)
  private mutating func digits() -> Bool {
    let start = at
    while at < bytes.count, isDigit(bytes[at]) { at += 1 }
    return at > start
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private mutating func word(_ text: StaticString, _ kind: JSONTape.Kind) -> Bool {
    let start = at
    guard at + text.utf8CodeUnitCount <= bytes.count else { return false }
    for index in 0..<text.utf8CodeUnitCount where bytes[at + index] != text.utf8Start[index] { return false }
    at += text.utf8CodeUnitCount
    add(kind, from: start)
    return true
  }

  @inline(__always)
  private mutating func skipSpace() {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }

  @inline(__always)
  private func firstSpecial(from start: Int) -> Int { bytes.firstOfString(from: start) }
}

extension UnsafeBufferPointer<UInt8> {
  /// The first byte that ends or interrupts a string: a quote, a backslash or a control character.
  ///
  /// - Complexity: One step for eight bytes. See "Determine if a word has a byte equal to n" in Bit Twiddling Hacks;
  ///   the lowest marked byte is exact, and on little-endian machines it is the first.
  @inline(__always)
  func firstOfString(from start: Int) -> Int {
    var here = start
    if let base = baseAddress {
      let ones: UInt64 = 0x0101_0101_0101_0101
      let highs: UInt64 = 0x8080_8080_8080_8080
      while here + 8 <= count {
        let word = UInt64(littleEndian: UnsafeRawPointer(base + here).loadUnaligned(as: UInt64.self))
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        let marks =
          ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- (ones &* 0x20)) & ~word) & highs
        if marks != 0 { return here + marks.trailingZeroBitCount / 8 }
        here += 8
      }
    }
    while here < count {
      let byte = self[here]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { return here }
      here += 1
    }
    return here
  }
}
