import Language
import PluginHost
import Storage
import Testing

@testable import CLI

struct StatusNotesTests {
  @Test func `what is stretched, missing or not believed is said below the table, and else nothing`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let now = Instant(seconds: 1_791_232_200)
    func run(_ watch: String, interval: Duration, drops: Int, state: ItemRecord.State) async throws {
      try await store.upsertWatch(
        WatchRecord(
          id: watch, site: "desk", params: ["name": watch], every: .seconds(60), origin: .config, addedAt: now))
      var run = RunCommit(
        watch: watch, site: "desk", specVersion: "1", startedAt: now, endedAt: now, verdict: .items, keyFields: ["id"])
      run.interval = interval
      run.branches = [
        BranchRecord(
          name: .root, lastGoodAt: now, rowsHash: "h", verdict: .items, verdictSince: now, goneInARow: 0, isNews: false,
          ignoredDrops: drops)
      ]
      let item = Item(key: "1", branch: .root, fields: [])
      run.items = [ItemRecord(item: item, state: state, since: now, firstSeen: now, lastSeen: now, lives: 1)]
      try await store.commit(run)
    }
    try await run("desk/quiet", interval: .seconds(60), drops: 0, state: .open)
    try await run("desk/busy", interval: .seconds(90), drops: 2, state: .leaving)
    let watches = try await store.status().watches
    #expect(
      watches.flatMap { StatusNotes.lines(of: $0) } == [
        "  desk/busy: runs every 90 s: the limits can't meet 60 s",
        "  desk/busy: 1 of its items are missing, and not believed to be gone yet",
        "  desk/busy: 2 readings that lacked more than half were not confirmed, and ignored",
      ])
    let busy = JSONObject(watches.filter { $0.id == "desk/busy" }.flatMap { StatusNotes.members(of: $0) })
    #expect(
      JSON.object(busy).text == #"{"every_ms":60000,"interval_ms":90000,"leaving_items":1,"ignored_drops":2}"#)
  }
}
