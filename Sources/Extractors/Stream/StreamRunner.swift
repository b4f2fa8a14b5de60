/// Runs paths over a tape.
extension TapeWalker {
  /// The nodes of a path from one node, in document order, each once.
  mutating func select(_ path: StreamPath, from context: TapeNode) -> [TapeNode] {
    var nodes: [TapeNode]
    switch path.start {
    case .context: nodes = [context]
    case .root: nodes = [.document]
    case .filter(let paths, let predicates):
      nodes = select(paths, from: context)
      for predicate in predicates { nodes = keep(nodes, predicate) }
    }
    for step in path.steps {
      if nodes.isEmpty || isOverBudget { return [] }
      nodes = take(step, from: nodes)
    }
    return nodes
  }

  mutating func select(_ paths: [StreamPath], from context: TapeNode) -> [TapeNode] {
    if paths.count == 1 { return select(paths[0], from: context) }
    var all: [TapeNode] = []
    for path in paths { all += select(path, from: context) }
    return inOrder(all)
  }

  private mutating func take(_ step: StreamStep, from contexts: [TapeNode]) -> [TapeNode] {
    if step.isDeep, !step.asksPosition { return takeDeep(step, from: contexts) }
    if !step.isDeep, contexts.count == 1 { return candidates(step, from: contexts[0]) }
    var found: [TapeNode] = []
    var origins = contexts
    if step.isDeep { origins = withDescendants(of: contexts) }
    for context in origins {
      if isOverBudget { return [] }
      found += candidates(step, from: context)
    }
    return inOrder(found)
  }

  /// `//x` without a position is one look over all that is within: what is within a node that is within another was
  /// seen there.
  private mutating func takeDeep(_ step: StreamStep, from contexts: [TapeNode]) -> [TapeNode] {
    var found: [TapeNode] = []
    switch (step.axis, step.test) {
    case (.child, .text), (.descendant, .text):
      var seen: UInt32 = 0
      for context in contexts {
        let pieces = pieces(within: context)
        guard context.isParent else { continue }
        let first = max(pieces.lowerBound, seen)
        if first < pieces.upperBound { appendTexts(first..<pieces.upperBound, to: &found) }
        seen = max(seen, pieces.upperBound)
      }
    case (.child, _), (.descendant, _):
      var seen: Int32 = 0
      for context in contexts {
        let range = range(within: context)
        let first = max(range.lowerBound, seen)
        if first < range.upperBound { append(step.test, first..<range.upperBound, to: &found) }
        seen = max(seen, range.upperBound)
      }
    default:
      for context in withDescendants(of: contexts) { found += candidates(step, from: context) }
      return inOrder(found)
    }
    for predicate in step.predicates { found = keep(found, predicate) }
    return found
  }

  private func withDescendants(of contexts: [TapeNode]) -> [TapeNode] {
    var all: [TapeNode] = []
    for context in contexts where context.isParent {
      all.append(context)
      for index in range(within: context) { all.append(.element(index)) }
    }
    return inOrder(all)
  }

  private mutating func append(_ test: StreamStep.Test, _ range: Range<Int32>, to found: inout [TapeNode]) {
    visits += range.count
    switch test {
    case .name(let name):
      for index in range where elements[Int(index)].name == name.key && (!name.key.isLong || self.name(index, is: name))
      {
        found.append(.element(index))
      }
    case .anyElement: for index in range { found.append(.element(index)) }
    case .text, .node, .never: break
    }
  }

  private mutating func appendTexts(_ range: Range<UInt32>, to found: inout [TapeNode]) {
    visits += range.count
    for index in range where !pieces[Int(index)].joins {
      found.append(TapeNode(kind: .text, element: pieces[Int(index)].owner, detail: index))
    }
  }

  /// The nodes of a step from one node that pass its predicates, in document order.
  private mutating func candidates(_ step: StreamStep, from context: TapeNode) -> [TapeNode] {
    var found = axis(step, from: context)
    // Positions count away from the context node.
    for predicate in step.predicates { found = keep(found, predicate) }
    return step.axis.isReverse ? found.reversed() : found
  }

