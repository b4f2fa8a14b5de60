internal import CLibXML2
import PluginHost

/// Asks elements of one tree whether they match, from right to left as browsers do.
///
/// Made for one selection; counts its steps, for `a b c d` on a deep page and `:has()` can take many.
struct CSSMatcher {
  /// Elements looked at in one selection; some tenths of a second.
  static let stepLimit = 5_000_000

  let isHTML: Bool
  /// The node that the selection starts from.
  let scope: xmlNodePtr
  var steps = 0
  var anchors: [xmlNodePtr] = []
  var positions = CSSPositions()

  init(scope: xmlNodePtr, isHTML: Bool) {
    self.scope = scope
    self.isHTML = isHTML
  }

  mutating func step() throws(ExtractError) {
    steps += 1
    if steps > CSSMatcher.stepLimit {
      throw ExtractError(.budget, "the CSS selector took more than \(CSSMatcher.stepLimit) steps")
    }
  }

  mutating func matchesAny(_ list: [CSSComplex], _ node: xmlNodePtr) throws(ExtractError) -> Bool {
    for complex in list where try matches(complex, node) { return true }
    return false
  }

  mutating func matches(_ complex: CSSComplex, _ node: xmlNodePtr) throws(ExtractError) -> Bool {
    guard try matches(complex.subject, node) else { return false }
    return complex.links.isEmpty ? true : try follows(complex.links[...], node)
  }

  private mutating func follows(_ links: ArraySlice<CSSLink>, _ node: xmlNodePtr) throws(ExtractError) -> Bool {
    guard let link = links.first else { return true }
    let rest = links.dropFirst()
    var next = CSSMatcher.neighbour(of: node, link.combinator)
    while let candidate = next {
      if try matches(link.compound, candidate), try follows(rest, candidate) { return true }
      if link.combinator == .child || link.combinator == .next { return false }
      next = CSSMatcher.neighbour(of: candidate, link.combinator)
    }
    return false
  }

  private static func neighbour(of node: xmlNodePtr, _ combinator: CSSCombinator) -> xmlNodePtr? {
    switch combinator {
    case .descendant, .child: node.pointee.parent.flatMap { LibXMLTree.isElement($0) ? $0 : nil }
    case .next, .later: LibXMLTree.element(before: node)
    }
  }

  private mutating func matches(_ compound: CSSCompound, _ node: xmlNodePtr) throws(ExtractError) -> Bool {
    try step()
    for test in compound.tests where try !holds(test, node) { return false }
    return true
  }

  private mutating func holds(_ test: CSSTest, _ node: xmlNodePtr) throws(ExtractError) -> Bool {
    switch test {
    case .type(let name, let withoutNamespace):
      CSSText.isEqual(node.pointee.name, isHTML ? name.lower : name.exact)
        && !(withoutNamespace && node.pointee.ns != nil)
    case .withoutNamespace: node.pointee.ns == nil
    case .id(let id): CSSAttributes.value(of: "id", on: node).map { CSSText.isEqual($0, id) } ?? false
    case .className(let name): CSSAttributes.value(of: "class", on: node).map { CSSText.hasWord($0, name) } ?? false
    case .attribute(let attribute): CSSAttributes.holds(attribute, node, isHTML: isHTML)
    case .any(let list): try matchesAny(list, node)
    case .not(let list): try !matchesAny(list, node)
    case .has(let list): try has(list, node)
    case .nth(let nth): nth.includes(try position(of: node, nth))
    case .contains(let texts, let ownTextOnly): try contains(texts, ownTextOnly: ownTextOnly, node)
    case .scope: node == scope || (LibXMLTree.isDocument(scope) && CSSStates.isRoot(node))
    case .anchor: node == anchors.last
    case .never: false
    case .root: CSSStates.isRoot(node)
    case .empty: CSSStates.isEmpty(node)
    case .link: isHTML && CSSStates.isLink(node)
    case .checked: CSSStates.isChecked(node)
    case .disabled: CSSStates.isDisabled(node)
    case .enabled: CSSStates.canBeDisabled(node) && !CSSStates.isDisabled(node)
    case .required: CSSStates.takesInput(node) && CSSAttributes.value(of: "required", on: node) != nil
    case .optional: CSSStates.takesInput(node) && CSSAttributes.value(of: "required", on: node) == nil
    case .language(let ranges): CSSLanguage.matches(ranges, node, isHTML: isHTML)
    }
  }

  private mutating func contains(
    _ texts: [[UInt8]], ownTextOnly: Bool, _ node: xmlNodePtr
  ) throws(ExtractError) -> Bool {
    var content: [UInt8] = []
    var next = node.pointee.children
    while let current = next {
      try step()
      if LibXMLTree.isText(current) { content.append(contentsOf: LibXMLText.bytes(current.pointee.content)) }
      next = ownTextOnly ? current.pointee.next : LibXMLTree.following(current, within: node)
    }
    // The search reads each byte for each text; 64 of them are about one step.
    steps += texts.count * content.count / 64
    return texts.contains { $0.isEmpty || content.firstRange(of: $0) != nil }
  }
}

extension CSSMatcher {
  private mutating func has(_ list: [CSSComplex], _ node: xmlNodePtr) throws(ExtractError) -> Bool {
    anchors.append(node)
    defer { anchors.removeLast() }
    for complex in list where try hasOne(complex, node) { return true }
    return false
  }

  private mutating func hasOne(_ complex: CSSComplex, _ anchor: xmlNodePtr) throws(ExtractError) -> Bool {
    let isDirect = complex.links.count == 1
    switch complex.links.last?.combinator {
    case .child where isDirect:
      for child in LibXMLTree.children(of: anchor) where LibXMLTree.isElement(child) {
        if try matches(complex, child) { return true }
      }
      return false
    case .next, .later:
      var sibling = LibXMLTree.element(after: anchor)
      while let next = sibling {
        if try matches(complex, next) { return true }
        if !isDirect, try hasBelow(complex, next) { return true }
        sibling = LibXMLTree.element(after: next)
      }
      return false
    default: return try hasBelow(complex, anchor)
    }
  }

  private mutating func hasBelow(_ complex: CSSComplex, _ top: xmlNodePtr) throws(ExtractError) -> Bool {
    var next = LibXMLTree.following(top, within: top)
    while let node = next {
      if LibXMLTree.isElement(node), try matches(complex, node) { return true }
      next = LibXMLTree.following(node, within: top)
    }
    return false
  }
}
