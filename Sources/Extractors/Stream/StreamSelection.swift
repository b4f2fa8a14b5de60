import PluginHost

/// A selector on a page that was read without a tree.
enum StreamSelection {
  /// What was found; nil where the tree must be asked: the selector is not of those that need none, the start is no
  /// element, or the page is too large for it.
  static func select(_ expression: StreamExpression, from start: StreamedNode) -> [DocumentNode]? {
    guard start.node.isParent || expression.isItself else { return nil }
    return start.page.walk { walker in
      switch expression {
      case .path(let path): return nodes(walker.select(path, from: start.node), walker, start.page)
      case .union(let paths): return nodes(walker.select(paths, from: start.node), walker, start.page)
      case .count(let path):
        let count = walker.select(path, from: start.node).count
        return walker.isOverBudget ? nil : [.json(.integer(Int64(count)))]
      default:
        let text = walker.text(expression, StreamContext(node: start.node, position: 1, size: 1))
        return walker.isOverBudget ? nil : [.text(String(decoding: text, as: UTF8.self))]
      }
    }
  }

  static func select(_ selectors: [CSSSelector], from start: StreamedNode) -> [DocumentNode]? {
    start.page.walk { walker in nodes(walker.select(selectors, from: start.node), walker, start.page) }
  }

  private static func nodes(_ found: [TapeNode], _ walker: TapeWalker, _ page: PageTape) -> [DocumentNode]? {
    walker.isOverBudget ? nil : found.map { .markup(StreamedNode($0, of: page)) }
  }
}

extension StreamExpression {
  /// `.` means the same on every node.
  fileprivate var isItself: Bool {
    guard case .path(let path) = self, case .context = path.start, path.steps.count == 1 else { return false }
    guard case .node = path.steps[0].test, path.steps[0].axis == .`self` else { return false }
    return path.steps[0].predicates.isEmpty && !path.steps[0].isDeep
  }
}
