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

  /// The text of the first child of a plain step, without white space around it: what fields ask for once in each row.
  ///
  /// - Parameter step: ``StreamExpression/plainChild``.
  /// - Returns: nil where ``select(_:from:)`` has to be asked; `.some(nil)` where there is no such child.
  static func firstText(_ step: StreamStep, from start: StreamedNode) -> String?? {
    guard start.node.isParent else { return nil }
    return start.page.walk { walker -> String?? in
      let found = walker.firstChild(step, of: start.node)
      if walker.isOverBudget { return nil }
      return .some(found.map { walker.trimmedText(of: $0) })
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
  /// The step, where the path is nothing but one to a child.
  var plainChild: StreamStep? {
    guard case .path(let path) = self, case .context = path.start, path.steps.count == 1, path.steps[0].isPlainChild
    else { return nil }
    return path.steps[0]
  }

  /// `.` means the same on every node.
  fileprivate var isItself: Bool {
    guard case .path(let path) = self, case .context = path.start, path.steps.count == 1 else { return false }
    guard case .node = path.steps[0].test, path.steps[0].axis == .`self` else { return false }
    return path.steps[0].predicates.isEmpty && !path.steps[0].isDeep
  }
}
