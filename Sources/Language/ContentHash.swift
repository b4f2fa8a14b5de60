/// What content is recognised by when it comes again: the same on every machine, so it can be stored. Two contents that
/// differ have the same once in 2⁶⁴ by accident; nothing is promised against somebody who makes them so.
///
/// Two lanes of 64 bits, mixed by folding a product of 128 bits as wyhash does: <https://github.com/wangyi-fudan/wyhash>
/// describes the mixing and its tests. Numbers go through both; of long texts each lane takes its half of every 32 bytes.
public struct ContentHash: Sendable, Hashable {
  private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var high: UInt64 = 0xD1B5_4A32_D192_ED03

  public init() {}

  /// Numbers are content of a fixed length.
  @inline(__always)
  public mutating func combine(_ number: UInt64) {
    low = Self.fold(low ^ number, 0xA076_1D64_78BD_642F)
    high = Self.fold(high &+ number, 0xE703_7ED1_A0B4_28DB)
  }

  @inline(__always)
  public mutating func combine(_ number: Int64) { combine(UInt64(bitPattern: number)) }

  /// With its length, so that "ab", "c" and "a", "bc" differ.
  public mutating func combine(_ text: String) {
    if text.utf8.withContiguousStorageIfAvailable({ combine(UnsafeRawBufferPointer($0)) }) != nil { return }
    var text = text
    text.withUTF8 { combine(UnsafeRawBufferPointer($0)) }
  }

  /// With its length.
  public mutating func combine(_ bytes: [UInt8]) { bytes.withUnsafeBytes { combine($0) } }

  private mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    combine(UInt64(bytes.count))
    var at = 0
    // Both lanes at once, each over bytes of its own: what a whole body costs least.
    while at + 32 <= bytes.count {
      func word(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + offset, as: UInt64.self))
      }
      low = Self.fold(low ^ word(0), word(8) ^ 0xA076_1D64_78BD_642F)
      high = Self.fold(high ^ word(16), word(24) ^ 0xE703_7ED1_A0B4_28DB)
      at += 32
    }
    while at + 8 <= bytes.count {
      combine(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
      at += 8
    }
    if at < bytes.count { combine(Self.end(of: bytes, from: at)) }
  }

  /// The last one to seven bytes, as a number that begins with the first of them.
  @inline(__always)
  private static func end(of bytes: UnsafeRawBufferPointer, from at: Int) -> UInt64 {
    let count = bytes.count
    if at > 0 {
      let last = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
      return last & (1 << (8 * UInt64(count - at)) - 1)
    }
    if count >= 4 {
      // Both halves have the bytes in the middle.
      let first = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
      let last = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
      return UInt64(first) << (8 * UInt64(count - 4)) | UInt64(last)
    }
    var rest: UInt64 = 0
    for byte in bytes { rest = rest << 8 | UInt64(byte) }
    return rest
  }

  /// Content whose order means nothing: the sum is the same in any.
  public mutating func add(unordered other: ContentHash) {
    low &+= Self.fold(other.low, 0x8EBC_6AF0_9C88_C6E3)
    high &+= Self.fold(other.high, 0x5899_65CC_7537_4CC3)
  }

  /// Either half is spread well enough to be looked up by.
  public func hash(into hasher: inout Hasher) { hasher.combine(low) }

  /// 32 hexadecimal digits.
  public var text: String {
    String(unsafeUninitializedCapacity: 32) { digits in
      for place in 0..<16 {
        let shift = UInt64(60 - 4 * place)
        digits.initializeElement(at: place, to: Self.digit(low >> shift & 15))
        digits.initializeElement(at: place + 16, to: Self.digit(high >> shift & 15))
      }
      return 32
    }
  }

  private static func digit(_ value: UInt64) -> UInt8 {
    UInt8(value) + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}

extension ContentHash {
  /// A typed value: equal values, and only they, add the same.
  public mutating func combine(_ value: Value) {
    switch value {
    case .null: combine(0 as UInt64)
    case .text(let text): tag(1, text)
    case .integer(let number): tag(2, number)
    case .boolean(let flag): tag(3, flag ? 1 : 0)
    case .instant(let instant): tag(4, instant.milliseconds)
    case .url(let url): tag(5, url)
    case .time(let time): tag(6, Int64(time.secondsOfDay))
    case .date(let date):
      tag(7, Int64(date.year))
      combine(Int64(date.month * 100 + date.day))
    case .decimal, .duration, .money, .list, .json: tag(8, value.encoded.text)
    }
  }

  private mutating func tag(_ tag: UInt64, _ text: String) {
    combine(tag)
    combine(text)
  }

  private mutating func tag(_ tag: UInt64, _ number: Int64) {
    combine(tag)
    combine(number)
  }
}
