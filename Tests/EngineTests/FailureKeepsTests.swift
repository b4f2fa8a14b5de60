import Language
import PluginHost
import Storage
import TestSupport
import Testing

/// I5: a failed fetch or extraction never changes the stored value.
struct FailureKeepsTests {
  /// One way of failing for each verdict that is not good, and several where several lead to it.
  enum Failure: CaseIterable {
    case unavailable, timeout, tooMany, forbidden, legal, challenge, notWhole, gone, missing, noAnchor, cut, noKey
    case notJSON, nothing, tooFew, redirectLoop, noContent

    var verdict: Verdict {
      switch self {
      case .unavailable, .timeout: .failed
      case .tooMany: .throttled
      case .forbidden, .legal, .challenge: .blocked
      case .notWhole, .cut: .unreadable
      case .gone: .gone
      case .tooFew: .suspicious
      case .missing, .noAnchor, .noKey, .notJSON, .nothing, .redirectLoop, .noContent: .layoutBroken
      }
    }

    func show(on site: DeskSite, _ path: String) {
      switch self {
      case .unavailable: site.set(path, "", status: 503)
      case .timeout: site.set(path, "", status: 408)
      case .tooMany: site.set(path, "", status: 429)
      case .forbidden: site.set(path, #"{"rows": []}"#, status: 403)
      case .legal: site.set(path, "", status: 451)
      case .challenge: site.set(path, "<html><title>Just a moment…</title></html>")
      case .notWhole: site.set(path, #"{"rows": [{"id": 9}], "whole": false}"#)
      case .gone: site.set(path, "", status: 410)
      case .missing: site.set(path, "", status: 404)
      case .noAnchor: site.set(path, #"{"lines": [{"id": 9}]}"#)
      case .cut: site.set(path, #"{"rows": [{"id": 1}, {"i"#)
      case .noKey: site.set(path, #"{"rows": [{"id": 9}, {"nr": 1}]}"#)
      case .notJSON: site.set(path, "<html>maintenance</html>")
      case .nothing: site.set(path, "")
      case .tooFew: site.set(path, #"{"rows": [\#((0..<60).map { "{\"id\": \($0)}" }.joined(separator: ","))]}"#)
      case .redirectLoop: site.set(path, "", status: 302, headers: [.init("Location", path)])
      case .noContent: site.set(path, "", status: 204)
      }
    }
  }

  private static let yaml =
    """
    site: desk
    title: Desk
    timezone: Asia/Tehran
    steps:
      - step: lists
        get: https://desk.example/lists
        anchor: $.lists
        outcomes:
          - blocked: { text: "(?i)just a moment" }
          - gone: { status: 410 }
          - unreadable: { json: $.whole, equals: false }
        rows: { each: "$.lists[*]", fields: { list: $ } }
      - step: items
        get: https://desk.example/list/{list}
        anchor: $.rows
        outcomes:
          - blocked: { text: "(?i)just a moment" }
          - gone: { status: 410 }
          - unreadable: { json: $.whole, equals: false }
        rows: { each: "$.rows[*]", fields: { id: $.id, price: $.price } }
    items: { key: [list, id], track: [price], reopen_after: 5m, expect: { count: 0..50 } }
    """ + Desk.alert

  /// What people could be told from: the snapshot, and what each branch knows of its last good reading.
  private struct Value: Equatable {
    var items: [ItemRecord]
    var branches: [String]
    var keyFields: [String]?
    var greeted: Set<String>
    var lastGoodAt: Instant?

    init(_ state: WatchState, of names: (BranchName) -> Bool = { _ in true }) {
      items = state.items.filter { names($0.item.branch) }
      branches = state.branches.filter { names($0.name) && $0.lastGoodAt != nil }.map { branch in
        "\(branch.name.text) \(branch.lastGoodAt?.milliseconds ?? 0) \(branch.rowsHash ?? "-") \(branch.isNews) "
          + "\(branch.keyRules ?? "-") \(branch.ignoredDrops) \(branch.noise.map { "\($0)" } ?? "-")"
      }
      keyFields = state.keyFields
      greeted = state.greeted
      lastGoodAt = state.lastGoodAt
    }
  }

  @Test func `every verdict that is not good is among the failures`() {
    #expect(Set(Failure.allCases.map(\.verdict)) == Set(Verdict.allCases.filter { !$0.isGood }))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a failed fetch or extraction never changes the stored value`(seed: UInt64) async throws {
    let random = RandomSource.seeded(seed)
    func pick(_ count: Int) -> Int { Int(random.bits() % UInt64(count)) }
    let folder = try TemporaryFolder()
    var desk = try Desk(Self.yaml, store: try Store(path: folder.path + "/s.db"))
    var failures = 0
    for step in 0..<120 {
      // What the site really has, and then what it answers.
      desk.site.set("/lists", #"{"lists": ["a", "b"]}"#)
      for list in ["a", "b"] {
        let rows = (0..<pick(9)).map { "{\"id\": \($0 + pick(3) * 10), \"price\": \(pick(2))}" }
        desk.site.set("/list/\(list)", "{\"rows\": [\(rows.joined(separator: ","))]}")
      }
      let before = try await desk.store.state(of: desk.watch.id)
      let failure = Failure.allCases[pick(Failure.allCases.count)]
      switch pick(4) {
      case 0:
        _ = try await desk.run()
        continue
      case 1:
        // One branch fails: its part stays, the other's may move.
        failure.show(on: desk.site, "/list/a")
        let run = try await desk.run()
        #expect(run.verdict("list=a") == failure.verdict, "seed \(seed), step \(step)")
        let isA = { (name: BranchName) in name.text == "list=a" }
        let (old, new) = (Value(before, of: isA), Value(try await desk.store.state(of: desk.watch.id), of: isA))
        #expect(old.items == new.items, "seed \(seed), step \(step), \(failure)")
        #expect(old.branches == new.branches, "seed \(seed), step \(step), \(failure)")
        #expect(run.changes.allSatisfy { $0.item.branch.text != "list=a" })
      default:
        // Everything fails, at the root or in each branch.
        if failure == .tooFew || pick(2) == 0 {
          for list in ["a", "b"] { failure.show(on: desk.site, "/list/\(list)") }
        } else {
          failure.show(on: desk.site, "/lists")
        }
        let run = try await desk.run()
        #expect(!run.verdict.isGood && run.changes.isEmpty && run.toPeople.isEmpty, "seed \(seed), step \(step)")
        let after = try await desk.store.state(of: desk.watch.id)
        #expect(Value(before) == Value(after), "seed \(seed), step \(step), \(failure)")
      }
      failures += 1
    }
    #expect(failures > 60)
  }
}
