import Glibc

/// Everything that is counted, and what of it must not be.
struct Judge: Sendable {
  /// First fetch after a start (RELIABILITY.md T1).
  static let firstFetchLimit = Duration.seconds(2)

  var kills = 0
  var checks = 0
  var firstFetches: [Duration] = []
  /// Sends under way, over all kills and at the worst.
  var inFlight = 0
  var mostInFlight = 0
  /// How often each piece of news was under way when the process died.
  var allowed: [News: Int] = [:]
  var settled: Set<News> = []
  /// Given up by `when_unsure`.
  var unsure: Set<News> = []
  var ended: [String: Int] = [:]
  var violations: [String] = [] {
    didSet { for fault in violations.dropFirst(oldValue.count) { say("  VIOLATION " + fault) } }
  }

  mutating func note(_ child: Child, firstRead: Duration?, startedAt: Duration) {
    if let firstRead {
      firstFetches.append(firstRead - startedAt)
    } else if child.age > Judge.firstFetchLimit {
      firstFetches.append(child.age)
    }
  }

  mutating func note(_ check: StoreCheck, after what: String) {
    checks += 1
    if !check.findings.isEmpty { violations.append("\(what): integrity_check: \(check.findings.prefix(3))") }
    inFlight += check.inFlight.count
    mostInFlight = max(mostInFlight, check.inFlight.count)
    for news in check.inFlight.joined() { allowed[news, default: 0] += 1 }
    settled.formUnion(check.settled)
    unsure.formUnion(check.unsure)
    ended = check.ended
  }

  /// The last word, when everything has had its time.
  ///
  /// - Parameter judgesTime: Whether a late first fetch is a violation: figures of a loaded machine are only told.
  mutating func close(_ world: World, judgesTime: Bool) {
    let lost = self.lost(world)
    let state = world.state.withLock { $0 }
    let unheard = lost.filter { settled.contains($0) }
    for news in lost.prefix(10) {
      violations.append(
        "lost: \(news.opening.token) \(news.kind) for \(news.listener.channel) \(news.listener.address)"
          + (settled.contains(news) ? " (ended in the outbox)" : ""))
    }
    if lost.count > 10 { violations.append("and \(lost.count - 10) more lost, \(unheard.count) ended in the outbox") }
    for (news, count) in state.heard where count > 1 + (allowed[news] ?? 0) {
      violations.append(
        "\(news.opening.token) \(news.kind) heard \(count) times by \(news.listener.channel) \(news.listener.address), "
          + "under way at \(allowed[news] ?? 0) kills")
    }
    if state.duplicates > inFlight {
      violations.append("\(state.duplicates) duplicates, \(inFlight) sends were under way at kills")
    }
    violations += state.falseAlerts.prefix(10).map { "false alert: \($0)" }
    violations += state.maintainerMessages.prefix(10).map { "maintainers heard: \($0)" }
    if judgesTime, let worst = firstFetches.max(), worst >= Judge.firstFetchLimit {
      violations.append("first fetch after \(worst.text), limit \(Judge.firstFetchLimit.text)")
    }
  }

  /// What nobody will hear any more, and was not given up as the notifier's file declares.
  private func lost(_ world: World) -> [News] {
    world.missing(settled: []).filter { !isDeclared($0) }
  }

  /// `when_unsure: resend_once` (Sms.ir has no idempotency key) gives up what was under way at two deaths.
  private func isDeclared(_ news: News) -> Bool { unsure.contains(news) && (allowed[news] ?? 0) >= 2 }

  /// Times mean little on a machine that does other things.
  private static var load: String {
    var loads = [0.0, 0.0, 0.0]
    guard getloadavg(&loads, 3) == 3 else { return "-" }
    return loads.map { Duration.seconds($0).text.dropLast(2) }.joined(separator: ", ")
      + " on \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors"
  }

  func table(_ world: World, seed: UInt64, took: Duration) -> String {
    let state = world.state.withLock { $0 }
    let lost = self.lost(world)
    let givenUp = world.missing(settled: []).count - lost.count
    let sorted = firstFetches.sorted()
    func quantile(_ part: Double) -> String {
      sorted.isEmpty ? "-" : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))].text
    }
    let endings = ended.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    let rows = [
      ("seed", "\(seed)"), ("took", took.text), ("kills", "\(kills)"),
      ("integrity_check ok", "\(checks - violations.count { $0.contains("integrity_check") }) of \(checks)"),
      (
        "openings",
        "\(state.lives.keys.count { $0.turn > 0 }), of them \(state.lives.values.count { $0.isBlink }) blinks"
      ),
      ("news expected / lost", "\(world.expected) / \(lost.count)"),
      ("given up unheard by when_unsure", "\(givenUp)"),
      ("messages accepted", "\(state.messages)"),
      ("duplicates / sends in flight at kills", "\(state.duplicates) / \(inFlight) (at most \(mostInFlight) at one)"),
      ("false alerts", "\(state.falseAlerts.count)"),
      ("ended undelivered in the outbox", endings.isEmpty ? "none" : endings),
      (
        "start to first fetch",
        "median \(quantile(0.5)), p99 \(quantile(0.99)), max \(quantile(1)) of \(sorted.count) starts"
      ),
      ("load average", Judge.load),
      ("page reads", "\(state.reads.reduce(0, +))"),
    ]
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "  \($0)\(String(repeating: " ", count: width - $0.count))  \($1)" }.joined(separator: "\n")
  }
}
