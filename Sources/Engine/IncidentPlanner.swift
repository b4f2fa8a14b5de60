import Language
import PluginHost
import Storage

/// What maintainers are told: once when something breaks, once when it heals. Pure.
struct IncidentPlanner {
  /// `gone` counts from the third run in a row (DESIGN.md 4.1).
  static let goneAfter = 3
  /// A site that could not be read for so long is worth a word, whatever the reason.
  static let patience = Duration.seconds(3600)

  var watch: Watch
  var state: WatchState
  var result: RunResult
  var now: Instant
  var outlets: Outlets
  var random: RandomSource
  var evidence: [BranchName: BreakEvidence] = [:]

  private var spec: SiteSpec { watch.spec }

  func plan(_ commit: inout RunCommit) {
    for record in commit.branches {
      guard let incident = incident(record) else { continue }
      let member = IncidentMember(incident: incident, branch: record.name)
      guard !state.openIncidents.contains(member) else { continue }
      commit.joinedIncidents.append(member)
      if commit.openingDeliveries[incident] == nil {
        let found = result.branches.first { $0.name == record.name }
        commit.openingDeliveries[incident] = deliveries { opening(record, found, language: $0) }
      }
    }
    let bad = commit.branches.filter { !$0.verdict.isGood }.map(\.name)
    for member in state.openIncidents where !bad.contains(where: { $0.contains(member.branch) }) {
      commit.leftIncidents.append(member)
      if commit.closingDeliveries[member.incident] == nil {
        commit.closingDeliveries[member.incident] = deliveries { closing(member, language: $0) }
      }
    }
  }

  private func incident(_ record: BranchRecord) -> String? {
    switch record.verdict {
    case .suspicious where result.branches.contains { $0.name == record.name && $0.isStillShown }:
      IncidentPlanner.emptied(spec)
    case .layoutBroken, .suspicious, .blocked: "\(record.verdict.rawValue)|\(spec.id)"
    case .gone where record.goneInARow >= IncidentPlanner.goneAfter: "gone|\(watch.id)"
    // Told once, for all sites: ``Trouble/offline``.
    case .failed where isOffline(record): nil
    case .unreadable, .failed, .throttled:
      now - record.verdictSince >= IncidentPlanner.patience ? "unread|\(spec.id)" : nil
    default: nil
    }
  }

  /// Branches that read as empty and are not believed: ``ReadingReview``.
  static func emptied(_ spec: SiteSpec) -> String { "emptied|\(spec.id)" }

  private func isOffline(_ record: BranchRecord) -> Bool {
    result.branches.first { $0.name == record.name }?.trace.last?.failure == .offline
  }

  private func deliveries(_ message: (String) -> Message) -> [NewDelivery] {
    outlets.forMaintainers(at: now, random, message)
  }

  private func opening(_ record: BranchRecord, _ found: BranchResult?, language: String) -> Message {
    let isPersian = language == "fa"
    // A Persian line begins with a Persian word: what reads it takes its direction from there.
    let title =
      isPersian ? "سایت \(spec.id): \(record.verdict.wordsInPersian)" : "\(spec.id): \(record.verdict.words)"
    func line(_ english: String, _ persian: String, _ text: String) -> String {
      "\(isPersian ? persian : english): \(text)"
    }
    var lines = [line("watch", "پایش", watch.id)]
    if record.name != .root { lines.append(line("branch", "شاخه", record.name.text)) }
    if let found {
      lines.append(line("where", "محل", "\(spec.file), \(found.rule)"))
      if let detail = found.detail { lines.append(line("why", "دلیل", detail)) }
      if let request = found.trace.last {
        let status = request.status.map { " → \($0)" } ?? ""
        lines.append(line("request", "درخواست", "\(request.method) \(request.url)\(status)"))
      }
    }
    lines += evidenceLines(record, line)
    lines.append(
      isPersian
        ? "به کاربران چیزی فرستاده نشد؛ آخرین وضعیت خوانده‌شده نگه داشته می‌شود."
        : "users hear nothing of this; the last good snapshot is kept")
    if IncidentPlanner.isSaved(record.verdict) { lines += commandLines(line) }
    return message(title, lines, language)
  }

  private func evidenceLines(_ record: BranchRecord, _ line: (String, String, String) -> String) -> [String] {
    guard let found = evidence[record.name] else { return [] }
    var lines: [String] = []
    if let field = found.field { lines.append(line("field", "فیلد", field)) }
    if let selector = found.selector { lines.append(line("selector", "گزینشگر", selector)) }
    if let lastGood = found.lastGood { lines.append(line("last good", "آخرین خوانش درست", lastGood)) }
    if let current = found.current { lines.append(line("now", "اکنون", current)) }
    return lines
  }

  /// Whether the run's answers are of use to whoever mends the spec.
  private static func isSaved(_ verdict: Verdict) -> Bool {
    verdict == .layoutBroken || verdict == .suspicious || verdict == .blocked
  }

  private func commandLines(_ line: (String, String, String) -> String) -> [String] {
    let folder = "samples/\(spec.id)/\(SampleNames.broken(at: now, in: spec.zone))"
    return [
      line(
        "make a sample of its answers", "از پاسخ‌هایش نمونه بسازید",
        "slothunter record --from-break \(ShellWord.quoted(watch.id))"),
      line(
        "then mend the spec and try it", "سپس تعریف را اصلاح و امتحان کنید",
        "slothunter try \(spec.id) --from \(folder)"),
    ]
  }

  private func closing(_ member: IncidentMember, language: String) -> Message {
    let what = member.incident.prefix { $0 != "|" }
    let title = language == "fa" ? "سایت \(spec.id): دوباره خوانده می‌شود" : "\(spec.id): reads again"
    return message(title, ["\(what): \(watch.id)"], language)
  }

  private func message(_ title: String, _ lines: [String], _ language: String) -> Message {
    Message(
      kind: .maintainer, site: spec.id, watch: watch.id, language: language, title: title,
      lines: lines.map { Message.Line(text: $0) }, at: now)
  }
}

extension Verdict {
  /// For people who maintain specs.
  var words: String {
    switch self {
    case .layoutBroken: "the page no longer fits the spec (layout_broken)"
    case .suspicious: "the answer is not believable (suspicious)"
    case .blocked: "the site refuses us (blocked)"
    case .gone: "what is watched is gone"
    case .unreadable, .failed, .throttled: "could not be read for an hour (\(rawValue))"
    default: rawValue
    }
  }

  fileprivate var wordsInPersian: String {
    switch self {
    case .layoutBroken: "صفحه دیگر با تعریف سایت جور نیست (layout_broken)"
    case .suspicious: "پاسخ باورکردنی نیست (suspicious)"
    case .blocked: "سایت ما را نمی‌پذیرد (blocked)"
    case .gone: "آنچه پایش می‌شد دیگر نیست (gone)"
    case .unreadable, .failed, .throttled: "یک ساعت است که خوانده نمی‌شود (\(rawValue))"
    default: rawValue
    }
  }
}

/// Incidents of a site, by their keys.
public enum SiteTroubles {
  /// Those that a site has while its spec does not read it any more.
  public static func breaks(of site: String) -> Set<String> {
    Set(["layout_broken", "suspicious", "emptied", "unread"].map { "\($0)|\(site)" })
  }
}
