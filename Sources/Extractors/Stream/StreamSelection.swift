import Language
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

  /// The text of the first node, without white space around it, where the path is a plain step to a child: what fields
  /// ask for once in each row.
  ///
  /// - Returns: nil where ``select(_:from:)`` has to be asked; `.some(nil)` where there is no such child.
  static func firstText(_ expression: StreamExpression, from start: StreamedNode) -> String?? {
    guard case .path(let path) = expression, case .context = path.start, path.steps.count == 1,
      path.steps[0].isPlainChild, start.node.isParent
    else { return nil }
    return start.page.walk { walker -> String?? in
      let found = walker.firstChild(path.steps[0], of: start.node)
      if walker.isOverBudget { return nil }
      return .some(found.map { trimmed(walker.text(of: $0)) })
    }
  }

  static func select(_ selectors: [CSSSelector], from start: StreamedNode) -> [DocumentNode]? {
    start.page.walk { walker in nodes(walker.select(selectors, from: start.node), walker, start.page) }
  }

  private static func nodes(_ found: [TapeNode], _ walker: TapeWalker, _ page: PageTape) -> [DocumentNode]? {
    walker.isOverBudget ? nil : found.map { .markup(StreamedNode($0, of: page)) }
  }
}

extension StreamStep {
  /// `name[…]`: no look at places among the others is needed to know the first.
  fileprivate var isPlainChild: Bool {
    guard axis == .child, !isDeep, !asksPosition else { return false }
    switch test {
    case .name, .anyElement: return true
    case .text, .node, .never: return false
    }
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
