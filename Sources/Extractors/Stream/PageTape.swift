/// An element of a ``PageTape``, where it stood in the page.
struct TapeElement {
  var name: NameKey
  /// Of `<`; ``PageTape/implied`` for an element that the page left out.
  var tag: UInt32
  /// Of the first attribute; 0 where there is none.
  var attributes: UInt32
  /// Index of the element around it; -1 is the document.
  var parent: Int32
  /// Index of the first element behind all those within it.
  var end: Int32
  /// The text within it: from the first piece to before the last.
  var firstPiece: UInt32
  var endPiece: UInt32
}

/// Text between two tags, as it stands in the page: entities are decoded when it is asked for.
struct TapePiece {
  var start: UInt32
  var end: UInt32
  /// The element right around it.
  var owner: Int32
  /// Whether it goes on the text node of the piece before: only an end tag without a meaning stood between.
  var joins: Bool
  /// Of a script or style: `&` means nothing there.
  var isRaw: Bool
}

/// A page as a flat list of its elements and texts, in the order of the page: what a tree would tell, without its nodes.
///
/// Made in one pass over the bytes by ``PageScanner``, for pages of which it is certain that libxml2 would build the same
/// elements and texts. One thread at a time may use it.
final class PageTape {
  /// The page as UTF-8, as ``MarkupDocument/source``.
  let source: [UInt8]
  private let elementList: TapeList<TapeElement>
  private let pieceList: TapeList<TapePiece>
  /// See ``TagScan/isSuspectedCut``.
  let isSuspectedCut: Bool
  /// At most so many nodes has a tree of it, as ``MarkupDocument/nodeCount``; comments and instructions are on no tape.
  let nodeCount: Int
  let depth: Int

  /// The tree, made only for what the tape cannot answer.
  var tree: MarkupDocument?
  var treeElements: [TreeNode] = []

  static let implied = UInt32.max
  /// The index of the document itself.
  static let document: Int32 = -1

  init(
    source: [UInt8], elements: consuming TapeList<TapeElement>, pieces: consuming TapeList<TapePiece>,
    isSuspectedCut: Bool, others: Int, depth: Int
  ) {
    self.source = source
    self.isSuspectedCut = isSuspectedCut
    self.depth = depth
    // libxml2 cuts scripts into pieces of 1,000 bytes and counts each.
    nodeCount = elements.count + pieces.count + others + source.count / 1000 + 1
    elementList = elements
    pieceList = pieces
  }

  var elementCount: Int { elementList.count }

  var root: StreamedNode { StreamedNode(.document, of: self) }

  /// Lends what a ``TapeWalker`` reads, for the time of the call.
  func walk<Answer>(_ body: (inout TapeWalker) -> Answer) -> Answer {
    // The lists live as long as the tape does.
    defer { withExtendedLifetime(self) {} }
    return source.withUnsafeBufferPointer { bytes in
      var walker = TapeWalker(
        bytes: bytes, elements: elementList.lent, pieces: pieceList.lent, nodeCount: nodeCount)
      return body(&walker)
    }
  }
}
