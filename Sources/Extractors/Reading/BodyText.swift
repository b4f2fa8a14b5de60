import PluginHost

/// A body as UTF-8 text, without byte order mark and without NUL.
///
/// HTML and text are repaired, for a page with one broken byte is still read by every browser; XML and JSON are not.
enum BodyText {
  /// Byte order mark, header, `<meta>`; else UTF-8 where the bytes are that, else windows-1252.
  static func html(_ body: [UInt8], contentType: String?) throws(ExtractError) -> [UInt8] {
    try surveyedHTML(body, contentType: contentType).utf8
  }

  /// The same, with what was seen of its characters on the way.
  static func surveyedHTML(_ body: [UInt8], contentType: String?) throws(ExtractError) -> SurveyedText {
    try repaired(body, contentType: contentType) { $0.meta }
  }

  /// Byte order mark, header; else UTF-8 where the bytes are that, else windows-1252.
  static func plain(_ body: [UInt8], contentType: String?) throws(ExtractError) -> [UInt8] {
    try repaired(body, contentType: contentType) { _ in nil }.utf8
  }

  /// Byte order mark, header, XML declaration, else UTF-8. Bytes that do not fit are an error.
  static func xml(_ body: [UInt8], contentType: String?) throws(ExtractError) -> [UInt8] {
    try refuseEmpty(body)
    let sniffer = CharsetSniffer(body: body, contentType: contentType)
    let mark = sniffer.byteOrderMark
    let charset = mark?.charset ?? sniffer.header ?? sniffer.xmlDeclaration ?? .utf8
    return try exact(body.dropFirst(mark?.length ?? 0), in: charset)
  }

  /// UTF-8, as RFC 8259 demands, whatever the header says; where the bytes are not, what the byte order mark or else
  /// the header names. Bytes that do not fit are an error.
  static func json(_ body: [UInt8], contentType: String?) throws(ExtractError) -> [UInt8] {
    try refuseEmpty(body)
    let sniffer = CharsetSniffer(body: body, contentType: contentType)
    let mark = sniffer.byteOrderMark
    if mark == nil, Charset.isUTF8(body[...]) { return body }
    let charset = mark?.charset ?? sniffer.header ?? .utf8
    if charset == .utf8, endsInsideCharacter(body) {
      throw ExtractError(.truncated, "the JSON is cut off: the body ends inside a character")
    }
    return try exact(body.dropFirst(mark?.length ?? 0), in: charset)
  }

  /// Whether a body is UTF-8 but for its last character, of which bytes are missing.
  private static func endsInsideCharacter(_ body: [UInt8]) -> Bool {
    // The longest character has four bytes; those after the first begin with the bits 10.
    let tail = body.suffix(3).reversed().prefix { $0 & 0xC0 == 0x80 }.count + 1
    guard tail <= 3, body.count >= tail, case let first = body[body.count - tail], (0xC2...0xF4).contains(first) else {
      return false
    }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    return tail < length && Charset.isUTF8(body[..<(body.count - tail)])
  }

  private static func repaired(
    _ body: [UInt8], contentType: String?, declared: (CharsetSniffer) -> Charset?
  ) throws(ExtractError) -> SurveyedText {
    try refuseEmpty(body)
    let sniffer = CharsetSniffer(body: body, contentType: contentType)
    let mark = sniffer.byteOrderMark
    let content = body.dropFirst(mark?.length ?? 0)
    let charset = mark?.charset ?? sniffer.header ?? declared(sniffer)
    // A body that is UTF-8 already, nearly all of them, is not copied.
    if charset == nil || charset == .utf8 {
      let survey = content.withUnsafeBufferPointer { ByteSurvey($0) }
      if survey.isUTF8 {
        let text = mark == nil ? body : Array(content)
        // NUL is a control character.
        return survey.hasOddCharacters
          ? SurveyedText(utf8: withoutNUL(text)) : SurveyedText(utf8: text, hasOddCharacters: false)
      }
    }
    return SurveyedText(utf8: withoutNUL(try decode(content, in: charset ?? .windows1252).utf8))
  }

  private static func exact(_ content: ArraySlice<UInt8>, in charset: Charset) throws(ExtractError) -> [UInt8] {
    let text = try decode(content, in: charset)
    guard text.isExact else { throw ExtractError(.charset, "the body holds bytes that are not \(charset.name) text") }
    return text.utf8
  }

  private static func decode(_ content: ArraySlice<UInt8>, in charset: Charset) throws(ExtractError) -> DecodedText {
    guard let text = charset.decode(content) else {
      throw ExtractError(.charset, "the charset \(charset.name) is not installed on this machine")
    }
    return text
  }

  private static func refuseEmpty(_ body: [UInt8]) throws(ExtractError) {
    if body.isEmpty { throw ExtractError(.malformed, "the body is empty") }
  }

  /// libxml2 takes NUL for the end of the page; HTML says to read U+FFFD there.
  private static func withoutNUL(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(0) else { return text }
    return text.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
      .joined(separator: [0xEF, 0xBF, 0xBD] as [UInt8]).map { $0 }
  }
}

/// UTF-8, and whether there are characters in it that libxml2 takes for none (``ByteSurvey``).
struct SurveyedText {
  var utf8: [UInt8]
  var hasOddCharacters: Bool

  init(utf8: [UInt8], hasOddCharacters: Bool) {
    self.utf8 = utf8
    self.hasOddCharacters = hasOddCharacters
  }

  init(utf8: [UInt8]) {
    self.init(utf8: utf8, hasOddCharacters: utf8.withUnsafeBufferPointer { ByteSurvey($0).hasOddCharacters })
  }
}
