import Diagnostics
import Language
import PluginHost

/// A site as it is read, key by key in the table's order.
struct SiteDraft {
  var id: String?
  var title: String?
  var zone: TimeZoneRules?
  var links: [LinkPattern] = []
  var limits = Limits()
  var never: [(Entry, Glob)] = []
  var minInterval: Entry?
  var request = RequestDefaults()
  var steps: [Step] = []
  var items: ItemRules?
  var alert: AlertRules?
  /// Where `items.track` stands.
  var track: Entry?
  var canaries: [Canary] = []
  /// What every watch supplies.
  var parameters: [String] = []
}

extension KeyTable where Target == SiteDraft {
  static let site = KeyTable(
    "site",
    [
      Key("site", "The site's id: the file's name without .yaml.", Reading<String>.id, required: true, into: \.id),
      Key("title", "The site's name for people.", Reading<String>.text, required: true, into: \.title),
      Key(
        "timezone", "Where the site's times are.", Reading<TimeZoneRules>.zone, required: true, into: \.zone),
      Key(
        "links", "Pasted links that become a watch.", Reading<LinkPattern>.linkPattern.list(), into: \.links),
      Key("limits", "What keeps the site from being hammered.", .table("limits")) { entry, draft, context in
        context.limits(entry, &draft)
      },
      Key("request", "Defaults for every step.", .table("request")) { entry, draft, context in
        KeyTable<RequestDefaults>.request.read(entry, into: &draft.request, context)
      },
      Key(
        "steps", "Requests and what is read from their answers, each once per row of the one before.",
        .list(.table("step"), atLeast: 1), required: true
      ) {
        entry, draft, context in
        context.steps(entry, &draft)
      },
      Key("items", "Which rows are items.", .table("items"), required: true) { entry, draft, context in
        draft.items = context.items(entry)
        draft.track = entry.members?.first { $0.name == "track" }
      },
      Key("alert", "What people are told.", .table("alert"), required: true) { entry, draft, context in
        draft.alert = context.alert(entry)
      },
      Key(
        "canary", "Examples whose facts always hold, run for the maintainers.",
        .either([.table("canary"), .list(.table("canary"))])
      ) { entry, draft, context in
        draft.canaries = context.canaries(entry, draft)
      },
    ])
}

struct LimitsDraft {
  var rate: RateLimit?
  var burst: Int?
  var gap: Duration?
  var concurrency: Int?
  var robots: RobotsChoice?
  var minInterval: Duration?
  var never: [(Entry, Glob)] = []
}

/// What is done with the origins' robots.txt.
enum RobotsChoice: String, CaseIterable { case obey, ignore }

extension KeyTable where Target == LimitsDraft {
  static let limits = KeyTable(
    "limits",
    [
      Key("rate", "Requests per time on an origin, evenly spread.", Reading<RateLimit>.rate, into: \.rate),
      Key(
        "burst", "Requests that may come at once after a quiet time, within 'rate'.", Reading<Int>.integer(1...1000),
        default: "1", into: \.burst),
      Key(
        "gap", "Least time between two requests on an origin.", Reading<Duration>.duration(.zero ... .seconds(3600)),
        into: \.gap),
      Key(
        "robots", "obey: what the origins' robots.txt disallows is not requested.", Reading<RobotsChoice>.choice,
        default: "ignore", into: \.robots),
      Key(
        "concurrency", "Requests at the same time on an origin.", Reading<Int>.integer(1...64), into: \.concurrency),
      Key(
        "min_interval", "The shortest 'every' of a watch.",
        Reading<Duration>.duration(.seconds(1) ... .longestInSpec), default: "60s", into: \.minInterval),
      Key("never", "Paths that are never requested.", .list(.glob), default: "[]") {
        entry, draft, context in
        draft.never = Reading<(Entry, Glob)>.glob.list()(entry, context) ?? []
      },
    ], rules: [.needs("burst", oneOf: ["rate"])])
}

extension Shape {
  static let glob = Shape.form(name: "glob", example: "'**/book'", pattern: notEmpty)
}

extension Reading where Value == (Entry, Glob) {
  static let glob = Reading(.glob) { entry, context in
    guard let text = Reading<String>.text(entry, context) else { return nil }
    context.lintHiddenCharacters(text, at: entry)
    do throws(SyntaxError) { return (entry, try Glob(text)) } catch {
      context.report(error, .badGlob, at: entry)
      return nil
    }
  }
}

extension Reading where Value == LinkPattern {
  static let linkPattern = Reading(.url) { entry, context in
    guard let text = Reading<String>.text(entry, context) else { return nil }
    context.lintHiddenCharacters(text, at: entry)
    do throws(SyntaxError) { return try LinkPattern(text) } catch {
      context.report(error, .badLink, at: entry)
      return nil
    }
  }
}

