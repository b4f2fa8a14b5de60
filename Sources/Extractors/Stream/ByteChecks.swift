import Glibc

/// Looks for what libxml2 does not take for characters.
enum ByteChecks {
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
      let odd = (block .< Block(repeating: 0x20)) .& (block .!= Block(repeating: 10))
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
