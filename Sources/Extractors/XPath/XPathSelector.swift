internal import CLibXML2
import Language
import PluginHost

/// XPath 1.0 over HTML and XML.
public struct XPathExtractor: Extractor {
  public static let kind = "xpath"
  public static let summary = "XPath 1.0 over HTML and XML, without prefixes, variables and extension functions"
  public static let documents: Set<DocumentKind> = [.html, .xml]

  public init() {}

  public func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector {
    try XPathSelector(expression)
  }
}

/// A compiled path; the same for all threads.
///
/// A class, for a field asks it once in each row, and a reference costs less to lend than all it holds.
final class XPathSelector: CompiledSelector {
  let source: String
  let kind = XPathExtractor.kind

  private let plan: Plan
  /// Whether libxml2 itself must join node sets, which it does in square time and without counting.
  private let joins: Bool
  /// The same for pages without a tree, or why there must be one.
  private let streamed: Result<StreamExpression, StreamCompiler.Unfit>
  /// The step to a child that it is, where it is as little as that.
  private let plainChild: StreamStep?
  /// The same for trees of HTML.
  private let childStep: TreeChildStep?

  var needsTree: String? { if case .failure(let unfit) = streamed { unfit.reason } else { nil } }

  private enum Plan {
    case whole(XPathExpression)
    case paths([[Stretch]])
  }

  private struct Stretch {
    var expression: XPathExpression
    var includesDescendants: Bool
  }

  init(_ source: String) throws(SyntaxError) {
    self.source = source
    guard source.utf8.count <= MarkupLimits.selectorBytes else {
      throw SyntaxError("longer than the limit of \(MarkupLimits.selectorBytes) bytes", offset: 0)
    }
    let text = Array(source.unicodeScalars)
    let syntax = try XPathParser.parse(text)
    joins = try XPathCost(syntax).joins
    streamed = Result { () throws(StreamCompiler.Unfit) in try StreamCompiler.compile(syntax) }
    plainChild = (try? streamed.get())?.plainChild
    childStep = (try? streamed.get()).flatMap(TreeChildStep.init)
    // First as a whole, so that an offset is one into the text as written.
    let whole = try XPathExpression(source)
    switch XPathPlan(syntax, text: text) {
    case .whole: plan = .whole(whole)
    case .paths(let paths) where paths.count == 1 && paths[0].count == 1:
      plan = .paths([[Stretch(expression: whole, includesDescendants: false)]])
    case .paths(let paths):
      var compiled: [[Stretch]] = []
      for path in paths {
        var stretches: [Stretch] = []
        for stretch in path {
          let expression = try XPathExpression(stretch.text)
          stretches.append(Stretch(expression: expression, includesDescendants: stretch.includesDescendants))
        }
        compiled.append(stretches)
      }
      plan = .paths(compiled)
    }
  }

  func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
    guard case .markup(let markup) = node else { return [] }
    if let start = markup as? StreamedNode {
      if case .success(let expression) = streamed, !(joins && mayBeTooLarge(start.page.nodeCount, start.page.depth)),
        let found = StreamSelection.select(expression, from: start)
      {
        return found
      }
      return try select(from: .markup(start.page.treeNode(start.node)))
    }
    guard let start = markup as? TreeNode else { return [] }
    let evaluator = try start.document.xpath()
    evaluator.begin()
    if joins { try refuseLargePage(start.document) }
    switch plan {
    case .whole(let expression):
      return try values(of: evaluator.evaluate(expression, at: start.pointer), in: start.document)
    case .paths(let paths):
      if paths.count == 1, paths[0].count == 1 {
        let result = try evaluator.evaluate(paths[0][0].expression, at: start.pointer)
        return try values(of: result, in: start.document)
      }
      return try join(paths, from: start, evaluator)
    }
  }

  func firstValue(from node: DocumentNode) throws(ExtractError) -> Value? {
    if let plainChild, case .markup(let markup) = node, let start = markup as? StreamedNode,
      let text = StreamSelection.firstText(plainChild, from: start)
    {
      return text.map(Value.text)
    }
    if let childStep, case .markup(let markup) = node, let start = markup as? TreeNode, start.document.isHTML,
      case .first(let child) = childStep.first(below: start.pointer)
    {
      return child.map { .text(trimmed(LibXMLText.content(of: $0))) }
    }
    return try firstOfSelected(from: node)
  }

  /// 20 thousand million comparisons are some 10 s, on a page made for it; a usual page of 5,000 nodes and depth 40
  /// stays at a twentieth of it.
  private func refuseLargePage(_ document: MarkupDocument) throws(ExtractError) {
    if mayBeTooLarge(document.nodeCount, document.depth) {
      throw ExtractError(
        .budget, "the XPath searches within a search, too costly on a page of \(document.nodeCount) nodes")
    }
  }

  private func mayBeTooLarge(_ nodeCount: Int, _ depth: Int) -> Bool {
    let worst = nodeCount.multipliedReportingOverflow(by: nodeCount * max(1, depth))
    return worst.overflow || worst.partialValue > 20_000_000_000
  }

  private func values(of result: XPathResult, in document: MarkupDocument) throws(ExtractError) -> [DocumentNode] {
    switch result {
    case .text(let text): return [.text(text)]
    case .boolean(let value): return [.json(.bool(value))]
    case .number(let value): return [.json(XPathSelector.json(value))]
    case .nodes(let nodes):
      try XPathSelector.check(count: nodes.count)
      var values: [DocumentNode] = []
      values.reserveCapacity(nodes.count)
      for index in 0..<nodes.count {
        if let node = nodes[index] { values.append(.markup(TreeNode(node, of: document))) }
      }
      return values
    }
  }

  /// Whole numbers as integers. NaN, which JSON lacks, is null: `number('abc')` has no value.
  private static func json(_ value: Double) -> JSON {
    guard value.isFinite else { return .null }
    if let whole = Int64(exactly: value) { return .integer(whole) }
    return .number(value, lexeme: value.description)
  }

  private static func check(count: Int) throws(ExtractError) {
    if count > MarkupLimits.matches {
      throw ExtractError(.budget, "the XPath gives more than \(MarkupLimits.matches) nodes")
    }
  }
}

extension XPathSelector {
  private func join(
    _ paths: [[Stretch]], from start: TreeNode, _ evaluator: XPathEvaluator
  ) throws(ExtractError) -> [DocumentNode] {
    var found = FoundNodes()
    var visited = 0
    for path in paths {
      var contexts = FoundNodes([start.pointer])
      for stretch in path {
        var next = FoundNodes()
        for node in stretch.includesDescendants ? contexts.outermost : contexts.ordered {
          let result = try evaluator.evaluate(stretch.expression, at: node)
          guard case .nodes(let nodes) = result else { continue }
          visited += nodes.count + 1
          if visited > Int(XPathEvaluator.stepLimit) {
            throw ExtractError(.budget, "the XPath took more than \(XPathEvaluator.stepLimit) steps")
          }
          next.add(nodes)
        }
        contexts = next
      }
      found.add(contexts)
    }
    try XPathSelector.check(count: found.ordered.count)
    return found.inDocumentOrder.map { .markup(TreeNode($0, of: start.document)) }
  }
}
