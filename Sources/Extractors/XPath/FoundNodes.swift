internal import CLibXML2

/// A set of nodes that several evaluations add to.
struct FoundNodes {
  /// As they came.
  private(set) var ordered: [xmlNodePtr] = []
  private var known: Set<xmlNodePtr> = []

  init(_ nodes: [xmlNodePtr] = []) {
    ordered = nodes
    known = Set(nodes)
  }

  mutating func add(_ nodes: XPathNodes) {
    for index in 0..<nodes.count {
      guard let node = nodes[index] else { continue }
      if known.insert(node).inserted { ordered.append(node) }
    }
  }

  mutating func add(_ other: FoundNodes) {
    for node in other.ordered where known.insert(node).inserted { ordered.append(node) }
  }

  /// Those that are not below another of the set.
  var outermost: [xmlNodePtr] {
    // What is known of the nodes above, so that each is looked at once.
    var isCovered: [xmlNodePtr: Bool] = [:]
    return ordered.filter { node in
      var passed: [xmlNodePtr] = []
      var parent = node.pointee.parent
      var answer = false
      while let ancestor = parent {
        if let answered = isCovered[ancestor] {
          answer = answered
          break
        }
        if known.contains(ancestor) {
          answer = true
          break
        }
        passed.append(ancestor)
        parent = ancestor.pointee.parent
      }
      for ancestor in passed { isCovered[ancestor] = answer }
      return !answer
    }
  }

  var inDocumentOrder: [xmlNodePtr] {
    guard ordered.count > 1, let set = xmlXPathNodeSetCreate(nil) else { return ordered }
    defer { xmlXPathFreeNodeSet(set) }
    for node in ordered { xmlXPathNodeSetAddUnique(set, node) }
    xmlXPathNodeSetSort(set)
    return (0..<Int(set.pointee.nodeNr)).compactMap { set.pointee.nodeTab[$0] }
  }
}
