import Glibc
import Storage

/// T3 of RELIABILITY.md: SIGTERM amid many slow sends, a second one, and SIGHUP.
struct StopTrial {
  /// Deliveries of one alert.
  var sends: Int
  /// How long the channel takes for each.
  var delay: Duration
  /// Without the trial that waits for the whole drain.
  var isShort = false

  /// 15 s of draining (``Engine/Service``), and time to end.
  private static let limit = Duration.seconds(20)
  private static let longest = Duration.seconds(600)

  func run() async throws -> Bool {
    say("stop: SIGTERM amid \(sends) sends of \(delay.text)")
    var faults: [String] = []
    // Enough channels for all to be under way at once: eight a channel.
    let wide = (sends + 7) / 8
    faults += try await trial("all under way", channels: wide, delay: delay, ends: true)
    faults += try await trial("one channel, most waiting", channels: 1, delay: delay, ends: true)
    if !isShort {
      faults += try await trial("sends that never end", channels: wide, delay: StopTrial.longest, ends: false)
    }
    faults += try await trial("a second SIGTERM", channels: wide, delay: StopTrial.longest, ends: false, twice: true)
    for fault in faults { say("  VIOLATION " + fault) }
    say(faults.isEmpty ? "stop: everything held" : "stop: FAILED")
    return faults.isEmpty
  }

  /// - Parameters:
  ///   - ends: Whether the sends under way end before the drain does.
  ///   - twice: SIGTERM comes twice.
  private func trial(
    _ name: String, channels: Int, delay: Duration, ends: Bool, twice: Bool = false
  ) async throws -> [String] {
    let hall = try SlowHall()
    defer { hall.stop() }
    let home = try Home(
      configuration: SlowHall.configuration(chats: sends, channels: channels), specs: [0: Sites.spec(0)],
      origins: hall.origins)
    var faults: [String] = []
    let service = try home.start()
    try await require("two readings", home) { hall.with { $0.reads >= 2 } }
    hall.with { state in
      state.delay = delay
      state.isOpen = true
    }
    let underWay = min(sends, channels * 8)
    try await require("\(underWay) sends under way", home) { hall.messages >= underWay }
    service.signal(SIGHUP)
    try? await Task.sleep(for: .milliseconds(500))
    if let end = service.ended { faults.append("\(name): SIGHUP ended it with \(end)") }

    let asked = ContinuousClock.now
    service.signal(SIGTERM)
    if twice {
      try? await Task.sleep(for: .milliseconds(300))
      let again = ContinuousClock.now
      service.signal(SIGTERM)
      let end = await service.end(within: .seconds(10))
      let took = ContinuousClock.now - again
      if end != .exited(130) || took >= .seconds(1) {
        faults.append("\(name): \(end?.description ?? "-") after \(took.text)")
      }
      say("  \(name): exit after \(took.text)")
    } else {
      let end = await service.end(within: .seconds(40))
      let took = ContinuousClock.now - asked
      if end != .exited(0) || took > StopTrial.limit {
        faults.append("\(name): \(end?.description ?? "-") after \(took.text)")
      }
      say("  \(name): exit after \(took.text)")
    }
    _ = service.killNow()
    faults += try await judge(name, hall, home, ended: ends ? hall.messages : 0, isClean: !twice)
    return faults
  }

  /// Nothing is lost: what was recorded is delivered, the rest is kept and goes out at the next start.
  private func judge(_ name: String, _ hall: SlowHall, _ home: Home, ended: Int, isClean: Bool) async throws -> [String]
  {
    var faults: [String] = []
    let cut = hall.messages - ended
    let (delivered, kept) = try await counts(home)
    if delivered + kept != sends { faults.append("\(name): \(delivered) delivered and \(kept) kept of \(sends)") }
    if isClean, delivered != ended { faults.append("\(name): \(delivered) recorded of \(ended) that had ended") }
    hall.with { $0.delay = .zero }
    let next = try home.start()
    let isHeard = await wait(atMost: .seconds(90)) {
      guard hall.with({ $0.accepted.count }) == sends else { return false }
      return hall.messages >= sends + cut || next.age > .seconds(10)
    }
    if !isHeard { faults.append("\(name): only \(hall.with { $0.accepted.count }) of \(sends) were told in the end") }
    try? await Task.sleep(for: .seconds(1))
    next.signal(SIGTERM)
    if await next.end(within: StopTrial.limit) != .exited(0) { faults.append("\(name): the next start did not stop") }
    let check = await StoreCheck.look(at: home.store)
    if !check.findings.isEmpty { faults.append("\(name): integrity_check: \(check.findings)") }
    let duplicates = hall.messages - sends
    if duplicates > cut { faults.append("\(name): \(duplicates) told twice, \(cut) were cut") }
    let (all, open) = try await counts(home)
    if all != sends || open != 0 { faults.append("\(name): \(all) delivered in the end, \(open) open") }
    say("    recorded \(delivered), kept \(kept); told in the end \(sends), twice \(duplicates) of \(cut) cut off")
    return faults
  }

  private func counts(_ home: Home) async throws -> (delivered: Int, open: Int) {
    let store = try Store(path: home.store, mode: .readOnly)
    let all = try await store.deliveries(DeliveryFilter(limit: 100_000))
    return (all.count { $0.state == .delivered }, all.count { $0.state == .pending || $0.state == .leased })
  }

  private func require(_ what: String, _ home: Home, _ condition: @Sendable () async -> Bool) async throws {
    guard await wait(atMost: .seconds(60), until: condition) else {
      Folder.keep()
      throw HarnessFailure(description: "never: \(what); the log is \(home.log)")
    }
  }
}
