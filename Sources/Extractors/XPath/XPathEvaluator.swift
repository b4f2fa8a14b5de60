internal import CLibXML2
import PluginHost

/// What an expression gives.
enum XPathResult {
  case nodes(XPathNodes)
  case text(String)
  case number(Double)
  case boolean(Bool)
}

/// A node set; the namespace nodes in it live as long as it does.
final class XPathNodes {
  private let object: xmlXPathObjectPtr

  init(_ object: xmlXPathObjectPtr) { self.object = object }
  deinit { xmlXPathFreeObject(object) }

  var count: Int { Int(object.pointee.nodesetval?.pointee.nodeNr ?? 0) }

  /// Valid while this object lives.
  subscript(index: Int) -> xmlNodePtr? { object.pointee.nodesetval?.pointee.nodeTab[index] }
}

/// libxml2's evaluation context for one tree; used by one thread at a time.
struct XPathEvaluator {
  /// Steps for all of one selection; libxml2 counts nodes visited, at about 40 million a second here.
  static let stepLimit: UInt = 2_000_000

  private let context: xmlXPathContextPtr

  init(_ tree: xmlDocPtr) throws(ExtractError) {
    guard let context = xmlXPathNewContext(tree) else {
      throw ExtractError(.budget, "out of memory for an XPath context")
    }
    // Reused value objects save an allocation for each predicate; 0 asks for libxml2's own sizes.
    xmlXPathContextSetCache(context, 1, -1, 0)
    // Numbers the elements, so that document order is one comparison instead of a walk over siblings.
    xmlXPathOrderDocElems(tree)
    self.context = context
  }

  func close() { xmlXPathFreeContext(context) }

  /// Starts the count of steps anew.
  func begin() {
    context.pointee.opCount = 0
    context.pointee.opLimit = XPathEvaluator.stepLimit
  }

  func evaluate(_ expression: XPathExpression, at node: xmlNodePtr) throws(ExtractError) -> XPathResult {
    var problem = sh_xpath_problem()
    context.pointee.node = node
    let object = withUnsafeMutablePointer(to: &problem) { problem in
      sh_listen(context, problem)
      defer { context.pointee.userData = nil }
      return xmlXPathCompiledEval(expression.compiled, context)
    }
    guard let object else { throw XPathEvaluator.failure(problem) }
    switch object.pointee.type {
    case XPATH_NODESET, XPATH_XSLT_TREE: return .nodes(XPathNodes(object))
    case XPATH_NUMBER:
      defer { xmlXPathFreeObject(object) }
      return .number(object.pointee.floatval)
    case XPATH_BOOLEAN:
      defer { xmlXPathFreeObject(object) }
      return .boolean(object.pointee.boolval != 0)
    default:
      defer { xmlXPathFreeObject(object) }
      return .text(LibXMLText.string(object.pointee.stringval))
    }
  }

  private static func failure(_ problem: sh_xpath_problem) -> ExtractError {
    // libxml2 numbers XPath's own errors from XML_XPATH_EXPRESSION_OK.
    let code = problem.code - Int32(bitPattern: XML_XPATH_EXPRESSION_OK.rawValue)
    if code == Int32(bitPattern: XPATH_OP_LIMIT_EXCEEDED.rawValue) {
      return ExtractError(.budget, "the XPath took more than \(stepLimit) steps")
    }
    return ExtractError(.budget, "the XPath stopped with libxml2's error \(problem.code)")
  }
}
