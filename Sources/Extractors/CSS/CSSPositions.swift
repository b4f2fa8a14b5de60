internal import CLibXML2
import PluginHost

/// Where elements stand among their siblings. What was counted for one sibling is kept for the next, or
/// `tr:nth-child(odd)` would take the square of the rows.
struct CSSPositions {
  struct Key: Hashable {
    var parent: xmlNodePtr?
    /// The name of the element; nil for any. libxml2 keeps a copy of it in every element of HTML.
    var type: String?
    var fromEnd: Bool
    var selector: Int
  }

  struct Place {
    var node: xmlNodePtr
    var index: Int
  }

  var last: [Key: Place] = [:]
}

extension CSSMatcher {
  /// From 1; 0 for an element that the `of` selector does not match.
  mutating func position(of node: xmlNodePtr, _ nth: CSSNth) throws(ExtractError) -> Int {
    if !nth.of.isEmpty, try !matchesAny(nth.of, node) { return 0 }
    // First and last are asked for most, and found at once.
    if nth.step == 0, nth.offset == 1, nth.of.isEmpty { return try isFirst(node, nth) ? 1 : 0 }
    let key = CSSPositions.Key(
      parent: node.pointee.parent, type: nth.sameType ? LibXMLText.string(node.pointee.name) : nil,
      fromEnd: nth.fromEnd,
      selector: nth.id)
    let index = try countBack(from: node, nth, to: positions.last[key])
    positions.last[key] = CSSPositions.Place(node: node, index: index)
    return index
  }

  private mutating func isFirst(_ node: xmlNodePtr, _ nth: CSSNth) throws(ExtractError) -> Bool {
    var next = CSSMatcher.sibling(of: node, forward: nth.fromEnd)
    while let sibling = next {
      try step()
      if try counts(sibling, nth, for: node) { return false }
      next = CSSMatcher.sibling(of: sibling, forward: nth.fromEnd)
    }
    return true
  }

  /// Elements are asked in document order, so the known one is mostly just before.
  private mutating func countBack(
    from node: xmlNodePtr, _ nth: CSSNth, to known: CSSPositions.Place?
  ) throws(ExtractError) -> Int {
    if let known {
      if known.node == node { return known.index }
      var distance = 0
      var next = CSSMatcher.sibling(of: node, forward: false)
      // A few steps suffice where siblings are asked one after the other.
      while let sibling = next, distance < 64 {
        try step()
        if try counts(sibling, nth, for: node) { distance += 1 }
        if sibling == known.node { return nth.fromEnd ? known.index - distance : known.index + distance }
        next = CSSMatcher.sibling(of: sibling, forward: false)
      }
    }
    var index = 1
    var next = CSSMatcher.sibling(of: node, forward: nth.fromEnd)
    while let sibling = next {
      try step()
      if try counts(sibling, nth, for: node) { index += 1 }
      next = CSSMatcher.sibling(of: sibling, forward: nth.fromEnd)
    }
    return index
  }

  private mutating func counts(
    _ sibling: xmlNodePtr, _ nth: CSSNth, for node: xmlNodePtr
  ) throws(ExtractError) -> Bool {
    if nth.sameType, !LibXMLText.isEqual(sibling.pointee.name, node.pointee.name) { return false }
    return nth.of.isEmpty ? true : try matchesAny(nth.of, sibling)
  }

  private static func sibling(of node: xmlNodePtr, forward: Bool) -> xmlNodePtr? {
    forward ? LibXMLTree.element(after: node) : LibXMLTree.element(before: node)
  }
}
