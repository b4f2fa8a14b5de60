/// Which charset a body is in, and by whose word.
struct CharsetSniffer {
  var body: [UInt8]
  var contentType: String?

  /// A byte order mark beats everything, as in the Encoding Standard: nothing else starts with those bytes, while
  /// headers are often set for a whole server. Gives its length too.
  var byteOrderMark: (charset: Charset, length: Int)? {
    if body.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if body.starts(with: [0xFF, 0xFE]) { return (.utf16(bigEndian: false), 2) }
    if body.starts(with: [0xFE, 0xFF]) { return (.utf16(bigEndian: true), 2) }
    return nil
  }

  /// The `charset` parameter of the Content-Type header; nil where it is missing or unknown.
  var header: Charset? {
    guard let contentType else { return nil }
    for part in contentType.utf8.split(separator: UInt8(ascii: ";")).dropFirst() {
      let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1).map { String(Substring($0)) }
      guard pair.count == 2, pair[0].trimmingASCIISpace.lowercased() == "charset" else { continue }
      let value = pair[1].trimmingASCIISpace
      return Charset(label: value.filter { $0 != "\"" && $0 != "'" })
    }
    return nil
  }

  /// `<meta charset=…>` or `<meta http-equiv content="…; charset=…">` in the first 4 KiB. The standard looks at 1,024
  /// bytes; pages that put scripts first are read right by browsers all the same, which sniff again while they read.
  var meta: Charset? {
    let head = body.prefix(4096)
    var index = head.startIndex
    while let open = head[index...].firstIndex(of: UInt8(ascii: "<")) {
      if head[open...].starts(with: "<!--".utf8) {
        guard let end = head[(open + 4)...].firstRange(of: Array("-->".utf8)) else { return nil }
        index = end.upperBound
        continue
      }
      guard let close = head[open...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
      let tag = String(decoding: head[open..<close], as: UTF8.self).lowercased()
      if tag.hasPrefix("<meta"), let charset = CharsetSniffer.charset(in: tag) { return charset }
      index = close
    }
    return nil
  }

  /// The `encoding` of an XML declaration.
  var xmlDeclaration: Charset? {
    guard body.starts(with: "<?xml".utf8), let end = body.prefix(1024).firstIndex(of: UInt8(ascii: ">")) else {
      return nil
    }
    let declaration = String(decoding: body[..<end], as: UTF8.self)
    guard let value = CharsetSniffer.value(after: "encoding", in: declaration) else { return nil }
    return CharsetSniffer.asciiCompatible(Charset(label: value))
  }

  private static func charset(in tag: String) -> Charset? {
    guard let value = value(after: "charset", in: tag) else { return nil }
    return asciiCompatible(Charset(label: value))
  }

  /// Bytes that could be searched for ASCII are not UTF-16, whatever they say: the standard reads them as UTF-8.
  private static func asciiCompatible(_ charset: Charset?) -> Charset? {
    if case .utf16 = charset { return .utf8 }
    return charset
  }

  private static func value(after name: String, in tag: String) -> Substring? {
    var rest = Substring(tag)
    while let found = rest.firstRange(of: name) {
      rest = rest[found.upperBound...].drop { $0 == " " || $0 == "\t" || $0 == "\n" }
      guard rest.first == "=" else { continue }
      let value = rest.dropFirst().drop { " \t\n\"'".contains($0) }
      return value.prefix { !" \t\n\"';/?".contains($0) }
    }
    return nil
  }
}

extension Collection where Element: Equatable {
  /// Where `needle` first stands; the standard library's own needs its regular expression module.
  func firstRange(of needle: some Collection<Element>) -> Range<Index>? {
    guard let first = needle.first else { return startIndex..<startIndex }
    var index = startIndex
    while let start = self[index...].firstIndex(of: first) {
      if self[start...].starts(with: needle) {
        return start..<self.index(start, offsetBy: needle.count)
      }
      index = self.index(after: start)
    }
    return nil
  }
}
