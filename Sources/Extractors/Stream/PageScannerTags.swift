extension PageScanner {
  /// - Precondition: `<` and a letter at ``index``.
  mutating func readStartTag() throws(StreamDoubt) {
    if let top = open.last, names.special.text.contains(top.id) { throw .rawText }
    let start = index
    let (key, id) = try readName(at: start + 1)
    try makeRoom(for: id)
    let isClosed = try readAttributes(of: key, id, start)
    if isClosed || (id != 0 && names.isEmpty.contains(id)) { return pop() }
    if id != 0, names.special.raw.contains(id) { try readRawText(id) }
  }

  /// Ends at the byte behind the name, which must be one that ends names for libxml2 and ``TagScan`` alike.
  private mutating func readName(at start: Int) throws(StreamDoubt) -> (NameKey, HTMLNames.ID) {
    var end = start
    while end < bytes.count, PageScanner.continuesName(base[end]) { end += 1 }
    guard end < bytes.count else { throw .cut }
    guard end - start <= PageScanner.maxNameBytes else { throw .markup }
    let last = base[end]
    guard last == UInt8(ascii: ">") || last == UInt8(ascii: "/") || PageScanner.isBlank(last) else { throw .markup }
    index = end
    if end - start <= 8 {
      let key = shortKey(start, end - start)
      return (key, names.id(of: key))
    }
    let name = UnsafeBufferPointer(start: base + start, count: end - start)
    let key = NameKey(name)
    let id = names.id(of: key)
    // The only known name this long; another of the same hash would be an attempt.
    if id != 0, !hasName("blockquote", at: start) || end - start != 10 { throw .markup }
    return (key, id)
  }

  /// - Parameter length: 1 to 8.
  @inline(__always)
  private func shortKey(_ start: Int, _ length: Int) -> NameKey {
    guard start + 8 <= bytes.count else { return NameKey(UnsafeBufferPointer(start: base + start, count: length)) }
    let word = UInt64(littleEndian: UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self))
    // Digits and the hyphen have the bit that makes letters small.
    return NameKey(bits: (word | 0x2020_2020_2020_2020) & (~0 &>> UInt64(64 - 8 * length)))
  }

  /// Ends what a start tag ends, and opens what it implies.
  private mutating func makeRoom(for id: HTMLNames.ID) throws(StreamDoubt) {
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
      if !open.contains(where: { $0.id == special.head }) {
        sawBody = true
        try pushImplied("body", special.body)
      }
    }
  }

  private mutating func pushImplied(_ name: String, _ id: HTMLNames.ID) throws(StreamDoubt) {
    try push(NameKey(name), id, tag: PageTape.implied, attributes: 0)
  }

  private mutating func push(
    _ key: NameKey, _ id: HTMLNames.ID, tag: UInt32, attributes: UInt32
  ) throws(StreamDoubt) {
    if open.count >= PageScanner.maxDepth || isFull { throw .size }
    let parent = open.last?.index ?? PageTape.document
    open.append(OpenElement(index: Int32(truncatingIfNeeded: elements.count), id: id, key: key))
    if open.count > depth { depth = open.count }
    let piece = UInt32(truncatingIfNeeded: pieces.count)
    elements.append(
      TapeElement(
        name: key, tag: tag, attributes: attributes, parent: parent, end: 0, firstPiece: piece, endPiece: piece))
    canJoin = false
  }

  mutating func pop() {
    guard let top = open.popLast() else { return }
    elements[Int(top.index)].end = Int32(truncatingIfNeeded: elements.count)
    elements[Int(top.index)].endPiece = UInt32(truncatingIfNeeded: pieces.count)
    canJoin = false
  }

  /// From behind the name to behind `>`; opens the element.
  ///
  /// - Returns: Whether the tag closes itself with `/>`, which libxml2 takes from any element.
  private mutating func readAttributes(
    of key: NameKey, _ id: HTMLNames.ID, _ start: Int
  ) throws(StreamDoubt) -> Bool {
    var index = skippingBlanks(self.index)
    let first = index
    var count = 0
    while true {
      guard index < bytes.count else { throw .cut }
      let byte = base[index]
      if byte == UInt8(ascii: ">") { break }
      if byte == UInt8(ascii: "/") {
        guard index + 1 < bytes.count, base[index + 1] == UInt8(ascii: ">") else { throw .attributes }
        break
      }
      index = try endOfAttribute(from: index)
      count += 1
    }
    guard count <= PageScanner.maxAttributes, index - start <= PageScanner.maxTagBytes else { throw .size }
    attributes += count
    if attributes > PageScanner.maxAllAttributes { throw .size }
    let isClosed = base[index] == UInt8(ascii: "/")
    self.index = index + (isClosed ? 2 : 1)
    try push(key, id, tag: UInt32(start), attributes: count > 0 ? UInt32(first) : 0)
    return isClosed
  }

  /// Behind the attribute and the blanks after it.
  private func endOfAttribute(from start: Int) throws(StreamDoubt) -> Int {
    guard AttributeBytes.startsName(base[start]) else { throw .attributes }
    var index = start + 1
    while index < bytes.count, AttributeBytes.continuesName(base[index]) { index += 1 }
    guard index - start <= PageScanner.maxNameBytes else { throw .attributes }
    index = skippingBlanks(index)
    guard index < bytes.count, base[index] == UInt8(ascii: "=") else { return index }
    index = skippingBlanks(index + 1)
    guard index < bytes.count else { throw .cut }
    let quote = base[index]
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      guard let end = find(quote, from: index + 1) else { throw .cut }
      return skippingBlanks(end + 1)
    }
    while index < bytes.count, base[index] != UInt8(ascii: ">"), !PageScanner.isBlank(base[index]) { index += 1 }
    guard index < bytes.count else { throw .cut }
    // `<a href=/x/>` is not closed for libxml2, and is for ``TagScan``.
    if base[index] == UInt8(ascii: ">"), base[index - 1] == UInt8(ascii: "/") { throw .attributes }
    return skippingBlanks(index)
  }

  /// - Precondition: `</` at ``index``.
  mutating func readEndTag() throws(StreamDoubt) {
    let start = index + 2
    guard start < bytes.count else { throw .cut }
    guard PageScanner.isLetter(base[start]) else { throw .markup }
    let (key, id) = try readName(at: start)
    let length = index - start
    index = skippingBlanks(index)
    guard index < bytes.count else { throw .cut }
    guard base[index] == UInt8(ascii: ">") else { throw .markup }
    index += 1
    if id == names.special.body || id == names.special.html { closes = true }
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
    for offset in 0..<length where CSSName.lowered(base[other + offset]) != CSSName.lowered(base[start + offset]) {
      return false
    }
    return !PageScanner.continuesName(base[other + length])
  }
}

/// What names of attributes are made of, by libxml2: ASCII letters and `_ : .` first, digits and `-` too after.
enum AttributeBytes {
  @inline(__always)
  static func startsName(_ byte: UInt8) -> Bool { ByteSet.attributeStart.contains(byte) }

  @inline(__always)
  static func continuesName(_ byte: UInt8) -> Bool { ByteSet.attributeName.contains(byte) }
}
