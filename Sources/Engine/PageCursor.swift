import Fetchers
import Language
import PluginHost

/// Where a step with `pages` stands; a step without has one page.
struct PageCursor {
  private let rule: PagesRule?
  private let keyPath: String
  private let context: RenderContext
  private var value: Value = .null
  private var link: String?
  /// The newest `until` that a page gave.
  private var until: Value = .null
  private var count = 0
  private(set) var hasPage = true

  init(step: Step, context: RenderContext) {
    rule = step.pages
    keyPath = step.keyPath + ".pages"
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
  ///
  /// A page that is declared empty has no `until` of its own: that of the page before holds.
  ///
  /// - Throws: ``LayoutBreak`` where the page's `until` or link can't be followed: ending there would take away what the
  ///   further pages hold.
  mutating func advance(after answer: Answer, from url: String) throws {
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
    case .link: return try follow(answer, from: url)
    }
    if !answer.isDeclaredEmpty { until = answer.until }
    hasPage = try rule.until == nil ? !answer.rows.isEmpty : isWithin(until)
  }

  /// A page can name another page, never another host. One that names itself (`#`) is the last.
  private mutating func follow(_ answer: Answer, from url: String) throws {
    let here = answer.url.isEmpty ? url : answer.url
    link = answer.nextLink.flatMap { resolve($0, against: here) }
    guard let link, link != here, link != url else { return }
    guard [url, here].contains(where: { origin(of: $0) == origin(of: link) }) else {
      throw LayoutBreak(keyPath: keyPath + ".next", message: "the next page is on another host")
    }
    hasPage = true
  }

  private func isWithin(_ until: Value) throws -> Bool {
    if until.isNull { return false }
    switch value {
    case .date(let day):
      guard case .date(let last)? = try? TypeSpec(.date).convert(until, context) else { throw mistyped("date") }
      return day <= last
    case .integer(let number):
      guard case .integer(let last)? = try? TypeSpec(.integer).convert(until, context) else {
        throw mistyped("integer")
      }
      return number <= last
    default: return false
    }
  }

  private func mistyped(_ type: String) -> LayoutBreak {
    LayoutBreak(keyPath: keyPath + ".until", message: "'until' is no \(type)")
  }

  private static func date(_ template: Template, _ context: RenderContext) -> Value {
    (try? TypeSpec(.date).convert(.text(template.text(in: Scope(), context)), context)) ?? .null
  }
}
