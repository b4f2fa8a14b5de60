import Language
import PluginHost
import Testing

@testable import Storage

struct CommitTests {
  let north = BranchName([.init(field: "center_id", value: "5=5&3%2"), .init(field: "service_id", value: "")])

  @Test func `a watch that never ran has an empty state`() async throws {
    let state = try await memoryStore().state(of: "w1")
    #expect(state.items.isEmpty && state.branches.isEmpty && state.lastRunAt == nil && state.keyFields == nil)
  }

  @Test func `everything a run stores is what the next run reads`() async throws {
    let store = try memoryStore()
    let branch = BranchRecord(
      name: north, lastGoodAt: at(1), rowsHash: "h", verdict: .items, verdictSince: at(0), goneInARow: 2, isNews: true)
    let page = PageRecord(
      request: "GET /", validators: Validators(etag: "\"e\"", lastModified: "Sat"), contentType: "text/html",
      body: [0, 1, 255], fetchedAt: at(0))
    let empty = PageRecord(request: "GET /e", validators: Validators(), contentType: nil, body: [], fetchedAt: at(0))
    let rows = StepRowsRecord(
      request: "services", specVersion: "v1", fetchedAt: at(0), rows: .array([.object(JSONObject([("a", .null)]))]))
    try await store.commit(
      run(items: [life("a\u{1F}0", branch: north), life("b", .passed)]) {
        $0.branches = [branch]
        $0.pages = [page, empty]
        $0.stepRows = [rows]
        $0.greeted = ["telegram|1"]
        $0.joinedIncidents = [IncidentMember(incident: "x|site", branch: north)]
      })
    let state = try await store.state(of: "w1")
    #expect(state.branches == [branch])
    // What is open was last seen when its branch was.
    var open = life("a\u{1F}0", branch: north)
    open.lastSeen = at(1)
    #expect(state.items == [open, life("b", .passed)])
    #expect(state.pages == [page, empty])
    #expect(state.stepRows == [rows])
    #expect(state.greeted == ["telegram|1"])
    #expect(state.openIncidents == [IncidentMember(incident: "x|site", branch: north)])
    #expect(state.lastRunAt == at(0))
    #expect(state.lastGoodAt == at(0))
    #expect(state.keyFields == ["start"])
    #expect(try await store.state(of: "w2").items.isEmpty)
  }

  @Test func `every type of value comes back as it was`() async throws {
    let store = try memoryStore()
    let fields: [Item.Field] = [
      .init("text", .text("a\u{0}\"\\\u{1F}\n😀 ي")), .init("integer", .integer(.min)), .init("boolean", .boolean(true)),
      .init("decimal", .decimal(DecimalNumber(units: -12345, scale: 3))), .init("instant", .instant(at(0))),
      .init("date", .date(CivilDate(year: 1999, month: 2, day: 28))),
      .init("time", .time(CivilTime(hour: 23, minute: 59))),
      .init("duration", .duration(.milliseconds(1500))), .init("url", .url("https://example.org/")),
      .init("money", .money(DecimalNumber(units: 5), unit: .toman)), .init("list", .list([.integer(1), .null])),
      .init("json", .json(.array([.object(JSONObject([("b", .bool(false)), ("a", .string("ب"))]))]))),
      .init("null", .null),
    ]
    var record = life("a")
    record.item.fields = fields
    try await store.commit(run(items: [record]))
    #expect(try await store.state(of: "w1").items == [record])
  }

  @Test func `a failed run keeps the snapshot and its key`() async throws {
    let store = try memoryStore()
    try await store.commit(run(items: [life("a")]))
    try await store.commit(run(verdict: .failed, seconds: 60) { $0.keyFields = ["other"] })
    let state = try await store.state(of: "w1")
    #expect(state.items == [life("a")])
    #expect(state.keyFields == ["start"])
    #expect(state.lastRunAt == at(60))
    #expect(state.lastGoodAt == at(0))
  }

  @Test func `a new baseline forgets what the old key knew`() async throws {
    let store = try memoryStore()
    try await store.commit(run(items: [life("a"), life("b")]))
    try await store.commit(
      run(seconds: 60, items: [life("c")]) {
        $0.newBaseline = true
        $0.keyFields = ["id"]
      })
    let state = try await store.state(of: "w1")
    #expect(state.items.map(\.item.key) == ["c"])
    #expect(state.keyFields == ["id"])
  }

  @Test func `a commit that fails at its last row has stored nothing`() async throws {
    let store = try memoryStore()
    try await store.execute(
      "CREATE TEMP TRIGGER broken BEFORE INSERT ON watch_states BEGIN SELECT raise(ABORT, 'no'); END")
    let commit = run(items: [life("a")], deliveries: [alert("d1", keys: ["a"])]) {
      $0.changes = [Change(.added, item("a"))]
      $0.joinedIncidents = [IncidentMember(incident: "x", branch: .root)]
    }
    await #expect(throws: StoreError.self) { try await store.commit(commit) }
    for table in ["runs", "run_branches", "items", "changes", "deliveries", "messages", "incidents", "sequences"] {
      #expect(try await store.number("SELECT count(*) FROM \(table)") == 0, "\(table)")
    }
    try await store.execute("DROP TRIGGER broken")
    try await store.commit(commit)
    #expect(try await store.lease().map(\.id) == ["d1"])
  }

  @Test func `a commit made twice gives each delivery once`() async throws {
    let store = try memoryStore()
    let commit = run(deliveries: [alert("d1"), alert("d2", to: "r2")])
    #expect(try await store.commit(commit).channels == ["telegram"])
    #expect(try await store.commit(commit).channels.isEmpty)
    #expect(try await store.states().count == 2)
  }

  @Test func `quiet runs of one kind are one row that counts them, with the last trace`() async throws {
    let store = try memoryStore()
    try await store.commit(run(deliveries: [alert("d1")]))
    for minute in 1...5 { try await store.commit(run(seconds: Int64(minute) * 60)) }
    try await store.commit(run(verdict: .failed, seconds: 400))
    try await store.commit(run(seconds: 460))
    #expect(
      try await store.texts("SELECT verdict || repeats FROM runs ORDER BY id") == [
        "items1", "items5", "failed1", "items1",
      ])
    #expect(try await store.number("SELECT count(*) FROM run_branches") == 4)
    #expect(try await store.status().watches.first?.verdictSince == at(460))
  }

  @Test func `several runs in one commit are stored in order`() async throws {
    let store = try memoryStore()
    let results = try await store.commit([
      .full(run(items: [life("a")])), .full(run(watch: "w2")),
      .full(run(seconds: 60, items: [life("a", .gone, since: 60)])),
    ])
    #expect(results == [CommitResult(), CommitResult(), CommitResult()])
    #expect(try await store.state(of: "w1").items.map(\.state) == [.gone])
    #expect(try await store.lastRuns() == ["w1": at(60), "w2": at(0)])
  }

  @Test(arguments: ["", "a", "a=b&c%=%25", "=", "نوبت"])
  func `branch names are read back from their text`(_ value: String) {
    let name = BranchName([.init(field: "x", value: value), .init(field: "y", value: "1")])
    #expect(BranchName(text: name.text) == name)
    #expect(BranchName(text: "") == .root)
  }
}
