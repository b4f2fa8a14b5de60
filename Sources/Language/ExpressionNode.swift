indirect enum ExpressionNode: Sendable {
  case literal(Value)
  case name(String)
  case now
  /// Day and time on the wall of the site's zone.
  case local(CivilDate, CivilTime)
  case list([ExpressionNode])
  case member(ExpressionNode, ExpressionMember)
  case not(ExpressionNode)
  case all([ExpressionNode])
  case any([ExpressionNode])
  case compare(ExpressionNode, ExpressionComparison, ExpressionNode)
  /// `x == null`; with `false`, `x != null`.
  case isNull(ExpressionNode, Bool)
  case within(ExpressionNode, ExpressionNode)
  case matches(ExpressionNode, ExpressionPattern)
  case sum(ExpressionNode, ExpressionNode, negative: Bool)
}

enum ExpressionMember: String, Sendable, CaseIterable {
  case date, time, hour, minute, weekday
}

enum ExpressionComparison: String, Sendable, CaseIterable {
  case equal = "=="
  case unequal = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case less = "<"
  case greater = ">"

  var isOrdering: Bool { self != .equal && self != .unequal }

  func holds(_ comparison: Comparison) -> Bool {
    switch (self, comparison) {
    case (_, .incomparable): false
    case (.equal, _): comparison == .equal
    case (.unequal, _): comparison != .equal
    case (.less, _): comparison == .less
    case (.lessOrEqual, _): comparison == .less || comparison == .equal
    case (.greater, _): comparison == .greater
    case (.greaterOrEqual, _): comparison == .greater || comparison == .equal
    }
  }
}

/// What is known of an expression's value when it is parsed.
enum ExpressionType: Sendable, Hashable {
  /// Never ``ValueType/unknown``.
  case known(ValueType)
  case null
  case list
  case unknown

  init(_ type: ValueType) { self = type == .unknown ? .unknown : .known(type) }

  /// As messages say it.
  var name: String {
    switch self {
    case .known(let type): type.rawValue
    case .null: "null"
    case .list: "list"
    case .unknown: "unknown"
    }
  }
}
