internal import CLibXML2
import PluginHost

extension MarkupDocument {
  /// Reads HTML of any quality.
  ///
  /// HUGE lifts libxml2's limits, which cut silently (text of 10 MB, depth 256); the guard and the scan set ours.
  convenience init(html source: [UInt8]) throws(ExtractError) {
    let scan = try MarkupDocument.scan(source, readsRawText: true)
    let source = MarkupDocument.closing(scan.abruptComments, in: source)
    let options =
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
      | HTML_PARSE_NONET.rawValue | HTML_PARSE_COMPACT.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
      | HTML_PARSE_NODEFDTD.rawValue | XML_PARSE_HUGE.rawValue
    let parsed = try MarkupDocument.parse(source, parser: htmlNewParserCtxt) { parser, bytes, count in
      htmlCtxtReadMemory(parser, bytes, count, nil, "UTF-8", Int32(bitPattern: options))
    }
    guard let tree = parsed.tree, xmlDocGetRootElement(tree) != nil else {
      throw ExtractError(.malformed, "the body holds no HTML element")
    }
    self.init(
      tree, in: parsed.memory, kind: .html, source: source, isSuspectedCut: scan.isSuspectedCut,
      guarded: parsed.guarded)
  }

  /// Reads well-formed XML: no entity is expanded, nothing is loaded, and a DOCTYPE may not declare anything.
  ///
  /// - Parameter allowsDeclarations: For test data that has a DTD inside.
  convenience init(xml source: [UInt8], allowsDeclarations: Bool = false) throws(ExtractError) {
    if !allowsDeclarations { try DoctypeCheck(source).refuseDeclarations() }
    _ = try MarkupDocument.scan(source, readsRawText: false, isChecked: !allowsDeclarations)
    let options =
      XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue | XML_PARSE_NONET.rawValue
      | XML_PARSE_COMPACT.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    let parsed = try MarkupDocument.parse(source, parser: xmlNewParserCtxt) { parser, bytes, count in
      xmlCtxtReadMemory(parser, bytes, count, nil, "UTF-8", Int32(bitPattern: options))
    }
    guard let tree = parsed.tree else { throw parsed.xmlProblem() }
    self.init(
      tree, in: parsed.memory, kind: .xml, source: source, isSuspectedCut: false, guarded: parsed.guarded)
  }

  private static func scan(
    _ source: [UInt8], readsRawText: Bool, isChecked: Bool = true
  ) throws(ExtractError) -> TagScanResult {
    guard isChecked else { return TagScanResult() }
    let result = source.withUnsafeBufferPointer { bytes in
      Result { () throws(ExtractError) in try TagScan(bytes, readsRawText: readsRawText) }
    }
    return TagScanResult(try result.get())
  }

  /// Ends comments such as `<!-->` in libxml2's way, which would take the rest of the page for a comment.
  private static func closing(_ comments: [Int], in source: [UInt8]) -> [UInt8] {
    var closed: [UInt8] = []
    var start = 0
    for index in comments {
      closed += source[start..<index] + "--".utf8
      start = index
    }
    return comments.isEmpty ? source : closed + source[start...]
  }

  private typealias Read = (xmlParserCtxtPtr, UnsafePointer<CChar>?, Int32) -> xmlDocPtr?

  private static func parse(
    _ source: [UInt8], parser make: () -> xmlParserCtxtPtr?, read: Read
  ) throws(ExtractError) -> ParsedTree {
    precondition(LibXML2.isReady)
    guard let count = Int32(exactly: source.count) else {
      throw ExtractError(.overLimit, "a body of \(source.count) bytes")
    }
    var parsed = ParsedTree(memory: try TreeMemory())
    parsed.guarded.max_depth = UInt32(MarkupLimits.depth)
    parsed.guarded.max_nodes = UInt32(MarkupLimits.nodes)
    parsed.guarded.max_attributes = UInt32(MarkupLimits.attributes)
    do {
      defer { parsed.memory.close() }
      guard let parser = make() else { throw ExtractError(.overLimit, "out of memory for a parser") }
      withUnsafeMutablePointer(to: &parsed.guarded) { guarded in
        sh_guard_parser(parser, guarded)
        parsed.tree = source.withUnsafeBytes { bytes in
          read(parser, bytes.bindMemory(to: CChar.self).baseAddress, count)
        }
      }
      parsed.note(parser)
      sh_free_parser(parser)
    }
    try parsed.refuseCut()
    return parsed
  }
}

/// What is kept of a ``TagScan``, whose bytes are gone.
private struct TagScanResult {
  var isSuspectedCut = false
  var abruptComments: [Int] = []

  init() {}

  init(_ scan: TagScan) {
    isSuspectedCut = scan.isSuspectedCut
    abruptComments = scan.abruptComments
  }
}

/// A tree, and what the parser said about it.
private struct ParsedTree {
  let memory: TreeMemory
  var tree: xmlDocPtr?
  var guarded = sh_guard()
  var isOutOfMemory = false
  var unread = 0

  init(memory: TreeMemory) { self.memory = memory }

  mutating func note(_ parser: xmlParserCtxtPtr) {
    isOutOfMemory = parser.pointee.errNo == Int32(bitPattern: XML_ERR_NO_MEMORY.rawValue)
    unread = sh_unread(parser)
  }

  /// Whether the guard stopped the parser, or the parser itself left some of the page.
  func refuseCut() throws(ExtractError) {
    switch Int(guarded.crossed) {
    case Int(SH_DEPTH):
      throw ExtractError(.overLimit, "elements nested deeper than the limit of \(MarkupLimits.depth)")
    case Int(SH_NODES): throw ExtractError(.overLimit, "more nodes than the limit of \(MarkupLimits.nodes)")
    case Int(SH_ATTRIBUTES):
      throw ExtractError(.overLimit, "more attributes than the limit of \(MarkupLimits.attributes)")
    default: break
    }
    if isOutOfMemory {
      throw ExtractError(.overLimit, "the parser ran out of memory")
    }
    if tree?.pointee.type == XML_HTML_DOCUMENT_NODE, unread > 0 {
      throw ExtractError(.malformed, "the parser stopped \(unread) bytes before the end of the page")
    }
  }

  /// Why there is no XML tree.
  func xmlProblem() -> ExtractError {
    let text = withUnsafePointer(to: guarded) { String(cString: sh_message($0)).trimmingASCIISpace }
    let place = guarded.line > 0 ? " in line \(guarded.line)" : ""
    if text.contains("XML_PARSE_HUGE") || text.contains("Excessive depth") {
      return ExtractError(.overLimit, "not read as XML\(place): \(text)")
    }
    let isCut = ParsedTree.codesOfCut.contains { Int32(bitPattern: $0.rawValue) == guarded.code }
    return isCut
      ? ExtractError(.truncated, "the XML is cut off\(place): \(text)")
      : ExtractError(.malformed, "not well-formed XML\(place): \(text)")
  }

  /// First errors that only the end of the body brings about.
  private static let codesOfCut = [
    XML_ERR_TAG_NOT_FINISHED, XML_ERR_LTSLASH_REQUIRED, XML_ERR_CDATA_NOT_FINISHED,
    XML_ERR_COMMENT_NOT_FINISHED, XML_ERR_PI_NOT_FINISHED,
  ]
}
