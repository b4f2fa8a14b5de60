import Language
import PluginHost
import Testing

@testable import Storage

struct IncidentTests {
  let broken = IncidentMember(incident: "layout_broken|site", branch: .root)
  let north = BranchName([.init(field: "id", value: "1")])

  private func breaks(_ watch: String, seconds: Int64 = 0, branch: BranchName = .root) -> RunCommit {
    run(watch: watch, verdict: .layoutBroken, seconds: seconds) {
      $0.joinedIncidents = [IncidentMember(incident: broken.incident, branch: branch)]
      $0.openingDeliveries = [broken.incident: [alert("open-\(watch)-\(seconds)", to: "ops", kind: .maintainer)]]
    }
  }

  private func heals(_ watch: String, seconds: Int64 = 100, branch: BranchName = .root) -> RunCommit {
    run(watch: watch, seconds: seconds) {
      $0.leftIncidents = [IncidentMember(incident: broken.incident, branch: branch)]
      $0.closingDeliveries = [broken.incident: [alert("close-\(watch)-\(seconds)", to: "ops", kind: .maintainer)]]
    }
  }

  @Test func `a break of a hundred watches is told once, and once when the last has healed`() async throws {
    let store = try memoryStore()
    for watch in 0..<100 { try await store.commit(breaks("w\(watch)")) }
    #expect(try await store.states().keys.sorted() == ["open-w0-0"])
    #expect(try await store.status().incidents.map(\.watches.count) == [100])
    for watch in 0..<99 { #expect(try await store.commit(heals("w\(watch)")).closedIncidents.isEmpty) }
    #expect(try await store.commit(heals("w99")).closedIncidents == [broken.incident])
    #expect(try await store.states().keys.sorted() == ["close-w99-100", "open-w0-0"])
    #expect(try await store.status().incidents.isEmpty)
  }

  @Test func `a break that stays says nothing more, and after healing the next is told again`() async throws {
    let store = try memoryStore()
    for minute in 0..<10 { try await store.commit(breaks("w1", seconds: Int64(minute))) }
    try await store.commit(heals("w1"))
    try await store.commit(heals("w1", seconds: 101))
    try await store.commit(breaks("w1", seconds: 200))
    #expect(try await store.states().keys.sorted() == ["close-w1-100", "open-w1-0", "open-w1-200"])
  }

  @Test func `an incident is over when each branch of a watch has healed`() async throws {
    let store = try memoryStore()
    try await store.commit(breaks("w1"))
    try await store.commit(breaks("w1", branch: north))
    #expect(try await store.commit(heals("w1")).closedIncidents.isEmpty)
    #expect(try await store.commit(heals("w1", seconds: 101, branch: north)).closedIncidents == [broken.incident])
  }

  @Test func `a branch that ends while broken leaves its incidents`() async throws {
    let store = try memoryStore()
    try await store.commit(breaks("w1", branch: north))
    let result = try await store.commit(run(seconds: 9) { $0.endedBranches = [north] })
    #expect(result.closedIncidents == [broken.incident])
    #expect(try await store.state(of: "w1").openIncidents.isEmpty)
  }

  @Test func `an incident that passes from one branch to another stays the same`() async throws {
    let store = try memoryStore()
    try await store.commit(breaks("w1"))
    var commit = breaks("w1", seconds: 9, branch: north)
    commit.leftIncidents = [broken]
    let result = try await store.commit(commit)
    #expect(result.openedIncidents.isEmpty && result.closedIncidents.isEmpty)
  }

  @Test func `a watch that is removed leaves its incidents and takes back what it had to say`() async throws {
    let store = try memoryStore()
    let watch = WatchRecord(
      id: "w1", site: "site", params: ["slug": "x"], every: .seconds(60), origin: .command, addedAt: at(0))
    try await store.upsertWatch(watch)
    try await store.commit(breaks("w1"))
    try await store.commit(run(seconds: 1, deliveries: [alert("d1")]))
    try await store.removeWatch("w1", now: at(2))
    #expect(try await store.status().incidents.isEmpty)
    #expect(try await store.states() == ["d1": .cancelled, "open-w1-0": .pending])
    #expect(try await store.watches().isEmpty)
    try await store.upsertWatch(watch)
    #expect(try await store.watches() == [watch])
  }
}
