import Diagnostics
import Language
import PluginHost

/// Sites as they were found: read, or known by a file that has mistakes.
struct FoundSites {
  var readings: [String: SiteReading] = [:]
  /// Ids (stems of files) whose file has errors, with that file.
  var broken: [String: String] = [:]
  /// Whether a folder is missing, so that nothing can be said of a site that is not there.
  var isPartial = false

  var names: [String] { Set(readings.keys).union(broken.keys).sorted() }
}

struct WatchDraft {
  var site: Entry?
  var params: Entry?
  var every: Entry?
  var cron: [(Entry, CronLine)] = []
  var cronKey: Entry?
  var withinKey: Entry?
  var within: [CalendarWindow] = []
  var zone: TimeZoneRules?
  var jitter: Double?
  var priority = Timing.Priority.normal
  var notify: Entry?
}

extension KeyTable where Target == WatchDraft {
  static let watch = KeyTable(
    "watch",
    [
      Key("site", "The site's id.", .id, required: true) { entry, draft, _ in
        draft.site = entry
      },
      Key("params", "The site's parameters.", .map(names: "parameters", .text)) { entry, draft, _ in
        draft.params = entry
      },
      Key("every", "How often; the site's min_interval where not given.", .someDuration) { entry, draft, _ in
        draft.every = entry
      },
      Key("cron", "Times of the calendar, in place of 'every'.", .oneOrMany(.cron)) { entry, draft, context in
        draft.cron = Reading<(Entry, CronLine)>.cron.oneOrMany(entry, context) ?? []
        draft.cronKey = entry
      },
      Key(
        "within", "Runs only in these hours of the week.", Reading<CalendarWindow>.window.oneOrMany.shape
      ) { entry, draft, context in
        draft.within = Reading<CalendarWindow>.window.oneOrMany(entry, context) ?? []
        draft.withinKey = entry
      },
      Key("timezone", "Of 'cron' and 'within'; the site's where not given.", Reading<TimeZoneRules>.zone, into: \.zone),
      Key("jitter", "Up to this part of each wait is added by chance.", Reading<Double>.part, into: \.jitter),
      Key(
        "priority", "Who goes first when runs are late.", Reading<Timing.Priority>.choice, default: "normal",
        into: \.priority),
      Key("notify", "Who is told, where and how.", .list(.table("subscription"))) { entry, draft, _ in
        draft.notify = entry
      },
    ], rules: [.atMostOne(["every", "cron"])])
}

private let everyOfWatch = Reading<Duration>.duration(.seconds(1) ... .longestInSpec)

extension SpecContext {
  func watches(_ entry: Entry?, _ sites: FoundSites, _ channels: ChannelDirectory) -> [WatchRule] {
    guard let entry else { return [] }
    var rules: [WatchRule] = []
    // Where each was first: whole entries would hold the file in memory.
    var seen: [WatchIdentity: Int] = [:]
    let isList = forEach(of: entry) { element in
      guard let rule = watch(element, sites, channels) else { return }
      let identity = WatchIdentity(site: rule.site, params: rule.params)
      if let first = seen[identity] {
        self.error(
          .duplicateWatch, "this watch is here twice", at: element, help: "put both lists of 'notify' under one",
          notes: [Diagnostic.Note("the first is", at: self.source.location(first))])
        return
      }
      seen[identity] = element.node.start
      rules.append(rule)
    }
    guard isList else {
      let _: Void? = mismatch("a list of watches", entry)
      return []
    }
    return rules
  }

  private struct WatchIdentity: Hashable {
    var site: String
    var params: [String: String]
  }

