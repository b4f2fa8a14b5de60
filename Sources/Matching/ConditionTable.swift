import Language

/// Conditions, each kept once however many subscriptions have it. What most people write, a few comparisons joined by
/// `and`, takes some numbers and its text; only what is more than that keeps its parsed form.
struct ConditionTable: Sendable {
  private struct Record: Sendable {
    var textEnd: Int32
    /// Of ``termsOf``; for what keeps its parsed form, one number: -1 - its index in ``parsed``.
    var termsEnd: Int32
  }

  private(set) var subjects: [ExpressionSubject] = []
  private(set) var terms: [(term: ExpressionTerm, subject: Int32)] = []
  private var records: [Record] = []
  private var texts: [UInt8] = []
  private var termsOf: [Int32] = []
  private var parsed: [Expression] = []

  var count: Int { records.count }

  var bytes: Int {
    records.count * MemoryLayout<Record>.stride + texts.count + termsOf.count * 4
      + terms.count * MemoryLayout<(ExpressionTerm, Int32)>.stride
      // A parsed form is some boxes of some 100 bytes; found by trying.
      + parsed.count * 600
  }

  enum Body {
    case terms(ArraySlice<Int32>)
    case parsed(Expression)
  }

  subscript(condition: Int32) -> Body {
    let (start, end) = (condition == 0 ? 0 : records[Int(condition) - 1].termsEnd, records[Int(condition)].termsEnd)
    if end - start == 1, termsOf[Int(start)] < 0 { return .parsed(parsed[Int(-1 - termsOf[Int(start)])]) }
    return .terms(termsOf[Int(start)..<Int(end)])
  }

  func text(_ condition: Int32) -> String {
    let start = condition == 0 ? 0 : records[Int(condition) - 1].textEnd
    return String(decoding: texts[Int(start)..<Int(records[Int(condition)].textEnd)], as: UTF8.self)
  }

  /// What is only needed while conditions are added.
  struct Adding {
    fileprivate var conditions: [String: Int32] = [:]
    fileprivate var subjects: [ExpressionSubject: Int32] = [:]
    fileprivate var terms: [ExpressionTerm: Int32] = [:]
  }

  /// - Returns: The condition's number.
  mutating func add(_ expression: Expression, _ adding: inout Adding) -> Int32 {
    if let known = adding.conditions[expression.source] { return known }
    if let conjunction = expression.shape.conjunction {
      for term in conjunction { termsOf.append(add(term, &adding)) }
    } else {
      parsed.append(expression)
      termsOf.append(Int32(-parsed.count))
    }
    texts += expression.source.utf8
    records.append(Record(textEnd: Int32(texts.count), termsEnd: Int32(termsOf.count)))
    let number = Int32(records.count - 1)
    adding.conditions[expression.source] = number
    return number
  }

  private mutating func add(_ term: ExpressionTerm, _ adding: inout Adding) -> Int32 {
    if let known = adding.terms[term] { return known }
    terms.append((term, add(term.subject, &adding)))
    adding.terms[term] = Int32(terms.count - 1)
    return Int32(terms.count - 1)
  }

  mutating func add(_ subject: ExpressionSubject, _ adding: inout Adding) -> Int32 {
    if let known = adding.subjects[subject] { return known }
    subjects.append(subject)
    adding.subjects[subject] = Int32(subjects.count - 1)
    return Int32(subjects.count - 1)
  }

  mutating func shrink() {
    records = Array(records)
    texts = Array(texts)
    termsOf = Array(termsOf)
  }
}

extension ExpressionShape {
  /// The terms that it is the conjunction of, where it is one and no more.
  fileprivate var conjunction: [ExpressionTerm]? {
    switch self {
    case .term(let term): return [term]
    case .all(let parts):
      var terms: [ExpressionTerm] = []
      for part in parts {
        guard let some = part.conjunction else { return nil }
        terms += some
      }
      return terms
    case .any, .opaque: return nil
    }
  }
}
