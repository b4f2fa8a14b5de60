internal import CLibXML2
import Glibc

/// Comparisons of libxml2's texts with a selector's, in bytes.
enum CSSText {
  typealias Text = UnsafePointer<xmlChar>

  static func isEqual(_ text: Text?, _ other: [UInt8]) -> Bool {
    guard let text else { return false }
    return starts(signed(text), other) && text[other.count] == 0
  }

  /// Whether one of the words between white space is `word`.
  static func hasWord(_ text: Text, _ word: [UInt8]) -> Bool {
    var start = text
    while start.pointee != 0 {
      while isSpace(start.pointee) { start += 1 }
      if starts(signed(start), word), start[word.count] == 0 || isSpace(start[word.count]) { return true }
      while start.pointee != 0, !isSpace(start.pointee) { start += 1 }
    }
    return false
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D || byte == 0xC
  }

  /// Whether the text starts with those bytes.
  private static func starts(_ text: UnsafePointer<CChar>, _ other: [UInt8]) -> Bool {
    other.withUnsafeBytes {
      Glibc.strncmp(text, $0.baseAddress?.assumingMemoryBound(to: CChar.self) ?? text, $0.count) == 0
    }
  }

  private static func signed(_ text: Text) -> UnsafePointer<CChar> { UnsafePointer<CChar>(OpaquePointer(text)) }
}