  private func watch(_ entry: Entry, _ sites: FoundSites, _ channels: ChannelDirectory) -> WatchRule? {
    var draft = WatchDraft()
    guard KeyTable<WatchDraft>.watch.read(entry, into: &draft, self) != nil, let site = draft.site,
      let id = Reading<String>.text(site, self)
    else { return nil }
    let reading = sites.readings[id]
    if let file = sites.broken[id] {
      let consequence = reading == nil ? "this watch does not run" : "this watch runs by the version before"
      warning(.brokenSite, "\(consequence): \(file) has errors", at: site)
    } else if reading == nil, !sites.isPartial {
      error(
        .unknownSite, "there is no site \(quoted(id))", at: site,
        help: suggestion(for: id, among: sites.names, calling: "sites"))
    }
    let params = self.params(draft.params, reading, at: entry)
    let every = interval(draft, reading)
    let timing = Timing(
      cron: draft.cron.map(\.1), within: draft.within, zone: draft.zone ?? reading?.spec.zone ?? .utc,
      jitter: draft.jitter, priority: draft.priority)
    // Any instant does: what never comes in eight years from then never comes.
    if let (entry, _) = draft.cron.first, !timing.within.isEmpty, timing.nextTime(after: Instant(seconds: 0)) == nil {
      error(
        .neverRuns, "no time of 'cron' lies in 'within': this watch would never run", at: entry,
        help: "change 'cron' or 'within'",
        notes: draft.withinKey.map { [Diagnostic.Note("'within' is", at: location(of: $0))] } ?? [])
    }
    if let notify = draft.notify, notify.elements?.isEmpty == true {
      lint(
        .nobodyTold, "this watch tells nobody", at: notify,
        help: "- { channel: … }; leave 'notify' out where `slothunter subscriptions` says who is told")
    }
    let notify = subscriptions(draft.notify, reading, channels)
    guard let reading else { return nil }
    return WatchRule(
      site: id, params: params, every: every ?? reading.spec.limits.minInterval,
      timing: timing == Timing(zone: timing.zone) ? .plain : timing, notify: notify)
  }

  private func params(_ entry: Entry?, _ reading: SiteReading?, at watch: Entry) -> [String: String] {
    var params: [String: String] = [:]
    let parameters = reading?.spec.parameters
    let members = entry?.members
    if let entry, members == nil {
      let names = (parameters ?? ["name"]).map { "\($0): …" }.joined(separator: ", ")
      let _: Void? = mismatch("a mapping", entry, help: "params: { \(names) }")
      return [:]
    }
    // Few: looking at each is cheaper than a set of them.
    var given = members?.map(\.name) ?? []
    for member in members ?? [] {
      if let parameters, !parameters.contains(member.name) {
        error(
          .unknownParameter, "the site '\(reading?.spec.id ?? "")' has no parameter \(quoted(member.name))",
          at: member.atKey,
          help: suggestion(for: member.name, among: parameters, calling: "parameters"))
        if let meant = didYouMean(member.name, among: parameters.filter { !given.contains($0) }) { given.append(meant) }
        continue
      }
      if member.elements != nil {
        let _: Void? = mismatch("text", member, help: "write one watch for each")
        continue
      }
      guard let text = Reading<String>.text(member, self) else { continue }
      if isLinting { lintHiddenCharacters(text, at: member) }
      guard let value = LinkPattern.canonicalValue(text) else {
        error(
          .malformedValue, "\(quoted(text)) can't be a parameter", at: member,
          help: "write what stands in the link, without '/'")
        continue
      }
      params[member.name] = value
    }
    for name in parameters ?? [] where !given.contains(name) {
      error(
        .missingParameter, "the parameter '\(name)' of \(reading?.spec.id ?? "") is missing", at: entry?.atKey ?? watch,
        help: "params: { \(name): … }")
    }
    return params
  }

  private func interval(_ draft: WatchDraft, _ reading: SiteReading?) -> Duration? {
    guard draft.cron.isEmpty else { return distance(draft, reading) }
    guard let entry = draft.every,
      let every = everyOfWatch(entry, self)
    else { return nil }
    return isAllowed(every, entry, reading) { "'every: \(entry.node.scalar?.text ?? "")' is" } ? every : nil
  }

  /// The least between two times of `cron`.
  private func distance(_ draft: WatchDraft, _ reading: SiteReading?) -> Duration? {
    if let every = draft.every, let cron = draft.cronKey {
      refuseBoth(every, cron, "'every' and 'cron' can't both say when this runs")
    }
    var least: Duration?
    for (entry, line) in draft.cron {
      let distance = line.leastDistance
      let isAllowed = isAllowed(distance, entry, reading) {
        "'\(line.source)' runs each \(durationText(distance)), which is"
      }
      guard isAllowed else { continue }
      least = min(least ?? distance, distance)
    }
    return least
  }

  private func isAllowed(
    _ every: Duration, _ entry: Entry, _ reading: SiteReading?, subject: () -> String
  ) -> Bool {
    guard let reading, every < reading.spec.limits.minInterval else { return true }
    let minimum = durationText(reading.spec.limits.minInterval)
    error(
      .belowMinimum, "\(subject()) below the minimum of \(minimum) for \(reading.spec.id)", at: entry,
      help: "at least \(minimum)",
      notes: reading.minInterval.map { [Diagnostic.Note("the minimum is set", at: $0)] } ?? [])
    return false
  }
}
