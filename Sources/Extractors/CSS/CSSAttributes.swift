internal import CLibXML2

/// Attributes of elements, as CSS asks for them.
enum CSSAttributes {
  /// The value as it lies in the tree; nil where there is none of that name without a namespace.
  static func value(of name: StaticString, on node: xmlNodePtr) -> UnsafePointer<xmlChar>? {
    var next = node.pointee.properties
    while let attribute = next {
      if attribute.pointee.ns == nil, xmlStrEqual(attribute.pointee.name, name.utf8Start) == 1 {
        return content(of: attribute)
      }
      next = attribute.pointee.next
    }
    return nil
  }

  static func text(of name: StaticString, on node: xmlNodePtr) -> String? {
    value(of: name, on: node).map { LibXMLText.string($0) }
  }

  static func find(_ name: CSSName, _ namespace: CSSAttribute.Namespace, on node: xmlNodePtr, isHTML: Bool)
    -> xmlAttrPtr?
  {
    let wanted = isHTML ? name.lower : name.exact
    return LibXMLTree.attributes(of: node).first { attribute in
      CSSText.isEqual(attribute.pointee.name, wanted) && (namespace == .any || attribute.pointee.ns == nil)
    }
  }

  static func holds(_ test: CSSAttribute, _ node: xmlNodePtr, isHTML: Bool) -> Bool {
    guard let attribute = find(test.name, test.namespace, on: node, isHTML: isHTML) else {
      return test.match == .differs
    }
    if case .exists = test.match { return true }
    return compare(bytes(of: attribute), test, isHTML: isHTML)
  }

  /// Whether the value of an attribute is as the test wants it.
  static func compare(_ value: [UInt8], _ test: CSSAttribute, isHTML: Bool) -> Bool {
    var value = value
    var wanted = test.value
    if isBlind(test, isHTML: isHTML) {
      value = value.map(CSSName.lowered)
      wanted = wanted.map(CSSName.lowered)
    }
    return compare(value, wanted, test.match)
  }

  private static func compare(_ value: [UInt8], _ wanted: [UInt8], _ match: CSSAttribute.Match) -> Bool {
    switch match {
    case .exists: true
    case .equals: value == wanted
    case .differs: value != wanted
    case .word: !wanted.isEmpty && value.split(whereSeparator: CSSText.isSpace).contains { $0.elementsEqual(wanted) }
    case .dash: value == wanted || value.starts(with: wanted + [UInt8(ascii: "-")])
    case .prefix: !wanted.isEmpty && value.starts(with: wanted)
    case .suffix: !wanted.isEmpty && value.suffix(wanted.count).elementsEqual(wanted)
    case .substring: !wanted.isEmpty && value.firstRange(of: wanted) != nil
    }
  }

  private static func isBlind(_ test: CSSAttribute, isHTML: Bool) -> Bool {
    switch test.letterCase {
    case .blind: true
    case .exact: false
    case .asHTML: isHTML && blind.contains(test.name.lower)
    }
  }

  /// Nearly always one text; entities that XML kept give more.
  private static func bytes(of attribute: xmlAttrPtr) -> [UInt8] {
    Array(LibXMLText.content(of: UnsafeMutableRawPointer(attribute).assumingMemoryBound(to: xmlNode.self)).utf8)
  }

  /// An attribute without a value is an empty text in CSS, and has no child in libxml2.
  private static func content(of attribute: xmlAttrPtr) -> UnsafePointer<xmlChar> {
    attribute.pointee.children?.pointee.content.map { UnsafePointer($0) } ?? empty
  }

  private static var empty: UnsafePointer<xmlChar> { ("" as StaticString).utf8Start }

  /// Attributes whose values HTML compares case-blind in selectors:
  /// <https://html.spec.whatwg.org/multipage/semantics-other.html#case-sensitivity-of-selectors>
  private static let blind: Set<[UInt8]> = Set(
    """
    accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare defer dir \
    direction disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref \
    noresize noshade nowrap readonly rel rev rules scope scrolling selected shape target text type valign valuetype \
    vlink
    """.split(separator: " ").map { Array($0.utf8) })
}
