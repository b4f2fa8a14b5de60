internal import CLibXML2

/// Pseudo-classes that markup alone answers, by the HTML standard's section "Pseudo-classes".
enum CSSStates {
  static func isRoot(_ node: xmlNodePtr) -> Bool { node.pointee.parent.map(LibXMLTree.isDocument) ?? true }

  /// White space counts as content, as in every browser.
  static func isEmpty(_ node: xmlNodePtr) -> Bool {
    !LibXMLTree.children(of: node).contains { LibXMLTree.isElement($0) || LibXMLTree.isText($0) }
  }

  static func isLink(_ node: xmlNodePtr) -> Bool {
    isNamed(node, ["a", "area", "link"]) && CSSAttributes.value(of: "href", on: node) != nil
  }

  static func isChecked(_ node: xmlNodePtr) -> Bool {
    if isNamed(node, ["option"]) { return CSSAttributes.value(of: "selected", on: node) != nil }
    guard isNamed(node, ["input"]), CSSAttributes.value(of: "checked", on: node) != nil else { return false }
    let type = CSSAttributes.text(of: "type", on: node)?.lowercased()
    return type == "checkbox" || type == "radio"
  }

  static func takesInput(_ node: xmlNodePtr) -> Bool { isNamed(node, ["input", "select", "textarea"]) }

  static func canBeDisabled(_ node: xmlNodePtr) -> Bool {
    isNamed(node, ["button", "input", "select", "textarea", "optgroup", "option", "fieldset"])
  }

  static func isDisabled(_ node: xmlNodePtr) -> Bool {
    guard canBeDisabled(node) else { return false }
    if CSSAttributes.value(of: "disabled", on: node) != nil { return true }
    if isNamed(node, ["option"]) {
      guard let parent = node.pointee.parent, isNamed(parent, ["optgroup"]) else { return false }
      return CSSAttributes.value(of: "disabled", on: parent) != nil
    }
    return isNamed(node, ["optgroup"]) ? false : isInDisabledFieldset(node)
  }

  /// All of a disabled fieldset is, except what is in its first legend.
  private static func isInDisabledFieldset(_ node: xmlNodePtr) -> Bool {
    var child = node
    while let parent = child.pointee.parent, LibXMLTree.isElement(parent) {
      if isNamed(parent, ["fieldset"]), CSSAttributes.value(of: "disabled", on: parent) != nil,
        LibXMLTree.children(of: parent).first(where: { isNamed($0, ["legend"]) }) != child
      {
        return true
      }
      child = parent
    }
    return false
  }

  private static func isNamed(_ node: xmlNodePtr, _ names: [StaticString]) -> Bool {
    guard LibXMLTree.isElement(node) else { return false }
    return names.contains { xmlStrEqual(node.pointee.name, $0.utf8Start) == 1 }
  }
}

/// `:lang()` by extended filtering (RFC 4647, section 3.3.2), of the nearest `lang` or `xml:lang`.
enum CSSLanguage {
  static func matches(_ ranges: [String], _ node: xmlNodePtr, isHTML: Bool) -> Bool {
    guard let language = language(of: node, isHTML: isHTML) else { return false }
    return ranges.contains { matches(range: $0, language) }
  }

  private static func language(of node: xmlNodePtr, isHTML: Bool) -> String? {
    var next: xmlNodePtr? = node
    while let element = next, LibXMLTree.isElement(element) {
      for attribute in LibXMLTree.attributes(of: element) {
        // Of HTML, libxml2 keeps `xml:lang` whole; of XML, `lang` in its namespace.
        let name = LibXMLText.string(attribute.pointee.name)
        guard isHTML ? name == "lang" || name == "xml:lang" : name == "lang" && attribute.pointee.ns != nil else {
          continue
        }
        let value = UnsafeMutableRawPointer(attribute).assumingMemoryBound(to: xmlNode.self)
        return LibXMLText.content(of: value).lowercased()
      }
      next = element.pointee.parent
    }
    return nil
  }

  private static func matches(range: String, _ language: String) -> Bool {
    if range.isEmpty || language.isEmpty { return range.isEmpty && language.isEmpty }
    let wanted = range.split(separator: "-", omittingEmptySubsequences: false)
    var tags = language.split(separator: "-", omittingEmptySubsequences: false)[...]
    guard let first = wanted.first, first == "*" || first == tags.first else { return false }
    tags = tags.dropFirst()
    for part in wanted.dropFirst() where part != "*" {
      // A single letter starts an extension: what stands behind is no language.
      guard let index = tags.firstIndex(where: { $0 == part || $0.count == 1 }), tags[index] == part else {
        return false
      }
      tags = tags[(index + 1)...]
    }
    return true
  }
}
