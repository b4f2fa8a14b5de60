/// A place on a ``PageTape``.
struct TapeNode: Equatable {
  enum Kind: UInt8 { case document, element, attribute, text }

  var kind: Kind
  /// The element, or the one that an attribute is of or a text in.
  var element: Int32
  /// Of an attribute: where its name stands. Of a text: its first piece.
  var detail: UInt32

  static let document = TapeNode(kind: .document, element: PageTape.document, detail: 0)

  static func element(_ index: Int32) -> TapeNode {
    index < 0 ? document : TapeNode(kind: .element, element: index, detail: 0)
  }

  var isParent: Bool { kind == .document || kind == .element }
}

/// Reads a tape and the bytes it stands on; lent by ``PageTape/walk(_:)``.
struct TapeWalker {
  /// Places that one selection looks at before the tree is asked instead, so that what libxml2's XPath and ``CSSMatcher``
  /// refuse is refused by them. A visit here is at most some eight of libxml2's steps, of which it allows 2,000,000.
  static let maxVisits = 150_000

  let bytes: UnsafeBufferPointer<UInt8>
  let elements: UnsafeBufferPointer<TapeElement>
  let pieces: UnsafeBufferPointer<TapePiece>
  var visits = 0
  private let allowedVisits: Int

  /// - Parameter nodeCount: Of the tree: libxml2 visits texts and comments where elements are looked at here.
  init(
    bytes: UnsafeBufferPointer<UInt8>, elements: UnsafeBufferPointer<TapeElement>,
    pieces: UnsafeBufferPointer<TapePiece>, nodeCount: Int
  ) {
    allowedVisits = TapeWalker.maxVisits * elements.count / max(1, nodeCount)
    self.bytes = bytes
    self.elements = elements
    self.pieces = pieces
  }

  var isOverBudget: Bool { visits > allowedVisits }

  func element(_ index: Int32) -> TapeElement { elements[Int(index)] }

  /// The elements within a node, by index.
  func range(within node: TapeNode) -> Range<Int32> {
    switch node.kind {
    case .document: 0..<Int32(elements.count)
    case .element: (node.element + 1)..<element(node.element).end
    case .attribute, .text: 0..<0
    }
  }

  /// The pieces of text within a node.
  func pieces(within node: TapeNode) -> Range<UInt32> {
    switch node.kind {
    case .document: 0..<UInt32(pieces.count)
    case .element: element(node.element).firstPiece..<element(node.element).endPiece
    case .attribute: 0..<0
    case .text: node.detail..<endOfText(node.detail)
    }
  }

  /// Behind the last piece of the text node that begins with this piece.
  func endOfText(_ first: UInt32) -> UInt32 {
    var next = first + 1
    while next < pieces.count, pieces[Int(next)].joins { next += 1 }
    return next
  }

  /// The element next to it, within the same parent; nil at the last.
  func element(after index: Int32) -> Int32? {
    let next = element(index).end
    let parent = element(index).parent
    let end = parent < 0 ? Int32(elements.count) : element(parent).end
    return next < end ? next : nil
  }

  /// Document order; an attribute comes behind its element and before what is in it.
  func precedes(_ a: TapeNode, _ b: TapeNode) -> Bool {
    if a.kind == .text, b.kind == .text { return a.detail < b.detail }
    if a.kind == .text { return b.kind != .document && a.detail < element(b.element).firstPiece }
    if b.kind == .text { return a.kind == .document || element(a.element).firstPiece <= b.detail }
    if a.element != b.element { return a.element < b.element }
    return (a.kind.rawValue, a.detail) < (b.kind.rawValue, b.detail)
  }
}

extension TapeWalker {
  /// In lower case, as libxml2 keeps names.
  func name(_ index: Int32) -> String {
    let element = element(index)
    guard element.tag != PageTape.implied else { return element.name.text }
    let start = Int(element.tag) + 1
    var end = start
    while PageScanner.continuesName(bytes[end]) { end += 1 }
    return String(decoding: bytes[start..<end].map(CSSName.lowered), as: UTF8.self)
  }

  func name(_ index: Int32, is name: TapeName) -> Bool { self.name(index, is: name.key, name.bytes) }

  /// - Parameter lower: The name of that key.
  func name(_ index: Int32, is key: NameKey, _ lower: [UInt8]) -> Bool {
    guard elements[Int(index)].name == key else { return false }
    guard key.isLong else { return true }
    let start = Int(elements[Int(index)].tag) + 1
    guard start + lower.count < bytes.count else { return false }
    for (offset, byte) in lower.enumerated() where CSSName.lowered(bytes[start + offset]) != byte { return false }
    return !PageScanner.continuesName(bytes[start + lower.count])
  }
}

/// Eight bytes of a page.
enum ASCIIWord {
  /// How many of them are letters, from the first on.
  @inline(__always)
  static func letters(_ word: UInt64) -> Int {
    // The top bit of each byte: set by adding to seven bits what brings `a` there, not yet by what brings `{` there.
    let small = (word | 0x2020_2020_2020_2020) & 0x7F7F_7F7F_7F7F_7F7F
    let areLetters = (small &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(small &+ 0x0505_0505_0505_0505) & ~word
    return (~areLetters & 0x8080_8080_8080_8080).trailingZeroBitCount >> 3
  }

  /// - Parameter bytes: At most eight.
  static func word(of bytes: [UInt8]) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Of the first bytes.
  ///
  /// - Parameter length: 1 to 8.
  @inline(__always)
  static func mask(_ length: Int) -> UInt64 { ~0 &>> UInt64(truncatingIfNeeded: 64 &- 8 &* length) }
}

/// A name that a selector asks for, in lower case.
struct TapeName: Equatable {
  let bytes: [UInt8]
  let key: NameKey

  init(lower bytes: [UInt8]) {
    self.bytes = bytes
    key = bytes.withUnsafeBufferPointer { NameKey($0) }
  }
}
