import Diagnostics
import Language
import PluginHost

struct PagesDraft {
  var advance: PagesRule.Advance?
  /// What gave the advance, for the second one.
  var advanceKey: Entry?
  var until: SelectorList?
  var atMost = PagesRule.defaultAtMost

  mutating func take(_ entry: Entry, _ context: SpecContext) -> Bool {
    guard let first = advanceKey else {
      advanceKey = entry
      return true
    }
    context.refuseBoth(first, entry, help: "pages go by one name, or by 'next'")
    return false
  }
}

extension PagesRule {
  /// Pages of one step where a spec does not say: a forgotten end must not read a whole shop.
  static let defaultAtMost = 10
}

extension PagesRule.Advance {
  /// What the request is to name; nil where the next page's link is followed.
  var name: String? {
    switch self {
    case .date(let name, _, _), .number(let name, _, _): name
    case .link: nil
    }
  }
}

extension KeyTable where Target == PagesDraft {
  static let pages = KeyTable(
    "pages",
    [
      Key("next", "The link to the next page.", .oneOrMany(.selector)) { entry, draft, context in
        guard draft.take(entry, context), let list = Reading<SelectorList>.selector(entry, context) else { return }
        draft.advance = .link(list)
      },
      Key(
        "until", "The last value there is a page for, read from each page.", Reading<SelectorList>.selector,
        into: \.until),
      Key("at_most", "Pages of one run.", Reading<Int>.integer(1...1000), default: "10", into: \.atMost),
    ], rules: [.exactlyOneName(or: "next")], further: .named(.defined, .table("window")),
    others: { member, draft, context in
      guard member.members != nil else {
        let keys = ["next", "until", "at_most"]
        context.error(
          .unknownKey, "unknown key \(quoted(member.name))", at: member.atKey,
          help: suggestion(for: member.name, among: keys, calling: "keys here") + ", or a name with { from: …, by: … }",
          fix: surelyMeant(member.name, among: keys).flatMap { context.fix("write '\($0)'", member.atKey, $0) }
        )
        return
      }
      guard draft.take(member, context) else { return }
      draft.advance = context.windows(member)
    })
}

/// `{ from: …, by: … }`
struct WindowDraft {
  var from: Entry?
  var by: Entry?
}

extension KeyTable where Target == WindowDraft {
  static let window = KeyTable(
    "window",
    [
      Key(
        "from", "The first value: a number, or a template that gives a date.",
        .either([.integer(0...1_000_000_000), .template]), required: true
      ) {
        entry, draft, _ in draft.from = entry
      },
      Key(
        "by", "How far the next is: a number, or whole days such as 8d.",
        .either([.integer(1...1_000_000), .someDuration]),
        required: true
      ) {
        entry, draft, _ in draft.by = entry
      },
    ])
}

extension SpecContext {
  /// The first day is known before anything is read, so nothing but `now` can stand in it; and it has to be a day.
  private func checkFirstDay(_ template: Template, at entry: Entry) -> Template? {
    let help = "write {now | date}, or a day such as 2026-12-01"
    if let name = template.references.first(where: { $0.name != "now" }) {
      error(
        .badTemplate, "the first page's value knows nothing but {now}", at: entry, offset: name.offset, help: help)
      return nil
    }
    // Any instant does: what is a day at one is a day at all.
    let context = RenderContext(zone: .utc, now: Instant(seconds: 1_800_000_000))
    guard case .date? = try? TypeSpec(.date).convert(.text(template.text(in: Scope(), context)), context) else {
      error(.malformedValue, "'from': this gives no day", at: entry, help: help)
      return nil
    }
    return template
  }

  fileprivate func windows(_ member: Entry) -> PagesRule.Advance? {
    var draft = WindowDraft()
    KeyTable<WindowDraft>.window.read(member, into: &draft, self)
    guard let from = draft.from, let by = draft.by else {
      // What names it is right all the same.
      define(.unknown, .page(step: step), at: member)
      return nil
    }
    if case .integer? = by.node.scalar?.resolved(tag: by.node.tag) {
      define(.integer, .page(step: step), at: member)
      guard let first = Reading<Int>.integer(0...1_000_000_000)(from, self),
        let stride = Reading<Int>.integer(1...1_000_000)(by, self)
      else { return nil }
      return .number(name: member.name, from: first, by: stride)
    }
    // Read before the name is visible: the first value can't depend on itself.
    let first = Reading<Template>.template(from, self).flatMap { checkFirstDay($0, at: from) }
    define(.date, .page(step: step), at: member)
    guard let stride = Reading<Duration>.duration(.seconds(1) ... .longestInSpec)(by, self), let first else {
      return nil
    }
    guard stride.components.seconds % 86_400 == 0 else {
      return mismatch("whole days such as 8d", by, help: "write it in d, as in 1d; pages by the hour are not there")
    }
    return .date(name: member.name, from: first, by: stride)
  }
}
