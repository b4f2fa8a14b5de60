import Language

/// One thing in which a replayed sample is not what its file expects.
struct SampleDifference: Sendable, Hashable {
  enum Kind: String, Sendable { case verdict, branch, field, missing, unexpected, order, exchange, file }

  var kind: Kind
  /// The item by its key and first text, the branch, or the request.
  var subject: String
  var field: String?
  var expected: JSON?
  var found: JSON?
  /// The rule that gives the field: key path and selector.
  var selector: String?
  var detail: String?

  init(
    _ kind: Kind, _ subject: String, field: String? = nil, expected: JSON? = nil, found: JSON? = nil,
    selector: String? = nil, detail: String? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.field = field
    self.expected = expected
    self.found = found
    self.selector = selector
    self.detail = detail
  }

  /// A headline, and below it old, new and where it comes from.
  var lines: [String] {
    var lines = [headline]
    if expected != nil || found != nil {
      lines.append("  - \(expected?.text ?? "nothing")")
      lines.append("  + \(found?.text ?? "nothing")")
    }
    if let selector {
      lines.append("  " + (kind == .missing ? "its key's \(field ?? "field") is " : "") + "read by \(selector)")
    }
    if let detail { lines.append("  \(detail)") }
    return lines
  }

  private var headline: String {
    switch kind {
    case .verdict: "verdict"
    case .branch: "branch \(subject.isEmpty ? "(whole site)" : subject)"
    case .field: "item \(subject): \(field ?? "")"
    case .missing: "item \(subject) is missing"
    case .unexpected: "item \(subject) was not expected"
    case .order: "items come in another order"
    case .exchange: "no answer for \(subject)"
    case .file: subject
    }
  }

  var json: JSON {
    var object = JSONObject([("kind", .string(kind.rawValue)), ("subject", .string(subject))])
    if let field { object["field"] = .string(field) }
    if let expected { object["expected"] = expected }
    if let found { object["found"] = found }
    if let selector { object["selector"] = .string(selector) }
    if let detail { object["detail"] = .string(detail) }
    return .object(object)
  }
}
