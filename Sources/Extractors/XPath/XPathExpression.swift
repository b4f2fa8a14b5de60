internal import CLibXML2
import Language

/// An expression that libxml2 has compiled.
///
/// `@unchecked` because it holds a pointer: nothing writes to a compiled expression but libxml2's cache of function
/// addresses, where every thread writes the same words.
final class XPathExpression: @unchecked Sendable {
  let text: String
  let compiled: xmlXPathCompExprPtr

  /// - Throws: Where libxml2 refuses what ``XPathParser`` let through.
  init(_ text: String) throws(SyntaxError) {
    precondition(LibXML2.isReady)
    guard let context = xmlXPathNewContext(nil) else { throw SyntaxError("out of memory", offset: 0) }
    defer { xmlXPathFreeContext(context) }
    var problem = sh_xpath_problem()
    let compiled = withUnsafeMutablePointer(to: &problem) { problem in
      sh_listen(context, problem)
      return xmlXPathCtxtCompile(context, text)
    }
    guard let compiled else {
      throw SyntaxError(
        "not an XPath 1.0 expression", offset: XPathExpression.scalars(before: problem.offset, in: text))
    }
    self.text = text
    self.compiled = compiled
  }

  deinit { xmlXPathFreeCompExpr(compiled) }

  private static func scalars(before byte: Int32, in text: String) -> Int {
    String(decoding: text.utf8.prefix(Int(max(0, byte))), as: UTF8.self).unicodeScalars.count
  }
}
