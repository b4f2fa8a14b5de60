import Glibc
import PluginHost

/// One look over the bytes of a page before it is parsed, for what the parser would not tell: start tags it would need
/// minutes for, and that the page is cut off.
///
/// It follows libxml2's reading, not the standard's, where they differ: the bytes are then parsed by libxml2.
struct TagScan {
  private(set) var opensHTML = false
  private(set) var opensBody = false
  private(set) var closes = false
  /// Where `>` or `->` stands right behind `<!--`. To HTML such a comment is over; to libxml2 it has only begun.
  private(set) var abruptComments: [Int] = []

  /// Opened by hand and never closed: a page that ends early, or an author who leaves end tags out (as HTML allows).
  var isSuspectedCut: Bool { opensHTML && opensBody && !closes }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let readsRawText: Bool
  private var index = 0

  /// - Parameter readsRawText: True for HTML, where `<script>` holds no tags; in XML it does.
  init(_ bytes: UnsafeBufferPointer<UInt8>, readsRawText: Bool) throws(ExtractError) {
    self.bytes = bytes
    self.readsRawText = readsRawText
    while let open = find(UInt8(ascii: "<"), from: index) {
      index = open + 1
      try readMarkup()
    }
  }

  private mutating func readMarkup() throws(ExtractError) {
    switch at(index) {
    case nil: throw TagScan.cut("inside a tag")
    case UInt8(ascii: "!"): try readDeclaration()
    case UInt8(ascii: "?"): try skip(past: readsRawText ? ">" : "?>", or: "inside an instruction")
    case UInt8(ascii: "/"): try readEndTag()
    case .some(let byte) where TagScan.startsName(byte): try readStartTag()
    case .some: break
    }
  }

  private mutating func readDeclaration() throws(ExtractError) {
    if hasPrefix("!--", at: index) {
      index += 3
      if readsRawText, hasPrefix(">", at: index) || hasPrefix("->", at: index) { return abruptComments.append(index) }
      try skipComment()
    } else if !readsRawText, hasPrefix("![CDATA[", at: index) {
      try skip(past: "]]>", or: "inside a CDATA section")
    } else {
      try skip(past: ">", or: "inside a declaration")
    }
  }

  private mutating func skipComment() throws(ExtractError) {
    while let dash = find(UInt8(ascii: "-"), from: index) {
      index = dash + 1
      if hasPrefix("->", at: index) || (readsRawText && hasPrefix("-!>", at: index)) { return }
    }
    throw TagScan.cut("inside a comment")
  }

  private mutating func readEndTag() throws(ExtractError) {
    if readsRawText, nameIs("body", at: index + 1) || nameIs("html", at: index + 1) { closes = true }
    try skip(past: ">", or: "inside a tag")
  }

  private mutating func readStartTag() throws(ExtractError) {
    let name = index
    let start = index - 1
    var attributes = 0
    var isInWord = true
    while let byte = at(index), byte != UInt8(ascii: ">") {
      switch byte {
      case UInt8(ascii: "="):
        isInWord = false
        index = try endOfValue(from: index + 1)
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "/"), 0xC:
        isInWord = false
        index += 1
      default:
        if !isInWord { attributes += 1 }
        isInWord = true
        index += 1
      }
    }
    guard index < bytes.count else { throw TagScan.cut("inside a tag") }
    try TagScan.check(length: index + 1 - start, attributes: attributes)
    let isClosed = bytes[index - 1] == UInt8(ascii: "/")
    index += 1
    if readsRawText { try noteElement(name, isClosed: isClosed) }
  }

  /// After `=`: past the closing quote, or at the first byte after a bare value.
  private func endOfValue(from start: Int) throws(ExtractError) -> Int {
    var index = start
    while let byte = at(index), TagScan.isSpace(byte) { index += 1 }
    guard let quote = at(index) else { throw TagScan.cut("inside a tag") }
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      guard let end = find(quote, from: index + 1) else { throw TagScan.cut("inside an attribute's value") }
      return end + 1
    }
    while let byte = at(index), byte != UInt8(ascii: ">"), !TagScan.isSpace(byte) { index += 1 }
    return index
  }

  private mutating func noteElement(_ name: Int, isClosed: Bool) throws(ExtractError) {
    switch bytes[name] | 0x20 {
    case UInt8(ascii: "h") where nameIs("html", at: name): opensHTML = true
    case UInt8(ascii: "b") where nameIs("body", at: name): opensBody = true
    case UInt8(ascii: "s"):
      for element in ["script", "style"] as [StaticString] where nameIs(element, at: name) && !isClosed {
        index = try endOfRawText(element)
      }
    case UInt8(ascii: "t"):
      // libxml2 reads tags in these two, so the scan goes on within them; only their end must be there.
      for element in ["title", "textarea"] as [StaticString] where nameIs(element, at: name) && !isClosed {
        _ = try endOfRawText(element)
      }
    default: break
    }
  }

  /// Where `</script` stands.
  private func endOfRawText(_ element: StaticString) throws(ExtractError) -> Int {
    var from = index
    while let open = find(UInt8(ascii: "<"), from: from) {
      if at(open + 1) == UInt8(ascii: "/"), hasName(element, at: open + 2) { return open }
      from = open + 1
    }
    throw TagScan.cut("inside <\(element)>")
  }

  private mutating func skip(past end: StaticString, or place: String) throws(ExtractError) {
    while let found = find(end.utf8Start[0], from: index) {
      index = found + 1
      if hasPrefix(end, at: found) {
        index = found + end.utf8CodeUnitCount
        return
      }
    }
    throw TagScan.cut(place)
  }

  private static func check(length: Int, attributes: Int) throws(ExtractError) {
    if length > MarkupLimits.startTagBytes {
      throw ExtractError(.overLimit, "a start tag of \(length) bytes; at most \(MarkupLimits.startTagBytes) are read")
    }
    if attributes > MarkupLimits.attributesOfOneElement {
      throw ExtractError(
        .overLimit,
        "an element with \(attributes) attributes; at most \(MarkupLimits.attributesOfOneElement) are read")
    }
  }

  private static func cut(_ place: String) -> ExtractError {
    ExtractError(.truncated, "the page is cut off: it ends \(place)")
  }
}

extension TagScan {
  private func at(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress else { return nil }
    guard let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private func hasPrefix(_ text: StaticString, at index: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count, let base = bytes.baseAddress else { return false }
    return memcmp(base + index, text.utf8Start, count) == 0
  }

  /// Case-blind; what follows the name does not matter, as in libxml2's reading of scripts.
  private func hasName(_ name: StaticString, at index: Int) -> Bool {
    let count = name.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    for offset in 0..<count where bytes[index + offset] | 0x20 != name.utf8Start[offset] { return false }
    return true
  }

  private func nameIs(_ name: StaticString, at index: Int) -> Bool {
    guard hasName(name, at: index) else { return false }
    guard let next = at(index + name.utf8CodeUnitCount) else { return true }
    return next == UInt8(ascii: ">") || next == UInt8(ascii: "/") || TagScan.isSpace(next)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  private static func startsName(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: ":") || byte >= 0x80
  }
}
