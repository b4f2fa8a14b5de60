/// Which selectors of CSS are answered from a ``PageTape``, and how: as ``CSSMatcher`` does on the tree.
enum StreamCSS {
  /// What needs the tree in a selector; nil for nothing.
  static func unfit(_ selectors: [CSSSelector]) -> String? {
    for selector in selectors {
      if let reason = unfit(selector.complex) { return reason }
    }
    return nil
  }

  private static func unfit(_ complex: CSSComplex) -> String? {
    for test in complex.subject.tests + complex.links.flatMap(\.compound.tests) {
      if let reason = unfit(test) { return reason }
    }
    return nil
  }

  private static func unfit(_ test: CSSTest) -> String? {
    switch test {
    case .type, .withoutNamespace, .id, .className, .attribute, .root, .scope, .never: nil
    case .any(let list), .not(let list): list.lazy.compactMap(unfit).first
    case .nth(let nth): nth.of.isEmpty ? nil : ":nth-child(… of …)"
    case .has, .anchor: ":has()"
    case .contains: ":contains()"
    case .language: ":lang()"
    case .empty, .link, .checked, .disabled, .enabled, .required, .optional: "a pseudo-class of forms or content"
    }
  }
}

extension TapeWalker {
  /// As ``CompiledCSS/select(from:)``: elements within the node, by what stands around it too.
  mutating func select(_ selectors: [CSSSelector], from scope: TapeNode) -> [TapeNode] {
    var found: [TapeNode] = []
    let key = selectors.count == 1 ? selectors[0].complex.subject.nameKey : nil
    for index in range(within: scope) {
      // Most elements have another name.
      if let key, elements[Int(index)].name != key { continue }
      if isOverBudget { return [] }
      if selectors.count == 1 {
        if matches(selectors[0].complex, index, scope) { give(selectors[0].output, index, to: &found) }
        continue
      }
      var given: [CSSSelector.Output] = []
      for selector in selectors where !given.contains(selector.output) {
        guard matches(selector.complex, index, scope) else { continue }
        given.append(selector.output)
        give(selector.output, index, to: &found)
      }
    }
    return found
  }

  private func give(_ output: CSSSelector.Output, _ index: Int32, to found: inout [TapeNode]) {
    switch output {
    case .element: found.append(.element(index))
    case .text: found += texts(in: .element(index))
    case .attribute(let name):
      guard let attribute = attribute(name.lower, of: index) else { return }
      found.append(TapeNode(kind: .attribute, element: index, detail: UInt32(attribute.name.lowerBound)))
    }
  }

  private mutating func matches(_ complex: CSSComplex, _ index: Int32, _ scope: TapeNode) -> Bool {
    guard matches(complex.subject, index, scope) else { return false }
    return complex.links.isEmpty ? true : follows(complex.links[...], index, scope)
  }

  private mutating func follows(_ links: ArraySlice<CSSLink>, _ index: Int32, _ scope: TapeNode) -> Bool {
    guard let link = links.first else { return true }
    let rest = links.dropFirst()
    var next = neighbour(of: index, link.combinator)
    while let candidate = next, !isOverBudget {
      if matches(link.compound, candidate, scope), follows(rest, candidate, scope) { return true }
      if link.combinator == .child || link.combinator == .next { return false }
      next = neighbour(of: candidate, link.combinator)
    }
    return false
  }

  private mutating func neighbour(of index: Int32, _ combinator: CSSCombinator) -> Int32? {
    switch combinator {
    case .descendant, .child:
      let parent = element(index).parent
      return parent < 0 ? nil : parent
    case .next, .later: return element(before: index)
    }
  }

  /// The element before it, within the same parent.
  private mutating func element(before index: Int32) -> Int32? {
    var next = element(index).parent + 1
    var before: Int32?
    while next < index {
      visits += 1
      before = next
      next = element(next).end
    }
    return before
  }

  private mutating func matches(_ compound: CSSCompound, _ index: Int32, _ scope: TapeNode) -> Bool {
    visits += 1
    for test in compound.tests where !holds(test, index, scope) { return false }
    return true
  }

  private mutating func holds(_ test: CSSTest, _ index: Int32, _ scope: TapeNode) -> Bool {
    switch test {
    case .type(let name, _): return self.name(index, is: name.key, name.lower)
    case .withoutNamespace: return true
    case .id(let id): return value(of: CSSBytes.id, index) { $0.isSame(as: id) }
    case .className(let name): return value(of: CSSBytes.class, index) { $0.hasWord(name) }
    case .attribute(let wanted):
      guard let attribute = attribute(wanted.name.lower, of: index) else { return wanted.match == .differs }
      if case .exists = wanted.match { return true }
      return withValue(of: attribute) { CSSAttributes.compare(Array($0), wanted, isHTML: true) }
    case .any(let list): return matchesAny(list, index, scope)
    case .not(let list): return !matchesAny(list, index, scope)
    case .nth(let nth): return nth.includes(place(of: index, nth))
    case .root: return element(index).parent < 0
    case .scope:
      return scope.kind == .document ? element(index).parent < 0 : scope == .element(index)
    default: return false
    }
  }

  private mutating func matchesAny(_ list: [CSSComplex], _ index: Int32, _ scope: TapeNode) -> Bool {
    for complex in list where matches(complex, index, scope) { return true }
    return false
  }

  private func value(of name: [UInt8], _ index: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    guard let attribute = attribute(name, of: index) else { return false }
    return withValue(of: attribute, body)
  }

  private mutating func place(of index: Int32, _ nth: CSSNth) -> Int {
    var place = 1
    if nth.fromEnd {
      var next = element(after: index)
      while let sibling = next {
        visits += 1
        if !nth.sameType || hasSameName(sibling, index) { place += 1 }
        next = element(after: sibling)
      }
      return place
    }
    var next = element(index).parent + 1
    while next < index {
      visits += 1
      if !nth.sameType || hasSameName(next, index) { place += 1 }
      next = element(next).end
    }
    return place
  }

  private func hasSameName(_ a: Int32, _ b: Int32) -> Bool {
    guard element(a).name == element(b).name else { return false }
    guard element(a).name.isLong else { return true }
    let start = Int(element(b).tag) + 1
    var end = start
    while PageScanner.continuesName(bytes[end]) { end += 1 }
    return name(a, is: element(a).name, bytes[start..<end].map(CSSName.lowered))
  }
}

extension CSSCompound {
  /// Of the name that every element that matches has.
  fileprivate var nameKey: NameKey? {
    if case .type(let name, _)? = tests.first { name.key } else { nil }
  }
}

private enum CSSBytes {
  static let id = Array("id".utf8)
  static let `class` = Array("class".utf8)
}

extension UnsafeBufferPointer<UInt8> {
  /// As ``CSSText/hasWord(_:_:)``.
  fileprivate func hasWord(_ word: [UInt8]) -> Bool {
    var start = 0
    while start < count {
      while start < count, CSSText.isSpace(self[start]) { start += 1 }
      var end = start
      while end < count, !CSSText.isSpace(self[end]) { end += 1 }
      if end > start, end - start == word.count, self[start..<end].elementsEqual(word) { return true }
      start = end
    }
    return false
  }
}
