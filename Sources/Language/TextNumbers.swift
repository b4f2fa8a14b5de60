/// Numbers texts from 0 in the order in which they first come. Texts that are equal as Swift compares them, letter by
/// letter and not byte by byte, have one number.
///
/// A dictionary over texts brings each one into its normal form whenever it is asked, which takes 2,000 instructions for
/// a key with Persian digits. Nearly all texts are in that form already, most of them so plainly that a look at their
/// bytes shows it, and of those the same letters are the same bytes. With the first one that is not plain this is a
/// dictionary.
public struct TextNumbers: Sendable {
  private var texts: [String] = []
  private var hashes: [UInt64] = []
  /// Open addressing: a number and one, 0 where there is none; a power of two of them, at most half of them taken.
  private var slots: [UInt32]
  /// Once there was a text that is not plain.
  private var letters: [String: Int]?

  /// - Parameter expected: About how many texts there will be.
  public init(expecting expected: Int = 0) {
    var room = 16
    while room < expected * 2 { room *= 2 }
    slots = Array(repeating: 0, count: room)
    texts.reserveCapacity(expected)
    hashes.reserveCapacity(expected)
  }

  /// Texts that have a number: the next new one's.
  public var count: Int { texts.count }

  public mutating func number(of text: String) -> Int {
    guard letters == nil, let hash = PlainText.hash(text) else { return numberByLetters(text) }
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if hashes[number] == hash, texts[number] == text { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    texts.append(text)
    hashes.append(hash)
    slots[slot] = UInt32(texts.count)
    if texts.count * 2 > slots.count { grow() }
    return texts.count - 1
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (number, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }

  private mutating func numberByLetters(_ text: String) -> Int {
    if letters == nil {
      letters = Dictionary(minimumCapacity: texts.capacity)
      for (number, text) in texts.enumerated() { letters?[text] = number }
    }
    if let known = letters?[text] { return known }
    letters?[text] = texts.count
    texts.append(text)
    return texts.count - 1
  }
}

/// Texts of characters that stand for themselves only: none is made of others, is another way to write one, or joins the
/// one before it. Two such texts are equal where their bytes are.
enum PlainText {
  /// Of this process: a page must not be able to choose keys that meet in one place.
  private static let seed = UInt64.random(in: .min ... .max)

  /// nil for a text that is not plainly plain.
  static func hash(_ text: String) -> UInt64? {
    text.utf8.withContiguousStorageIfAvailable { bytes in
      let (hash, isASCII) = hash(UnsafeRawBufferPointer(bytes))
      return isASCII || isPlain(bytes) ? hash : nil
    } ?? nil
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> (UInt64, isASCII: Bool) {
    var hash = seed ^ UInt64(bytes.count)
    var all: UInt64 = 0
    var at = 0
    while at + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      all |= word
      hash = fold(hash ^ word)
      at += 8
    }
    var rest: UInt64 = 0
    while at < bytes.count {
      rest = rest << 8 | UInt64(bytes[at])
      at += 1
    }
    return (fold(hash ^ rest), (all | rest) & 0x8080_8080_8080_8080 == 0)
  }

  @inline(__always)
  private static func fold(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }

  private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    while at < bytes.count {
      if bytes[at] < 0x80 {
        at += 1
      } else {
        // Text is valid: what begins a character is followed by the rest of it.
        guard isPlain(bytes, at) else { return false }
        at += bytes[at] < 0xE0 ? 2 : 3
      }
    }
    return true
  }

  /// Of the character there: Latin letters with their accents in them, Arabic and Persian ones without marks, dashes,
  /// joiners and the like, and Chinese ones. (In Unicode's words: some of those of combining class 0 that may stand in NFC.)
  @inline(__always)
  private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
    let second = bytes[at + 1]
    return switch bytes[at] {
    // Up to U+02FF; then come the marks.
    case 0xC2...0xCB: true
    // But for U+0610 to U+061A.
    case 0xD8: second < 0x90 || second > 0x9A
    // But for U+064B to U+065F, and U+0670.
    case 0xD9: second < 0x8B || (second > 0x9F && second < 0xB0) || second > 0xB0
    case 0xDA: true
    // But for U+06D6 to U+06ED.
    case 0xDB: second < 0x96 || second > 0xAD
    // U+2002 to U+203F: the two spaces before them are written in two ways.
    case 0xE2: second == 0x80 && bytes[at + 2] > 0x81
    // U+4E00 to U+9FFF.
    case 0xE4: second >= 0xB8
    case 0xE5...0xE9: true
    default: false
    }
  }
}
