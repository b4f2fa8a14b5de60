import Glibc

/// Questions to all bytes of a page; each is some microseconds for a usual page, where the standard library takes ten
/// times that.
enum ByteChecks {
  static func hasNUL(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
  }

  /// Control characters but for tab and line breaks, and U+FFFE and U+FFFF. libxml2 drops them in text and keeps them in
  /// attributes.
  static func hasOddCharacters(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = bytes.baseAddress else { return false }
    return hasControls(UnsafeRawPointer(base), bytes.count) || hasNonCharacters(base, bytes.count)
  }

  private typealias Block = SIMD32<UInt8>

  private static func hasControls(_ base: UnsafeRawPointer, _ count: Int) -> Bool {
    var index = 0
    let size = MemoryLayout<Block>.size
    while index + size <= count {
      let block = base.loadUnaligned(fromByteOffset: index, as: Block.self)
      // Tab is 9, line feed 10, carriage return 13.
      let odd =
        (block .< Block(repeating: 0x20)) .& (block .!= Block(repeating: 10))
        .& (block .!= Block(repeating: 9)) .& (block .!= Block(repeating: 13))
      if any(odd) { return true }
      index += size
    }
    while index < count {
      let byte = base.load(fromByteOffset: index, as: UInt8.self)
      if byte < 0x20, byte != 9, byte != 10, byte != 13 { return true }
      index += 1
    }
    return false
  }

  /// U+FFFE and U+FFFF are EF BF BE and EF BF BF.
  private static func hasNonCharacters(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var index = 0
    while index + 2 < count, let found = memchr(base + index, 0xEF, count - index - 2) {
      index = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if base[index + 1] == 0xBF, base[index + 2] >= 0xBE { return true }
      index += 1
    }
    return false
  }
}

extension ByteChecks {
  /// Whether the bytes are UTF-8, by the table of the Unicode Standard (3-7, "Well-Formed UTF-8 Byte Sequences").
  static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = bytes.baseAddress else { return true }
    let base = UnsafeRawPointer(start)
    let count = bytes.count
    var index = 0
    while index < count {
      if index + 8 <= count {
        let high = base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080
        if high == 0 {
          index += 8
          continue
        }
        index = skipPairs(base, index + high.trailingZeroBitCount / 8, count)
      } else if start[index] < 0x80 {
        index += 1
        continue
      }
      if index < count, start[index] >= 0x80 {
        guard let next = endOfSequence(start, index, count) else { return false }
        index = next
      }
    }
    return true
  }

  /// Over pairs such as Persian and Arabic letters are, up to four at a time.
  @inline(__always)
  private static func skipPairs(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
    var index = start
    while index + 8 <= count {
      let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      // 110xxxxx 10xxxxxx four times, and none of the leads is C0 or C1.
      let shape = (word & 0xC0E0_C0E0_C0E0_C0E0) ^ 0x80C0_80C0_80C0_80C0
      let tooShort = ~((word & 0x001E_001E_001E_001E) &+ 0x001E_001E_001E_001E) & 0x0020_0020_0020_0020
      let odd = shape | tooShort
      if odd != 0 { return index + (odd.trailingZeroBitCount / 16) * 2 }
      index += 8
    }
    return index
  }

  /// Behind one sequence of two to four bytes; nil where it is none.
  private static func endOfSequence(_ bytes: UnsafePointer<UInt8>, _ index: Int, _ count: Int) -> Int? {
    let lead = bytes[index]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    guard lead >= 0xC2, lead <= 0xF4, index + length <= count else { return nil }
    for offset in 1..<length where bytes[index + offset] & 0xC0 != 0x80 { return nil }
    let second = bytes[index + 1]
    switch lead {
    case 0xE0 where second < 0xA0, 0xED where second > 0x9F, 0xF0 where second < 0x90, 0xF4 where second > 0x8F:
      return nil
    default: return index + length
    }
  }
}
