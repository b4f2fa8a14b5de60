extension PageScanner {
  /// - Precondition: `<` and a letter at ``index``.
  @inline(__always)
  mutating func readStartTag() throws(StreamDoubt) {
    if let top = open.last, names.special.text.contains(top.id) { throw .rawText }
    let start = index
    let (key, id) = try readName(at: start + 1)
    try makeRoom(for: id)
    let isClosed = try readAttributes(of: key, id, start, length: index &- start &- 1)
    if isClosed || (id != 0 && names.isEmpty.contains(id)) { return pop() }
    if id != 0, names.special.raw.contains(id) { try readRawText(id) }
  }

  /// Ends at the byte behind the name, which must be one that ends names for libxml2 and ``TagScan`` alike.
  @inline(__always)
  private mutating func readName(at start: Int) throws(StreamDoubt) -> (NameKey, HTMLNames.ID) {
    let (length, word) = page.letters(at: start)
    if length > 0, length < 8, PageScanner.endsName(page[start &+ length]) {
      index = start &+ length
      let key = NameKey(bits: (word | 0x2020_2020_2020_2020) & ASCIIWord.mask(length))
      return (key, names.id(of: key))
    }
    return try readAnyName(at: start)
  }

  /// The same of names that are long, have digits, or stand at the end of the page.
  private mutating func readAnyName(at start: Int) throws(StreamDoubt) -> (NameKey, HTMLNames.ID) {
    var end = start
    while end < page.count, PageScanner.continuesName(page[end]) { end += 1 }
    guard end < page.count else { throw .cut }
    guard end - start <= PageScanner.maxNameBytes, PageScanner.endsName(page[end]) else { throw .markup }
    index = end
    let name = page[start..<end]
    let key = NameKey(name)
    let id = names.id(of: key)
    // The only known name this long; another of the same hash would be an attempt.
    if id != 0, key.isLong, !page.hasName("blockquote", at: start) || end - start != 10 { throw .markup }
    return (key, id)
  }

  @inline(__always)
  private static func endsName(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ">") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "/") || isBlank(byte)
  }

  /// Ends what a start tag ends, and opens what it implies.
  @inline(__always)
  private mutating func makeRoom(for id: HTMLNames.ID) throws(StreamDoubt) {
    // Within the body only what opens the page's own parts, or ends an element, has to be looked at.
    if sawBody, open.count > 1, let top = open.last, !names.closes[Int(id)].contains(top.id),
      !names.special.structure.contains(id)
    {
      return
    }
    try reorder(for: id)
  }

  private mutating func reorder(for id: HTMLNames.ID) throws(StreamDoubt) {
    if id != 0 {
      let closes = names.closes[Int(id)]
      while let top = open.last, top.id != 0, closes.contains(top.id) { pop() }
    }
    let special = names.special
    if id == special.html {
      guard open.isEmpty, elements.isEmpty else { throw .structure }
      opensHTML = true
      return
    }
    if open.isEmpty {
      guard elements.isEmpty else { throw .trailing }
      try pushImplied("html", special.html)
    }
    if id == special.head {
      guard open.count == 1, !sawHead, !sawBody else { throw .structure }
      sawHead = true
    } else if id == special.body {
      guard !sawBody else { throw .structure }
      opensBody = true
      sawBody = true
    } else if open.count <= 1, id != 0, special.headContent.contains(id) {
      if !sawHead, !sawBody {
        sawHead = true
        try pushImplied("head", special.head)
      }
    } else if !sawBody, id == 0 || !special.frames.contains(id) {
      if !open.lent.contains(where: { $0.id == special.head }) {
        sawBody = true
        try pushImplied("body", special.body)
      }
    }
  }

  private mutating func pushImplied(_ name: String, _ id: HTMLNames.ID) throws(StreamDoubt) {
    try push(NameKey(name), id, tag: PageTape.implied, length: 0, attributes: 0)
  }

  /// - Parameter length: Of the name in the tag; 0 where there is no tag.
  @inline(__always)
  private mutating func push(
    _ key: NameKey, _ id: HTMLNames.ID, tag: UInt32, length: Int, attributes: UInt32
  ) throws(StreamDoubt) {
    if open.count >= PageScanner.maxDepth || isFull { throw .size }
    let parent = open.last?.index ?? PageTape.document
    var element = OpenElement(index: Int32(truncatingIfNeeded: elements.count), id: id, key: key)
    let name = Int(tag) &+ 1
    if length > 0, length <= 8, name &+ 8 <= page.count {
      element.length = UInt8(truncatingIfNeeded: length)
      element.written = page.word(at: name) & ASCIIWord.mask(length)
    }
    open.append(element)
    if open.count > depth { depth = open.count }
    let piece = UInt32(truncatingIfNeeded: pieces.count)
    elements.append(
      TapeElement(
        name: key, tag: tag, attributes: attributes, parent: parent, end: 0, firstPiece: piece, endPiece: piece))
    canJoin = false
  }

  @inline(__always)
  mutating func pop() {
    guard let top = open.popLast() else { return }
    elements[Int(top.index)].end = Int32(truncatingIfNeeded: elements.count)
    elements[Int(top.index)].endPiece = UInt32(truncatingIfNeeded: pieces.count)
    canJoin = false
  }

  /// From behind the name to behind `>`; opens the element.
  ///
  /// - Returns: Whether the tag closes itself with `/>`, which libxml2 takes from any element.
  @inline(__always)
  private mutating func readAttributes(
    of key: NameKey, _ id: HTMLNames.ID, _ start: Int, length: Int
  ) throws(StreamDoubt) -> Bool {
    var index = page.skippingBlanks(self.index)
    let first = index
    var count = 0
    while true {
      guard index < page.count else { throw .cut }
      let byte = page[index]
      if byte == UInt8(ascii: ">") { break }
      if byte == UInt8(ascii: "/") {
        guard index &+ 1 < page.count, page[index &+ 1] == UInt8(ascii: ">") else { throw .attributes }
        break
      }
      index = try page.endOfAttribute(from: index)
      count &+= 1
    }
    guard count <= PageScanner.maxAttributes, index &- start <= PageScanner.maxTagBytes else { throw .size }
    attributes &+= count
    if attributes > PageScanner.maxAllAttributes { throw .size }
    let isClosed = page[index] == UInt8(ascii: "/")
    self.index = index &+ (isClosed ? 2 : 1)
    try push(
      key, id, tag: UInt32(truncatingIfNeeded: start), length: length,
      attributes: count > 0 ? UInt32(truncatingIfNeeded: first) : 0)
    return isClosed
  }

  /// - Precondition: `</` at ``index``.
  @inline(__always)
  mutating func readEndTag() throws(StreamDoubt) {
    let start = index &+ 2
    if let top = open.last, top.length > 0, start &+ 9 <= page.count {
      let length = Int(top.length)
      if (page.word(at: start) ^ top.written) & ASCIIWord.mask(length) == 0, page[start &+ length] == UInt8(ascii: ">")
      {
        index = start &+ length &+ 1
        if names.special.closing.contains(top.id) { closes = true }
        return pop()
      }
    }
    try readOtherEndTag(start)
  }

  /// One that does not repeat the name of the innermost element letter by letter.
  private mutating func readOtherEndTag(_ start: Int) throws(StreamDoubt) {
    guard start < page.count else { throw .cut }
    guard PageScanner.isLetter(page[start]) else { throw .markup }
    // Behind one that ends nothing, libxml2 takes a DOCTYPE for misplaced, and reads what follows it in its own way.
    if elements.isEmpty { sawDoctype = true }
    let (key, id) = try readName(at: start)
    let length = index - start
    index = page.skippingBlanks(index)
    guard index < page.count else { throw .cut }
    guard page[index] == UInt8(ascii: ">") else { throw .markup }
    index += 1
    if id != 0, names.special.closing.contains(id) { closes = true }
    if let top = open.last, isSame(top, key, start, length) { return pop() }
    if let top = open.last, names.special.text.contains(top.id) { throw .rawText }
    endUpTo(key, id, start, length)
  }

  /// An end tag that does not fit the innermost element ends all up to its own, or, where a stronger one is between, or
  /// its own is not open, nothing.
  private mutating func endUpTo(_ key: NameKey, _ id: HTMLNames.ID, _ start: Int, _ length: Int) {
    let strength = names.strengths[Int(id)]
    var place = open.count - 1
    while place >= 0, !isSame(open[place], key, start, length) {
      if names.strengths[Int(open[place].id)] > strength { return }
      place -= 1
    }
    guard place >= 0 else { return }
    while open.count > place { pop() }
  }

  private func isSame(_ element: OpenElement, _ key: NameKey, _ start: Int, _ length: Int) -> Bool {
    guard element.key == key else { return false }
    guard key.isLong else { return true }
    // Long names are never implied, so there is a tag.
    let other = Int(elements[Int(element.index)].tag) + 1
    for offset in 0..<length where CSSName.lowered(page[other + offset]) != CSSName.lowered(page[start + offset]) {
      return false
    }
    return !PageScanner.continuesName(page[other + length])
  }
}

/// What names of attributes are made of, by libxml2: ASCII letters and `_ : .` first, digits and `-` too after.
enum AttributeBytes {
  @inline(__always)
  static func startsName(_ byte: UInt8) -> Bool { ByteSet.attributeStart.contains(byte) }

  @inline(__always)
  static func continuesName(_ byte: UInt8) -> Bool { ByteSet.attributeName.contains(byte) }
}
