import Storage
import TestSupport
import Testing

/// A service goes on by what it said before a mistake was saved; who asks it meanwhile is answered.
struct StatusWithoutConfigurationTests {
  @Test(arguments: [
    "watches: [ { site: desk, params: { list: a }, every: 10x } ]", "chanels: {}", "watches: [ { site: nowhere } ]",
  ])
  func `a mistake elsewhere in the file keeps nobody from its store`(_ mistake: String) async throws {
    let folder = try TemporaryFolder()
    for name in ["sites/none", "notifiers/none", "kept/none"] { try folder.write("", to: name) }
    try folder.write(
      "sites: [sites]\nnotifiers: [notifiers]\nstore: kept/s.db\n\(mistake)\n", to: "slothunter.yaml")
    let config = folder.path + "/slothunter.yaml"
    _ = try Store(path: folder.path + "/kept/s.db")
    #expect(try await slothunter("check", "--config", config).status == 2)
    for command in [["status"], ["outbox", "list"]] {
      let told = try await slothunter(command + ["--config", config])
      #expect(!told.err.contains("where the store is"), "\(told)")
      #expect(told.status == 0, "\(told)")
    }
  }

  @Test func `where the file does not say it, what helps is said`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("sites: [sites\nstore: kept/s.db\n", to: "slothunter.yaml")
    let config = folder.path + "/slothunter.yaml"
    let told = try await slothunter("status", "--config", config)
    #expect(told.status == 2)
    #expect(told.err.contains("does not say where the store is") && told.err.contains("--store"), "\(told)")
  }
}
