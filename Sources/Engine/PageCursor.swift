import Fetchers
import Language
import PluginHost

/// Where a step with `pages` stands; a step without has one page.
struct PageCursor {
  private let rule: PagesRule?
  private let context: RenderContext
  private var value: Value = .null
  private var link: String?
  private var count = 0
  private(set) var hasPage = true

  init(step: Step, context: RenderContext) {
    rule = step.pages
    self.context = context
    switch rule?.advance {
    case .date(_, let from, _): value = Self.date(from, context)
    case .number(_, let from, _): value = .integer(Int64(from))
    case .link, nil: break
    }
  }

  /// The page names with this page's values.
  var members: [(String, Value)] {
    switch rule?.advance {
    case .date(let name, _, _), .number(let name, _, _): [(name, value)]
    case .link, nil: []
    }
  }

  /// The request for this page: the one the templates give, or the link that the page before named.
  func apply(to request: Request) -> Request {
    guard let link else { return request }
    var request = request
    request.url = link
    return request
  }

  /// Moves to the next page, or ends: past `until`, after `at_most`, after a page without rows where nothing else ends.
  mutating func advance(after answer: Answer, from url: String) {
    count += 1
    hasPage = false
    guard let rule, count < rule.atMost else { return }
    switch rule.advance {
    case .date(_, _, let by):
      guard case .date(let day) = value else { return }
      value = .date(day.adding(days: Int(by.inMilliseconds / 86_400_000)))
    case .number(_, _, let by):
      guard case .integer(let number) = value else { return }
      value = .integer(number + Int64(by))
    case .link:
      link = answer.nextLink.flatMap { resolve($0, against: url) }
      // A page can name another page, never another host.
      hasPage = link.map { origin(of: $0) == origin(of: url) } ?? false
      return
    }
    hasPage = rule.until == nil ? !answer.rows.isEmpty : isWithin(answer.until)
  }

  private func isWithin(_ until: Value) -> Bool {
    switch value {
    case .date(let day):
      guard case .date(let last)? = try? TypeSpec(.date).convert(until, context) else { return false }
      return day <= last
    case .integer(let number):
      guard case .integer(let last)? = try? TypeSpec(.integer).convert(until, context) else { return false }
      return number <= last
    default: return false
    }
  }

  private static func date(_ template: Template, _ context: RenderContext) -> Value {
    (try? TypeSpec(.date).convert(.text(template.text(in: Scope(), context)), context)) ?? .null
  }
}
