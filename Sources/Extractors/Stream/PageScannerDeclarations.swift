extension PageScanner {
  /// - Precondition: `<!` at ``index``.
  mutating func readDeclaration() throws(StreamDoubt) {
    if let top = open.last, names.special.text.contains(top.id) { throw .rawText }
    if page.hasPrefix("--", at: index + 2) { return try readComment() }
    guard page.hasName("doctype", at: index + 2), !sawDoctype, elements.isEmpty else { throw .markup }
    sawDoctype = true
    guard let end = page.find(UInt8(ascii: ">"), from: index) else { throw .cut }
    try checkDoctype(index + 9, end)
    index = end + 1
  }

  /// A name, and identifiers in quotes: then the first `>` ends it for libxml2 too.
  private func checkDoctype(_ start: Int, _ end: Int) throws(StreamDoubt) {
    guard start < end, PageScanner.isBlank(page[start]) else { throw .markup }
    var quote: UInt8?
    for index in start..<end {
      let byte = page[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if !PageScanner.continuesName(byte), !PageScanner.isBlank(byte) {
        throw .markup
      }
    }
    if quote != nil { throw .markup }
  }

  /// Ends at `-->`, and at `--!>`, as in ``TagScan``.
  private mutating func readComment() throws(StreamDoubt) {
    var from = index + 4
    // For libxml2 such a comment has only begun; ``TagScan`` mends the page.
    if page.hasPrefix(">", at: from) || page.hasPrefix("->", at: from) { throw .markup }
    while let dash = page.find(UInt8(ascii: "-"), from: from) {
      from = dash + 1
      if page.hasPrefix("->", at: from) || page.hasPrefix("-!>", at: from) {
        return try pass(from + (page[from + 1] == UInt8(ascii: ">") ? 2 : 3))
      }
    }
    throw .cut
  }

  /// `<?xml …?>`, to the next `>`.
  mutating func readInstruction() throws(StreamDoubt) {
    if let top = open.last, names.special.text.contains(top.id) { throw .rawText }
    guard index + 2 < page.count else { throw .cut }
    guard PageScanner.isLetter(page[index + 2]) else { throw .markup }
    var end = index + 2
    while end < page.count, PageScanner.continuesName(page[end]) { end += 1 }
    guard end < page.count, page[end] == UInt8(ascii: ">") || PageScanner.isBlank(page[end]) else { throw .markup }
    guard let close = page.find(UInt8(ascii: ">"), from: end) else { throw .cut }
    try pass(close + 1)
  }

  /// From behind `<script>` to behind `</script>`.
  mutating func readRawText(_ id: HTMLNames.ID) throws(StreamDoubt) {
    guard let top = open.last else { return }
    let name: StaticString = id == names.special.script ? "script" : "style"
    let start = index
    if beginsWithTag(start, in: id) { throw .rawText }
    var from = index
    while let found = page.find(UInt8(ascii: "<"), from: from) {
      from = found + 1
      guard from < page.count, page[from] == UInt8(ascii: "/"), page.hasName(name, at: from + 1) else { continue }
      let end = page.skippingBlanks(from + 1 + name.utf8CodeUnitCount)
      guard end < page.count else { throw .cut }
      // libxml2 stops at `</scripts>` too, and leaves that out.
      guard page[end] == UInt8(ascii: ">") else { throw .rawText }
      if found > start {
        try append(
          TapePiece(start: UInt32(start), end: UInt32(found), owner: top.index, joins: false, isRaw: true))
      }
      index = end + 1
      return pop()
    }
    throw .cut
  }

  /// Before libxml2 reads a script it looks for tags once: `</` that is not the script's own end is left out, and
  /// `<noscript>` ends the script.
  private func beginsWithTag(_ start: Int, in id: HTMLNames.ID) -> Bool {
    guard start + 1 < page.count, page[start] == UInt8(ascii: "<") else { return false }
    let next = page[start + 1]
    if next == UInt8(ascii: "/") {
      return !page.hasName(id == names.special.script ? "script" : "style", at: start + 2)
    }
    guard PageScanner.isLetter(next) else { return next == UInt8(ascii: "_") || next == UInt8(ascii: ":") }
    var end = start + 1
    while end < page.count, AttributeBytes.continuesName(page[end]) { end += 1 }
    let name = page[(start + 1)..<end]
    return names.closes[Int(names.id(of: NameKey(name)))].contains(id)
  }
}
