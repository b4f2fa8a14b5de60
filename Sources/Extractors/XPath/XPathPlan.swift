/// How an expression is evaluated: whole, or, where it is a path, in stretches whose node sets are joined by us.
///
/// libxml2 joins the results of `//p/following-sibling::p` by comparing each with all before it and cannot be stopped
/// while it does: over 60 s on 50,000 siblings. Cut into `//p` and `following-sibling::p`, the join is a hash set of
/// ours that counts.
enum XPathPlan {
  case whole(String)
  /// The alternatives of a union, each a path in stretches.
  case paths([[Stretch]])

  struct Stretch {
    /// Relative to a node of the stretch before, but for the first.
    var text: String
    /// Whether what is found below a node includes all that is found below its descendants, so that only the outermost
    /// nodes of the stretch before need to be looked into.
    var includesDescendants: Bool
  }

  init(_ syntax: XPathSyntax, text: [Unicode.Scalar]) {
    switch syntax {
    case .path(let path): self = .paths([XPathPlan.stretches(of: path, in: text)])
    case .union(let parts):
      let paths = parts.compactMap { part -> [Stretch]? in
        guard case .path(let path) = part else { return nil }
        return XPathPlan.stretches(of: path, in: text)
      }
      self = paths.count == parts.count ? .paths(paths) : .whole(XPathPlan.string(text[...]))
    default: self = .whole(XPathPlan.string(text[...]))
    }
  }

  private static func stretches(of path: XPathPath, in text: [Unicode.Scalar]) -> [Stretch] {
    var stretches: [Stretch] = []
    var start = path.range.lowerBound
    var prefix = ""
    var isDeep = false
    for (index, step) in path.steps.enumerated() where step.merges && (index > 0 || path.isFiltered) {
      let before = index > 0 ? path.steps[index - 1].range.upperBound : path.endOfStart(in: text)
      stretches.append(Stretch(text: prefix + string(text[start..<before]), includesDescendants: isDeep))
      start = step.range.lowerBound
      isDeep = step.isDeep && step.axis == "child"
      prefix = step.isDeep ? ".//" : ""
    }
    let last = prefix + string(text[start..<path.range.upperBound])
    return stretches + [Stretch(text: last, includesDescendants: isDeep)]
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}

extension XPathPath {
  /// Where a filter such as `(//a)[1]` ends: at the slash before the first step.
  fileprivate func endOfStart(in text: [Unicode.Scalar]) -> Int {
    var end = steps.first?.range.lowerBound ?? range.upperBound
    while end > range.lowerBound, text[end - 1] == "/" || text[end - 1].properties.isWhitespace { end -= 1 }
    return end
  }
}
