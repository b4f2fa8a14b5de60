import Language
import PluginHost

/// What one answer of a step came to.
struct Answer {
  var verdict: Verdict
  /// One sentence for maintainers; nil where there is nothing to explain.
  var detail: String?
  /// Key path of the rule that decided; `default` for the engine's own.
  var rule: String
  var rows: [RowReader.Fields] = []
  /// What gave the rows: key path and selector of the alternative that matched.
  var selector: String?
  /// An earlier step that must be read again before this is believed.
  var reread: String?
  /// Read from a page, for `pages`.
  var until: Value = .null
  var nextLink: String?
  /// Where it came from after redirects.
  var url = ""

  /// A rule of the spec says that there is nothing, whatever the page holds.
  var isDeclaredEmpty: Bool { verdict == .empty && rule != "default" }

  init(_ verdict: Verdict, rule: String = "default", detail: String? = nil) {
    self.verdict = verdict
    self.rule = rule
    self.detail = detail
  }
}

/// Judges and reads the answer to one request of a step: outcomes in order, then the defaults, then the rows.
///
/// Synchronous, so that documents stay on one thread.
struct AnswerReader {
  var step: Step
  var isLast: Bool
  var catalog: PluginCatalog
  var context: RenderContext
  /// The row that asked.
  var scope: Scope

  func read(_ response: Response) -> Answer {
    var document = LazyDocument(response: response, step: step, catalog: catalog)
    do {
      for rule in step.outcomes where try applies(rule.condition, response, &document) {
        var answer = Answer(
          rule.verdict, rule: rule.keyPath, detail: rule.verdict.isGood ? nil : "outcome \(rule.keyPath) applies")
        answer.reread = rule.reread
        if rule.verdict == .items { return try extract(response, &document) }
        return answer
      }
      if let answer = Self.byStatus(response.status) { return answer }
      return try extract(response, &document)
    } catch let error as LayoutBreak {
      // What is missing on a page that was cut says nothing about its layout.
      if document.isSuspectedCut {
        return Answer(.unreadable, rule: error.keyPath, detail: "the page ends before it is complete: \(error.message)")
      }
      return Answer(.layoutBroken, rule: error.keyPath, detail: error.message)
    } catch let error as ExtractError {
      return Answer(error.verdict, rule: step.keyPath, detail: error.message)
    } catch {
      return Answer(.layoutBroken, rule: step.keyPath, detail: "\(error)")
    }
  }

  /// What a status means where no rule applied; nil for one whose body is to be read.
  static func byStatus(_ status: Int) -> Answer? {
    switch status {
    case 204: Answer(.layoutBroken, detail: "status 204 has no body")
    case 200..<300: nil
    case 408, 500...: Answer(.failed, detail: "status \(status)")
    case 429: Answer(.throttled, detail: "status 429")
    case 401, 403, 451: Answer(.blocked, detail: "status \(status)")
    case 304: Answer(.failed, detail: "status 304 to a request that asked for no condition")
    default: Answer(.layoutBroken, detail: "status \(status)")
    }
  }

  private func extract(_ response: Response, _ document: inout LazyDocument) throws -> Answer {
    let node = try document.get()
    var reader = RowReader(context: context, baseURL: response.url)
    if let anchor = step.anchor {
      let found = try anchor.select(from: node)
      if found.isEmpty {
        throw LayoutBreak(keyPath: step.keyPath + ".anchor", message: "anchor \(anchor.source) not found")
      }
      reader.selected = (anchor, found)
    }
    let shared = try reader.fields(step.fields, at: node)
    let inner = scope.adding(shared.map { ($0.name, $0.value) })
    var answer = Answer(.items)
    if step.rows.isEmpty {
      answer.rows = [shared]
    } else if let (rule, found) = try reader.rows(step.rows, at: node, scope: inner) {
      answer.rows = shared.isEmpty ? found : found.map { shared + $0 }
      answer.selector = "\(rule.keyPath): \(rule.source.text)"
    }
    if let pages = step.pages { try readPaging(pages, node, &answer) }
    if answer.rows.isEmpty {
      guard isLast || step.pages != nil else {
        throw LayoutBreak(
          keyPath: step.keyPath + ".rows", message: "no row found, and no outcome says that this is empty")
      }
      answer.verdict = .empty
    }
    return answer
  }

  /// A JSON page names its `until`, be it null: where that is missing, further pages would be left out without a word.
  /// Markup has no such null: a short list often shows no paging at all.
  private func readPaging(_ pages: PagesRule, _ node: DocumentNode, _ answer: inout Answer) throws {
    if let until = pages.until {
      let found = try until.select(from: node).first
      if found == nil, node.isJSON {
        throw LayoutBreak(keyPath: step.keyPath + ".pages.until", message: "last page \(until.source) not found")
      }
      answer.until = found?.value ?? .null
    }
    if case .link(let selectors) = pages.advance { answer.nextLink = try selectors.select(from: node).first?.text }
  }

  private func applies(
    _ condition: OutcomeCondition, _ response: Response, _ document: inout LazyDocument
  ) throws -> Bool {
    if let statuses = condition.statuses, !statuses.contains(where: { $0.contains(response.status) }) { return false }
    if condition.anchorMissing, try !anchorIsMissing(&document) { return false }
    if let text = condition.text, try text.select(from: .text(document.text)).isEmpty { return false }
    guard let selector = condition.selector else { return true }
    guard let node = document.optional else { return condition.test.holds(for: nil) }
    let found = try selector.select(from: node).first
    return condition.test.holds(for: found)
  }

  private func anchorIsMissing(_ document: inout LazyDocument) throws -> Bool {
    guard let anchor = step.anchor else { return false }
    guard let node = document.optional else { return true }
    return try anchor.select(from: node).isEmpty
  }
}

extension OutcomeCondition.Test {
  /// On no match `equals` and `in` are false and `not` is true.
  func holds(for match: DocumentNode?) -> Bool {
    let value = match?.value ?? .null
    switch self {
    case .matches: return match != nil && !value.isNull
    case .equals(let other): return match != nil && value.isSame(as: other)
    case .in(let others): return match != nil && others.contains { value.isSame(as: $0) }
    case .not(let other): return match == nil || !value.isSame(as: other)
    case .pattern(let pattern):
      return match != nil && !value.isNull && ((try? pattern.select(from: .text(value.plainText)))?.isEmpty == false)
    }
  }
}

extension Value {
  /// Equal however the site wrote it: `32` and `"32"` are the same.
  func isSame(as other: Value) -> Bool { self == other || (!isNull && !other.isNull && keyText == other.keyText) }
}

extension ExtractError {
  /// A page cut on its way says nothing about the layout; anything else that can't be read does.
  var verdict: Verdict { reason == .truncated ? .unreadable : .layoutBroken }
}
