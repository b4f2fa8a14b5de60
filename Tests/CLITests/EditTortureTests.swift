import Glibc
import Language
import LoopbackServer
import TestSupport
import Testing

/// Acceptance 4 of issue 5: random edits of the spec folder of a running service under load.
///
/// 100 edits by default; `make torture-edits` makes 1,000 and judges the times too. A seed is printed with every failure.
struct EditTortureTests {
  private static func number(_ name: String, _ usual: Int) -> Int {
    getenv(name).flatMap { Int(String(cString: $0)) } ?? usual
  }

  @Test(.timeLimit(.minutes(60)))
  func `random edits under load: each run is of one version, no run is missed, nothing crashes or leaks`() async throws
  {
    let edits = Self.number("EDITS", 100)
    let seed = UInt64(Self.number("SEED", 1404))
    let world = try HallWorld()
    let home = try HallHome(world)
    let service = try home.launch()
    defer { service.end() }
    try await service.logged(" run watch=", "verdict=items", times: HallHome.watches)
    let pid = try #require(service.lines("info running").first?.split(separator: "=").last.flatMap { pid_t($0) })
    var script = EditScript(seed: seed)
    for site in HallHome.sites { home.note(home.valid(script.marker(), of: site)) }

    var before: ProcessState?
    for edit in 0..<edits {
      try await script.edit(home)
      // Warm by then: pools, caches and the first reloads are done.
      if edit == min(edits / 4, 100) { before = try ProcessState(pid) }
    }
    // The last version of each is valid, and runs in the end.
    var last: [String: String] = [:]
    for site in HallHome.sites {
      let text = home.valid(script.marker(), of: site)
      try EditorHabit.renameOver.save(text, to: home.file(of: site))
      home.note(text)
      last[site] = fingerprint(text)
    }
    for (site, version) in last { try await service.logged("spec taken up", "site=\(site)", "version=\(version)") }
    try await service.runs(HallHome.watches * 3)
    let after = try ProcessState(pid)
    let start = try #require(before)
    let rounds = service.lines("reloaded").count
    #expect(after.descriptors <= start.descriptors + 12, "seed \(seed): \(start) \(after)")
    #expect(after.threads <= start.threads + 4, "seed \(seed): \(start) \(after)")
    // An edit costs some 10 KB of it if anything stays; what allocators keep does not grow with the edits.
    #expect(after.residentKiB <= start.residentKiB + 48 << 10, "seed \(seed): \(start) \(after)")
    service.signal(SIGTERM)
    #expect(try await service.exit() == 0, "seed \(seed): \(service.log.suffix(4000))")
    #expect(service.lines("fatal").isEmpty && service.lines("run could not be stored").isEmpty, "seed \(seed)")

    let told = try HallRecord(home)
    #expect(told.problems.isEmpty, "seed \(seed): \(told.problems.prefix(10).joined(separator: "\n"))")
    #expect(told.changes > 0 && rounds > 0)
    for (site, version) in last { #expect(told.versionsRun[site]?.contains(version) == true, "seed \(seed): \(site)") }
    // As the line of a machine under load, not as the rule.
    #expect(told.unanswered.count * 100 <= told.runs, "seed \(seed): \(told.unanswered)")
    let gaps = world.longestGaps
    #expect(gaps.count == HallHome.watches)
    if edits >= 1000 {
      // A run that a reload swallows leaves two intervals.
      for (watch, gap) in gaps { #expect(gap < HallHome.every * 2, "seed \(seed): \(watch) waited \(gap)") }
    }
    print(
      "edits: \(edits), seed \(seed): \(rounds) reloads, \(told.runs) runs, \(told.changes) changes, versions run "
        + "\(told.versionsRun.values.reduce(0) { $0 + $1.count }), longest gap \(gaps.values.max() ?? .zero), "
        + "\(start) -> \(after), unanswered \(told.unanswered)")
  }
}
