import Language
import PluginHost
import Storage
import TestSupport
import Testing

/// What `status` says of canaries and of drift.
struct StatusMaintenanceTests {
  @Test func `a broken canary and a field that became empty are shown, and the canary is not well`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/s.db"
    let at = Instant(seconds: 1_791_264_900)
    do {
      let store = try Store(path: path)
      try await store.save(
        CanaryRecord(
          canary: "desk/a", site: "desk", specVersion: "v1", lastRunAt: at, verdict: .items, items: 2,
          problem: "'price > 0' is not true of item 2",
          since: at), telling: [])
      let stats = try JSON(
        parsing:
          #"{"samples":12,"rows_per_sample":8.5,"layouts":["main > li"],"fields":{"price":{"seen":40,"there":40,"lacking":9,"told":true}}}"#
      )
      try await store.save(
        DriftRecord(site: "desk", step: "list", specVersion: "v1", stats: stats, updatedAt: at), telling: [])
    }
    let text = try await slothunter("status", "--store", path)
    #expect(text.out.contains("desk/a broken: 'price > 0' is not true of item 2"), "\(text)")
    #expect(text.out.contains("desk, step list: the field 'price' has become empty"), "\(text)")
    let json = try await slothunter("status", "--store", path, "--json")
    guard case .object(let object) = try JSON(parsing: json.out) else { throw SpawnProblem(description: "\(json)") }
    #expect(object["well"] == .bool(false))
    for part in [#""canary":"desk/a""#, #""well":false"#, #""layout":"main > li""#, #""rows_per_sample":8.5"#] {
      #expect(json.out.contains(part), "\(part): \(json.out)")
    }
  }
}
