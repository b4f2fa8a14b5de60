import Language

/// Refuses shapes whose time explodes with the page: libxml2 cannot be interrupted, and its own limit does not count
/// the work of joining node sets (`//*//*//*//*` takes 6.8 s on 100 nested elements).
struct XPathCost {
  /// Steps that look through a page, in one path.
  static let maxCostlySteps = 2
  /// The same, along a path and the paths in its predicates. What is looked for in each of them anew multiplies.
  static let maxNested = 3

  /// Whether a path that libxml2 evaluates in one go has more than one step whose results it must join.
  private(set) var joins = false

  init(_ syntax: XPathSyntax) throws(SyntaxError) { try weigh(syntax, around: 0, isWhole: true) }

  /// - Parameters:
  ///   - around: Costly steps of the paths that this one is a predicate of.
  ///   - isWhole: Whether the path is the expression itself, which ``XPathPlan`` cuts up, rather than a part of it.
  private mutating func weigh(_ syntax: XPathSyntax, around: Int, isWhole: Bool = false) throws(SyntaxError) {
    switch syntax {
    case .literal, .number: return
    case .operation(let operands, _): for operand in operands { try weigh(operand, around: around) }
    case .call(_, let arguments): for argument in arguments { try weigh(argument, around: around) }
    case .union(let parts): for part in parts { try weigh(part, around: around, isWhole: isWhole) }
    case .path(let path): try weigh(path, around: around, isWhole: isWhole)
    }
  }

  private mutating func weigh(_ path: XPathPath, around: Int, isWhole: Bool) throws(SyntaxError) {
    var costly = 0
    if case .filter(let primary, let predicates) = path.start {
      try weigh(primary, around: around)
      costly = primary.costlySteps
      for predicate in predicates { try weigh(predicate, around: around + costly) }
    }
    for (index, step) in path.steps.enumerated() {
      if step.isCostly { costly += 1 }
      if costly > XPathCost.maxCostlySteps { throw XPathCost.tooManySteps(at: step) }
      let nested = around + costly
      if nested > (path.isRooted && around > 0 ? XPathCost.maxCostlySteps : XPathCost.maxNested) {
        throw XPathCost.tooNested(at: step)
      }
      if !isWhole, index > 0 || path.isFiltered, step.merges {
        // A join in a predicate is made again for each node asked.
        if around > 0, costly > 1 { throw XPathCost.tooNested(at: step) }
        joins = true
      }
      for predicate in step.predicates { try weigh(predicate, around: nested) }
    }
  }

  private static func tooManySteps(at step: XPathStep) -> SyntaxError {
    SyntaxError(
      "a path with more than \(maxCostlySteps) steps that search the page ('//', descendant, following, preceding)",
      offset: step.range.lowerBound,
      help: "name the steps between with '/', or write it in CSS, where 'div ul a' costs little")
  }

  private static func tooNested(at step: XPathStep) -> SyntaxError {
    SyntaxError(
      "searches within searches: the time multiplies with each", offset: step.range.lowerBound,
      help: "begin the inner path with './' and name its steps, or write it in CSS with :has()")
  }
}

extension XPathPath {
  var isRooted: Bool {
    if case .root = start { return true }
    return false
  }

  var isFiltered: Bool {
    if case .filter = start { return true }
    return false
  }
}

extension XPathSyntax {
  /// The most in any one path of it.
  fileprivate var costlySteps: Int {
    switch self {
    case .path(let path):
      var count = path.steps.count { $0.isCostly }
      if case .filter(let primary, _) = path.start { count += primary.costlySteps }
      return count
    case .union(let parts): return parts.map(\.costlySteps).max() ?? 0
    default: return 0
    }
  }
}
