internal import CLibXML2
import Glibc

/// `name[@a='…']` and the like, answered on a tree of HTML without libxml2's XPath: what fields ask for once in each row,
/// of which evaluating it there is nearly all of the cost.
struct TreeChildStep: Sendable {
  /// The first child, or why XPath has to be asked.
  enum Answer {
    case first(xmlNodePtr?)
    case unknown
  }

  /// Ends with a NUL; nil for any.
  private let name: [UInt8]?
  private let conditions: [Condition]

  private struct Condition {
    /// Ends with a NUL.
    var name: [UInt8]
    var test: StreamExpression.AttributeTest
  }

  /// - Returns: nil for any other path.
  init?(_ expression: StreamExpression) {
    guard case .path(let path) = expression, case .context = path.start, path.steps.count == 1 else { return nil }
    let step = path.steps[0]
    guard step.axis == .child, !step.isDeep, !step.asksPosition else { return nil }
    switch step.test {
    case .name(let wanted): name = wanted.bytes + [0]
    case .anyElement: name = nil
    case .text, .node, .never: return nil
    }
    var conditions: [Condition] = []
    for predicate in step.predicates {
      guard case .attribute(let wanted, let test) = predicate.condition else { return nil }
      conditions.append(Condition(name: wanted.bytes + [0], test: test))
    }
    self.conditions = conditions
  }

  func first(below node: xmlNodePtr) -> Answer {
    guard LibXMLTree.isElement(node) else { return .unknown }
    candidates: for child in LibXMLTree.children(of: node) where LibXMLTree.isElement(child) {
      if let name, !Self.isNamed(child.pointee.name, name) { continue }
      for condition in conditions {
        guard let attribute = Self.attribute(of: child, condition.name) else {
          if condition.test.holdsForNone { continue }
          continue candidates
        }
        guard let value = Self.value(of: attribute) else { return .unknown }
        if !condition.test.holds(for: value) { continue candidates }
      }
      return .first(child)
    }
    return .first(nil)
  }

  private static func attribute(of element: xmlNodePtr, _ name: [UInt8]) -> xmlAttrPtr? {
    for attribute in LibXMLTree.attributes(of: element) where isNamed(attribute.pointee.name, name) { return attribute }
    return nil
  }

  /// nil for one in several pieces.
  private static func value(of attribute: xmlAttrPtr) -> UnsafeBufferPointer<UInt8>? {
    guard let text = attribute.pointee.children else { return LibXMLText.bytes(nil) }
    return text.pointee.next == nil && LibXMLTree.isText(text) ? LibXMLText.bytes(text.pointee.content) : nil
  }

  private static func isNamed(_ name: UnsafePointer<xmlChar>?, _ wanted: [UInt8]) -> Bool {
    guard let name else { return false }
    return wanted.withUnsafeBufferPointer { wanted in
      // Never nil: a name has its NUL at least.
      strcmp(
        UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self),
        UnsafeRawPointer(wanted.baseAddress!).assumingMemoryBound(to: CChar.self)) == 0
    }
  }
}

extension StreamExpression.AttributeTest {
  /// A missing attribute is the empty text to XPath's functions, and equal or unequal to nothing.
  fileprivate var holdsForNone: Bool {
    switch self {
    case .exists, .equals, .differs: false
    case .contains(let part), .startsWith(let part): part.isEmpty
    }
  }

  fileprivate func holds(for value: UnsafeBufferPointer<UInt8>) -> Bool {
    switch self {
    case .exists: true
    case .equals(let text): value.elementsEqual(text)
    case .differs(let text): !value.elementsEqual(text)
    case .contains(let text): text.withUnsafeBufferPointer { value.contains(bytes: $0) }
    case .startsWith(let text): value.starts(with: text)
    }
  }
}
