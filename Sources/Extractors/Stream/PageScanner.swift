/// Reads a page in one pass over its bytes into a ``PageTape``, as libxml2's HTML parser would read it into a tree.
///
/// The rules are libxml2's, not HTML5's: what ends an element, which elements it makes up, what of a broken page it
/// leaves out. Where a page does something whose reading is not written here, it throws the doubt, and libxml2 reads.
struct PageScanner: ~Copyable {
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

  let page: PageBytes
  let names: HTMLNames

  var elements: TapeList<TapeElement>
  var pieces: TapeList<TapePiece>
  var open: TapeList<OpenElement>
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
    /// Of the name as it stands in the start tag, where it has at most eight letters, stands there, and eight bytes follow;
    /// else 0.
    var length: UInt8 = 0
    /// Those letters: an end tag that repeats them as they are, as nearly all do, needs no further look.
    var written: UInt64 = 0
    var key: NameKey
  }

  /// - Parameter text: ``BodyText/surveyedHTML(_:contentType:)``.
  static func tape(of text: SurveyedText) throws(StreamDoubt) -> PageTape {
    let names = HTMLNames.shared
    guard names.isVerified else { throw .library }
    if text.hasOddCharacters { throw .characters }
    let source = text.utf8
    let result = source.withUnsafeBufferPointer { bytes in
      Result { () throws(StreamDoubt) -> PageTape in
        guard let base = bytes.baseAddress, bytes.count < Int(Int32.max) else { throw .empty }
        var scanner = PageScanner(page: PageBytes(base: base, count: bytes.count), names: names)
        try scanner.scan()
        return scanner.tape(of: source)
      }
    }
    return try result.get()
  }

  private consuming func tape(of source: [UInt8]) -> PageTape {
    let isSuspectedCut = opensHTML && opensBody && !closes
    return PageTape(
      source: source, elements: elements, pieces: pieces, isSuspectedCut: isSuspectedCut, others: others, depth: depth)
  }

  private init(page: PageBytes, names: HTMLNames) {
    self.page = page
    self.names = names
    // A tag and its text take some 45 bytes of a usual page.
    elements = TapeList(capacity: page.count / 40 + 16)
    pieces = TapeList(capacity: page.count / 40 + 16)
    open = TapeList(capacity: PageScanner.maxDepth + 8)
  }

  private mutating func scan() throws(StreamDoubt) {
    while index < page.count {
      guard page[index] == UInt8(ascii: "<"), page.startsMarkup(index) else {
        try readText()
        continue
      }
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

  /// - Precondition: `<` at ``index``, and ``PageBytes/startsMarkup(_:)``.
  @inline(__always)
  private mutating func readMarkup() throws(StreamDoubt) {
    guard index &+ 1 < page.count else { throw .cut }
    let next = page[index &+ 1]
    if PageScanner.isLetter(next) { return try readStartTag() }
    if next == UInt8(ascii: "/") { return try readEndTag() }
    try readOther(next)
  }

  private mutating func readOther(_ next: UInt8) throws(StreamDoubt) {
    switch next {
    case UInt8(ascii: "!"): try readDeclaration()
    case UInt8(ascii: "?"): try readInstruction()
    default: throw .markup
    }
  }

  @inline(__always)
  private mutating func readText() throws(StreamDoubt) {
    let start = index
    var from = index
    // A `<` that starts nothing is text.
    while true {
      guard let found = page.find(UInt8(ascii: "<"), from: from) else {
        index = page.count
        break
      }
      index = found
      if page.startsMarkup(found) { break }
      from = found &+ 1
    }
    try addText(start, index)
  }

  @inline(__always)
  private mutating func addText(_ start: Int, _ end: Int) throws(StreamDoubt) {
    guard let top = open.last else {
      // Blanks around the page are no text for libxml2.
      guard page.isBlank(start, end) else { throw elements.isEmpty ? .looseText : .trailing }
      return
    }
    if names.special.textless.contains(top.id) {
      guard page.isBlank(start, end), end - start < PageScanner.maxBlanks else { throw .looseText }
    }
    if page[start] == UInt8(ascii: "&"), page.isNothing(start, end) { return }
    try append(
      TapePiece(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), owner: top.index,
        joins: canJoin, isRaw: false))
  }

  var isFull: Bool { pieces.count &+ elements.count &+ others >= PageScanner.maxNodes }

  /// Behind a comment or an instruction, which splits the text around it.
  mutating func pass(_ end: Int) throws(StreamDoubt) {
    if isFull { throw .size }
    others += 1
    index = end
    canJoin = false
  }

  @inline(__always)
  mutating func append(_ piece: TapePiece) throws(StreamDoubt) {
    if isFull { throw .size }
    pieces.append(piece)
    canJoin = true
  }
}

extension PageScanner {
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
