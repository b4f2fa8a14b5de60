/// The parse of an XPath expression: to refuse, to weigh and to cut it for libxml2, which evaluates, and to compile it
/// for the matcher that needs no tree (``StreamPath``).
indirect enum XPathSyntax {
  case path(XPathPath)
  case union([XPathSyntax])
  /// Any other operators of one rank, and the operands around them; a minus sign before its one operand is `-`.
  case operation([XPathSyntax], [String])
  case call(String, arguments: [XPathSyntax])
  case literal(String)
  case number(Double)
}

struct XPathPath {
  enum Start {
    /// `a/b`, `.`
    case context
    /// `/a`, `//a`
    case root
    /// `(…)[1]/a`, `id('x')/a`
    case filter(XPathSyntax, predicates: [XPathSyntax])
  }

  var start: Start
  var steps: [XPathStep]
  /// Where the path stands in the text, in Unicode scalars.
  var range: Range<Int>
}

struct XPathStep {
  enum Test: Equatable {
    /// `div`, `*`, perhaps with the prefix `xml`.
    case name(String)
    /// `text()`, `node()`, `comment()`, `processing-instruction()`.
    case type(String)
  }

  /// In full: `child`, `attribute`, `parent` …
  var axis: String
  var test: Test
  var predicates: [XPathSyntax]
  /// Whether `//` stands before it.
  var isDeep: Bool
  /// Without the slashes before it.
  var range: Range<Int>

  /// Whether nodes of a step's result may be reached from several context nodes: libxml2 then compares each result
  /// with all before it.
  var merges: Bool { isDeep || !["child", "attribute", "self"].contains(axis) }

  /// Whether the step may visit a good part of the page from one context node.
  var isCostly: Bool {
    isDeep
      || ["descendant", "descendant-or-self", "following", "preceding", "following-sibling", "preceding-sibling"]
        .contains(axis)
  }
}
