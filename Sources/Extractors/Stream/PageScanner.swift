import Glibc

/// Reads a page in one pass over its bytes into a ``PageTape``, as libxml2's HTML parser would read it into a tree.
///
/// The rules are libxml2's, not HTML5's: what ends an element, which elements it makes up, what of a broken page it
/// leaves out. Where a page does something whose reading is not written here, it throws the doubt, and libxml2 reads.
struct PageScanner {
  /// Elements within elements; real pages stay below 60. libxml2 has no limit with HUGE, ``MarkupLimits`` has 1,000.
  static let maxDepth = 256
  /// Elements, texts, comments and instructions. Far enough below libxml2's limit of XPath steps that no selector that is streamed reaches it.
  static let maxNodes = 40_000
  /// Of a start tag; attributes of one.
  static let maxTagBytes = 64 << 10
  static let maxAttributes = 256
  /// Of a page; ``MarkupLimits/attributes`` is not far above.
  static let maxAllAttributes = 400_000
  /// Blanks between elements of the head that libxml2 still reads in one piece (its buffer is 1,000).
  static let maxBlanks = 900
  /// Letters of a name; libxml2 cuts at 100.
  static let maxNameBytes = 90

  let bytes: UnsafeBufferPointer<UInt8>
  let base: UnsafePointer<UInt8>
  let names: HTMLNames

  var elements: [TapeElement] = []
  var pieces: [TapePiece] = []
  var open: [OpenElement] = []
  var index = 0
  /// Comments and instructions, and attributes: on no tape, but limited on trees.
  var others = 0
  var attributes = 0
  /// The most elements that were open at once.
  var depth = 0
  /// Whether the next text goes on the text node before.
  var canJoin = false
  var sawHead = false
  var sawBody = false
  var sawDoctype = false
  var opensHTML = false
  var opensBody = false
  var closes = false

  struct OpenElement {
    var index: Int32
    var id: HTMLNames.ID
    var key: NameKey
  }

  /// - Parameter text: ``BodyText/surveyedHTML(_:contentType:)``.
  static func tape(of text: SurveyedText) throws(StreamDoubt) -> PageTape {
    let names = HTMLNames.shared
    guard names.isVerified else { throw .library }
    if text.hasOddCharacters { throw .characters }
    let source = text.utf8
    let result = source.withUnsafeBufferPointer { bytes in
      Result { () throws(StreamDoubt) -> PageScanner in
        guard let base = bytes.baseAddress, bytes.count < Int(Int32.max) else { throw .empty }
        var scanner = PageScanner(bytes: bytes, base: base, names: names)
        try scanner.scan()
        return scanner
      }
    }
    let scanner = try result.get()
    return PageTape(
      source: source, elements: scanner.elements, pieces: scanner.pieces,
      isSuspectedCut: scanner.opensHTML && scanner.opensBody && !scanner.closes, others: scanner.others,
      depth: scanner.depth)
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>, names: HTMLNames) {
    self.bytes = bytes
    self.base = base
    self.names = names
    // A tag and its text take some 45 bytes of a usual page.
    elements.reserveCapacity(bytes.count / 40 + 16)
    pieces.reserveCapacity(bytes.count / 40 + 16)
    open.reserveCapacity(PageScanner.maxDepth + 8)
  }

  private mutating func scan() throws(StreamDoubt) {
    while index < bytes.count {
      if base[index] != UInt8(ascii: "<") || !startsMarkup(index) { try readText() }
      guard index < bytes.count else { break }
      try readMarkup()
    }
    try finish()
  }

  /// Unclosed elements end with the page.
  private mutating func finish() throws(StreamDoubt) {
    guard !elements.isEmpty else { throw .empty }
    if let top = open.last, names.special.text.contains(top.id) || names.special.raw.contains(top.id) { throw .cut }
    while !open.isEmpty { pop() }
  }

  /// - Precondition: `<` at ``index``, and ``startsMarkup(_:)``.
  private mutating func readMarkup() throws(StreamDoubt) {
    guard index + 1 < bytes.count else { throw .cut }
    let next = base[index + 1]
    if PageScanner.isLetter(next) { return try readStartTag() }
    switch next {
    case UInt8(ascii: "/"): try readEndTag()
    case UInt8(ascii: "!"): try readDeclaration()
    case UInt8(ascii: "?"): try readInstruction()
    default: throw .markup
    }
  }

  /// `<` before a blank, a digit or the like is text; before what may be read either way, markup that is doubted.
  private func startsMarkup(_ index: Int) -> Bool {
    guard index + 1 < bytes.count else { return true }
    let next = base[index + 1]
    switch next {
    case UInt8(ascii: "/"), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "_"), UInt8(ascii: ":"),
      UInt8(ascii: "<"):
      return true
    default: return PageScanner.isLetter(next) || next >= 0x80
    }
  }

  private mutating func readText() throws(StreamDoubt) {
    let start = index
    var from = index
    // A `<` that starts nothing is text.
    while true {
      guard let found = find(UInt8(ascii: "<"), from: from) else {
        index = bytes.count
        break
      }
      index = found
      if startsMarkup(found) { break }
      from = found + 1
    }
    try addText(start, index)
  }

  private mutating func addText(_ start: Int, _ end: Int) throws(StreamDoubt) {
    guard let top = open.last else {
      // Blanks around the page are no text for libxml2.
      guard isBlank(start, end) else { throw elements.isEmpty ? .looseText : .trailing }
      return
    }
    if top.id == names.special.head || top.id == names.special.html {
      guard isBlank(start, end), end - start < PageScanner.maxBlanks else { throw .looseText }
    }
    if base[start] == UInt8(ascii: "&"), isNothing(start, end) { return }
    try append(TapePiece(start: UInt32(start), end: UInt32(end), owner: top.index, joins: canJoin, isRaw: false))
  }

  /// Whether it is nothing but references to what is no character, for which libxml2 makes no text.
  private func isNothing(_ start: Int, _ end: Int) -> Bool {
    guard start + 1 < end, base[start + 1] == UInt8(ascii: "#") else { return false }
    var decoded: [UInt8] = []
    References.decode(UnsafeBufferPointer(rebasing: bytes[start..<end]), to: &decoded, isValue: false)
    return decoded.isEmpty
  }

  var isFull: Bool { pieces.count + elements.count + others >= PageScanner.maxNodes }

  /// Behind a comment or an instruction, which splits the text around it.
  mutating func pass(_ end: Int) throws(StreamDoubt) {
    if isFull { throw .size }
    others += 1
    index = end
    canJoin = false
  }

  mutating func append(_ piece: TapePiece) throws(StreamDoubt) {
    if isFull { throw .size }
    pieces.append(piece)
    canJoin = true
  }
}

extension PageScanner {
  func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < bytes.count, let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  func hasPrefix(_ text: StaticString, at index: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    return index + count <= bytes.count && memcmp(base + index, text.utf8Start, count) == 0
  }

  /// In any case of letters.
  func hasName(_ name: StaticString, at index: Int) -> Bool {
    let count = name.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    for offset in 0..<count where CSSName.lowered(base[index + offset]) != name.utf8Start[offset] { return false }
    return true
  }

  func isBlank(_ start: Int, _ end: Int) -> Bool {
    for index in start..<end where !PageScanner.isBlank(base[index]) { return false }
    return true
  }

  func skippingBlanks(_ start: Int) -> Int {
    var index = start
    while index < bytes.count, PageScanner.isBlank(base[index]) { index += 1 }
    return index
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

  /// Of an element's name.
  @inline(__always)
  static func continuesName(_ byte: UInt8) -> Bool { ByteSet.elementName.contains(byte) }
}