  /// In the order of the axis.
  private mutating func axis(_ step: StreamStep, from context: TapeNode) -> [TapeNode] {
    var found: [TapeNode] = []
    switch step.axis {
    case .child: children(step.test, of: context, to: &found)
    case .descendant where step.test.isText: appendTexts(pieces(within: context), to: &found)
    case .descendant: append(step.test, range(within: context), to: &found)
    case .descendantOrSelf:
      if context.kind == .element, passes(step.test, context) { found.append(context) }
      append(step.test, range(within: context), to: &found)
    case .`self`: if passes(step.test, context) { found.append(context) }
    case .parent: if let parent = parent(of: context), passes(step.test, parent) { found.append(parent) }
    case .ancestor, .ancestorOrSelf:
      if step.axis == .ancestorOrSelf, passes(step.test, context) { found.append(context) }
      var next = parent(of: context)
      while let node = next {
        visits += 1
        if passes(step.test, node) { found.append(node) }
        next = parent(of: node)
      }
    case .followingSibling, .precedingSibling: siblings(step, of: context, to: &found)
    case .attribute:
      guard context.kind == .element, case .name(let name) = step.test else { break }
      visits += 1
      guard let attribute = attribute(name, of: context.element) else { break }
      found.append(
        TapeNode(kind: .attribute, element: context.element, detail: UInt32(attribute.name.lowerBound)))
    }
    return found
  }

  /// The first child that passes, by a step whose predicates ask for no position.
  mutating func firstChild(_ step: StreamStep, of context: TapeNode) -> TapeNode? {
    let range = range(within: context)
    var next = range.lowerBound
    if let key = step.nameKey, let condition = step.condition {
      while next < range.upperBound {
        visits += 1
        if elements[Int(next)].name == key, holds(condition, next) { return .element(next) }
        next = elements[Int(next)].end
      }
      return nil
    }
    while next < range.upperBound {
      visits += 1
      let child = TapeNode.element(next)
      if passes(step.test, child), holdsAll(step.predicates, child) { return child }
      next = elements[Int(next)].end
    }
    return nil
  }

  private mutating func holdsAll(_ predicates: [StreamPredicate], _ node: TapeNode) -> Bool {
    for predicate in predicates
    where !holds(predicate, StreamContext(node: node, position: 1, size: 1)) {
      return false
    }
    return true
  }

  private mutating func children(_ test: StreamStep.Test, of context: TapeNode, to found: inout [TapeNode]) {
    guard context.isParent else { return }
    if test.isText {
      let own = pieces(within: context)
      visits += own.count
      for index in own where pieces[Int(index)].owner == context.element && !pieces[Int(index)].joins {
        found.append(TapeNode(kind: .text, element: context.element, detail: index))
      }
      return
    }
    let range = range(within: context)
    var next = range.lowerBound
    while next < range.upperBound {
      visits += 1
      let child = TapeNode.element(next)
      if passes(test, child) { found.append(child) }
      next = element(next).end
    }
  }

  private mutating func siblings(_ step: StreamStep, of context: TapeNode, to found: inout [TapeNode]) {
    // Those of a text node are not asked for: `text()` is a last step.
    guard context.kind == .element else { return }
    if step.axis == .followingSibling {
      var next = element(after: context.element)
      while let index = next {
        visits += 1
        if passes(step.test, .element(index)) { found.append(.element(index)) }
        next = element(after: index)
      }
      return
    }
    let parent = TapeNode.element(element(context.element).parent)
    children(step.test, of: parent, to: &found)
    found = found.prefix { $0.element < context.element }.reversed()
  }

  func parent(of node: TapeNode) -> TapeNode? {
    switch node.kind {
    case .document: nil
    case .element: .element(element(node.element).parent)
    case .attribute, .text: .element(node.element)
    }
  }

  private func passes(_ test: StreamStep.Test, _ node: TapeNode) -> Bool {
    switch test {
    case .name(let name): node.kind == .element && self.name(node.element, is: name)
    case .anyElement: node.kind == .element
    case .node: true
    case .text: node.kind == .text
    case .never: false
    }
  }

  private func inOrder(_ nodes: [TapeNode]) -> [TapeNode] {
    guard nodes.count > 1 else { return nodes }
    var isSorted = true
    for index in 1..<nodes.count where !precedes(nodes[index - 1], nodes[index]) {
      isSorted = false
      break
    }
    if isSorted { return nodes }
    var unique: [TapeNode] = []
    unique.reserveCapacity(nodes.count)
    for node in nodes.sorted(by: precedes) where unique.last != node { unique.append(node) }
    return unique
  }

  mutating func keep(_ nodes: [TapeNode], _ predicate: StreamPredicate) -> [TapeNode] {
    if nodes.isEmpty { return nodes }
    var kept: [TapeNode] = []
    for (index, node) in nodes.enumerated() {
      visits += 1
      let context = StreamContext(node: node, position: index + 1, size: nodes.count)
      if predicate.condition.kind == .number {
        if number(predicate.condition, context) == index + 1 { kept.append(node) }
      } else if holds(predicate, context) {
        kept.append(node)
      }
    }
    return kept
  }
}

extension StreamStep.Test {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }
}

extension StreamStep.Axis {
  fileprivate var isReverse: Bool {
    switch self {
    case .ancestor, .ancestorOrSelf, .precedingSibling: true
    default: false
    }
  }
}
