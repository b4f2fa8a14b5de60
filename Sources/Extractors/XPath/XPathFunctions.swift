import Language

/// The core functions of XPath 1.0, and nothing else: what reads files, addresses or the environment is unknown here.
enum XPathFunctions {
  private static let arities: [String: ClosedRange<Int>] = [
    "last": 0...0, "position": 0...0, "count": 1...1, "id": 1...1, "local-name": 0...1, "namespace-uri": 0...1,
    "name": 0...1, "string": 0...1, "concat": 2...Int.max, "starts-with": 2...2, "contains": 2...2,
    "substring-before": 2...2, "substring-after": 2...2, "substring": 2...3, "string-length": 0...1,
    "normalize-space": 0...1, "translate": 3...3, "boolean": 1...1, "not": 1...1, "true": 0...0, "false": 0...0,
    "lang": 1...1, "number": 0...1, "sum": 1...1, "floor": 1...1, "ceiling": 1...1, "round": 1...1,
  ]

  static func check(_ name: String, arguments: [XPathSyntax], at offset: Int) throws(SyntaxError) {
    guard let arity = arities[name] else {
      throw SyntaxError(
        "unknown function '\(name)'", offset: offset,
        help: Nearest.help(for: name, among: arities.keys.sorted(), called: "functions of XPath 1.0"))
    }
    guard arity.contains(arguments.count) else {
      throw SyntaxError(
        "'\(name)' takes \(shown(arity)), not \(arguments.count)", offset: offset)
    }
    if name == "count" || name == "sum", !arguments[0].isNodes {
      throw SyntaxError("'\(name)' takes a path", offset: offset)
    }
  }

  private static func shown(_ arity: ClosedRange<Int>) -> String {
    switch (arity.lowerBound, arity.upperBound) {
    case (0, 0): "no argument"
    case (1, 1): "1 argument"
    case (let low, Int.max): "at least \(low) arguments"
    case (let low, let high): low == high ? "\(low) arguments" : "\(low) to \(high) arguments"
    }
  }
}