extension SpecContext {
  fileprivate func limits(_ entry: Entry, _ draft: inout SiteDraft) {
    var limits = LimitsDraft()
    let given = KeyTable<LimitsDraft>.limits.read(entry, into: &limits, self)
    if let burst = given?["burst"], given?["rate"] == nil {
      error(.lonelyKey, "'burst' needs a 'rate'", at: burst.atKey, help: "rate: 1/s")
    } else if let burst = given?["burst"], let rate = limits.rate, let count = limits.burst, count > rate.count {
      error(
        .outOfRange, "a burst of \(count) is above the rate of \(rate.count)", at: burst, help: "at most \(rate.count)",
        notes: given?["rate"].map { [Diagnostic.Note("the rate is", at: location(of: $0))] } ?? [])
    }
    let spread = limits.rate.map { $0.per / $0.count }
    draft.limits = Limits(
      gap: [spread, limits.gap].compactMap { $0 }.max(), rate: limits.rate, burst: limits.burst ?? 1,
      pause: limits.gap, concurrency: limits.concurrency, obeysRobots: limits.robots == .obey,
      minInterval: limits.minInterval ?? Limits().minInterval, never: limits.never.map(\.1))
    draft.never = limits.never
    draft.minInterval = given?["min_interval"]
  }

  fileprivate func steps(_ entry: Entry, _ draft: inout SiteDraft) {
    guard let elements = entry.elements, !elements.isEmpty else {
      let _: Void? = mismatch("a list with at least one step", entry)
      return
    }
    stepNames = names(ofSteps: elements)
    laterNames = fieldNames(ofSteps: elements)
    for (index, element) in elements.enumerated() {
      step = index
      if let step = readStep(element, defaults: draft.request, never: draft.never) {
        draft.steps.append(step)
      }
    }
  }

  /// Every field with the first step that reads it.
  private func fieldNames(ofSteps elements: [Entry]) -> [String: String] {
    var found: [String: String] = [:]
    func visit(_ entry: Entry, _ step: String) {
      for part in entry.elements ?? [entry] {
        for member in part.members ?? [] {
          if member.name == "fields" {
            for field in member.members ?? [] where found[field.name] == nil { found[field.name] = step }
          }
          if member.name == "rows" { visit(member, step) }
        }
      }
    }
    for element in elements {
      visit(element, element.members?.first { $0.name == "step" }?.node.scalar?.text ?? "?")
    }
    return found
  }

  private func names(ofSteps elements: [Entry]) -> [(name: String, location: SpecLocation)] {
    var found: [(name: String, location: SpecLocation)] = []
    for element in elements {
      guard let member = element.members?.first(where: { $0.name == "step" }) else { continue }
      let name = member.node.scalar?.text ?? ""
      if let first = found.first(where: { $0.name == name }) {
        error(
          .duplicateName, "two steps are named \(quoted(name))", at: member, help: "give one of them another name",
          notes: [Diagnostic.Note("the first is", at: first.location)])
      }
      found.append((name, location(of: member)))
    }
    return found
  }

  fileprivate func items(_ entry: Entry) -> ItemRules? {
    var draft = ItemsDraft()
    guard let given = KeyTable<ItemsDraft>.items.read(entry, into: &draft, self) else { return nil }
    for name in ["key", "track"] {
      guard let list = given[name]?.elements else { continue }
      refuseRepeats(in: list)
    }
    if given["expect"] == nil {
      warning(
        .noExpect, "items have no 'expect'", at: entry.atKey,
        help: "expect: { count: 0..500 } catches a page that yields absurdly many or few")
    }
    return ItemRules(
      key: draft.key, track: draft.track, keep: draft.keep, drop: draft.drop, expect: draft.expect,
      reopenAfter: draft.reopenAfter, settle: draft.settle)
  }

  private func refuseRepeats(in list: [Entry]) {
    var seen: [String: Entry] = [:]
    for element in list {
      guard let text = element.node.scalar?.text else { continue }
      if let first = seen[text] {
        error(
          .duplicateEntry, "\(quoted(text)) is here twice", at: element, help: "remove one of them",
          notes: [Diagnostic.Note("the first is", at: location(of: first))])
      }
      seen[text] = element
    }
  }

  fileprivate func alert(_ entry: Entry) -> AlertRules? {
    var draft = AlertDraft()
    guard let given = KeyTable<AlertDraft>.alert.read(entry, into: &draft, self) else { return nil }
    if let until = given["until"], let name = draft.until, let type = names[name]?.type, !Self.ends.contains(type) {
      error(
        .unfitOption, "the field \(quoted(name)) is \(type.rawValue), an alert ends at an instant", at: until,
        help: endsHelp)
    }
    guard let title = draft.title, let line = draft.line else { return nil }
    let start = names["start"].map { Self.ends.contains($0.type) } == true && names.fields.contains("start")
    return AlertRules(
      on: Set(draft.on), title: LocalizedTemplate(title), line: LocalizedTemplate(line), link: draft.link,
      usefulFor: draft.usefulFor, until: draft.until ?? (start ? "start" : nil))
  }

  private var endsHelp: String {
    let fields = names.fields.filter { name in names[name].map { [.instant, .date].contains($0.type) } ?? false }
    return fields.isEmpty ? "read the field 'as: instant'" : "fields that are: \(fields.joined(separator: ", "))"
  }

  /// Types of what an alert can end at; of a field without `as:` it is seen when it is read.
  private static let ends: Set<ValueType> = [.instant, .date, .unknown]
}
