import Language
import PluginHost
import Testing

@testable import Storage

/// What depends on how long ago something happened to an item.
struct ItemAgeTests {
  @Test func `an item that drop keeps out is remembered for as long as the site lists it`() async throws {
    let store = try memoryStore()
    let days: Int64 = 5 * 86_400
    var listed = life("listed", .passed)
    listed.lastSeen = at(days)
    try await store.commit(run(seconds: days, items: [listed, life("long ago", .passed)]))
    try await store.prune(now: at(days + 60))
    // Forgotten, it would be told as new when `drop` is no longer true of it.
    #expect(try await store.state(of: "w1").items.map(\.item.key) == ["listed"])
  }

  @Test(arguments: [3600, -3600, 86_400] as [Int64])
  func `waits of items go on where the clock was set`(_ step: Int64) async throws {
    let store = try memoryStore()
    let waiting: [ItemRecord.State] = [.arriving, .leaving, .gone]
    try await store.commit(run(seconds: 100, items: waiting.map { life("\($0)", $0, since: 100) }))
    try await store.clockWasSet(by: .seconds(step))
    let items = try await store.state(of: "w1").items
    #expect(items.count == 3)
    for record in items { #expect(record.since == at(100 + step), "\(record.state)") }
  }

  @Test(arguments: [3600, -3600] as [Int64])
  func `what a newcomer is owed is still older than their greeting where the clock was set`(_ step: Int64) async throws
  {
    let store = try memoryStore()
    let branch = BranchName([.init(field: "list", value: "b")])
    let delivery = alert("d1", keys: ["told"], changes: [0])
    let commit = run(
      seconds: 60, items: [life("told", branch: branch, since: 10), life("untold", branch: branch, since: 20)],
      deliveries: [delivery]
    ) {
      $0.changes = [Change(.added, item("told", branch: branch))]
      $0.greeted = ["telegram|r2"]
      $0.owed = [OwedGreeting(subscription: "telegram|r2", branch: branch, since: at(60))]
    }
    try await store.commit(commit)
    try await store.clockWasSet(by: .seconds(step))
    let state = try await store.state(of: "w1")
    let since = try #require(state.owed.first?.since)
    #expect(state.items.count == 2)
    for record in state.items { #expect(record.lastSeen < since && since - record.lastSeen <= .seconds(50)) }
    #expect(since == at(60 + step))
  }
}
