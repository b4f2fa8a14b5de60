import Language
import PluginHost

/// A channel's answer as the selectors of `outcomes` see it.
struct Answer {
  var status: Int
  var retryAfterHeader: String?
  var text: String
  private var json: JSON?
  private var readers: [any DocumentReader]
  private var body: [UInt8]
  private var contentType: String?

  init(_ response: Response, readers: [any DocumentReader]) {
    status = response.status
    retryAfterHeader = response.header("Retry-After")
    body = response.body
    contentType = response.header("Content-Type")
    text = String(decoding: response.body, as: UTF8.self)
    json = try? JSON(parsing: response.body)
    self.readers = readers
  }

  /// Every match of the first alternative that has any; none in a body of another kind.
  func nodes(_ list: SelectorList) -> [DocumentNode] {
    for selector in list.alternatives {
      guard let document = document(for: selector.kind), let found = try? selector.select(from: document) else {
        continue
      }
      if !found.isEmpty { return found }
    }
    return []
  }

  func values(_ list: SelectorList) -> [Value] { nodes(list).map(\.value) }

  /// The first match as text, nil when missing, null or empty.
  func text(_ list: SelectorList?) -> String? {
    guard let list, let first = nodes(list).first else { return nil }
    return first.text.isEmpty ? nil : first.text
  }

  private func document(for kind: String) -> DocumentNode? {
    switch kind {
    case "json": return json.map(DocumentNode.json)
    case "xpath", "css":
      let reader = readers.first { type(of: $0).kind == .html }
      return try? reader?.read(body, contentType: contentType)
    default: return .text(text)
    }
  }

  /// The provider's own words: the member that APIs put them in, else the body.
  var words: String {
    guard case .object(let members)? = json else { return text }
    for name in ["description", "message", "error_description", "error", "detail"] {
      if case .string(let words)? = members[name] { return words }
    }
    return text
  }
}

extension OutcomeCondition {
  /// Whether all that is asked for holds. On no match `equals` and `in` are false, and `not` is true.
  func holds(for answer: Answer) -> Bool {
    if let statuses, !statuses.contains(where: { $0.contains(answer.status) }) { return false }
    if let text, !patternMatches(text, answer.text) { return false }
    guard let selector else { return !anchorMissing }
    let first = answer.nodes(selector).first
    return test.holds(for: first)
  }
}

private func patternMatches(_ pattern: any CompiledSelector, _ text: String) -> Bool {
  // PCRE2 patterns see at most 64 KiB, the declared input limit.
  let input = String(decoding: text.utf8.prefix(65_536), as: UTF8.self)
  return (try? pattern.select(from: .text(input)))?.isEmpty == false
}

extension OutcomeCondition.Test {
  fileprivate func holds(for node: DocumentNode?) -> Bool {
    let value = node?.value
    switch self {
    case .matches: return value.map { !$0.isNull } ?? false
    case .equals(let wanted): return value.map { sameAnswer($0, wanted) } ?? false
    case .in(let wanted): return value.map { found in wanted.contains { sameAnswer(found, $0) } } ?? false
    case .not(let wanted): return value.map { !sameAnswer($0, wanted) } ?? true
    case .pattern(let pattern): return node.map { patternMatches(pattern, $0.text) } ?? false
    }
  }
}

/// Equal as answers go: 1 and "1" are the same status, null is only null.
func sameAnswer(_ a: Value, _ b: Value) -> Bool {
  if a.isNull || b.isNull { return a.isNull && b.isNull }
  return a == b || a.keyText == b.keyText
}
