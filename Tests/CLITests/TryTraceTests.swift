import Glibc
import Language
import LoopbackServer
import TestSupport
import Testing

@testable import CLI

/// `try --trace`, `--diff` and `--watch`, from outside.
struct TryTraceTests {
  private static let sample = "samples/paziresh24/with-slots"

  @Test func `a trace names each request, its outcomes, each selector's matches and each field's stages`() async throws
  {
    let result = try await slothunter("try", "paziresh24", "--from", Self.sample, "--trace", "--json")
    #expect(result.status == 0, "\(result)")
    let last = try JSON(parsing: try #require(result.lines.last))
    #expect(last.texts("$.trace[*].step").first == "services")
    #expect(last.texts("$.trace[*]").count == last.texts("$.requests[?@.status].step").count)
    let services = "$.trace[?@.step == 'services']"
    #expect(last.text(services + ".selectors[?@.path == 'steps[0].document'].matches") == "1")
    #expect(last.text(services + ".selectors[?@.path == 'steps[0].anchor'].matches") == "1")
    #expect(last.text(services + ".fields[?@.name == 'doctor'].filled") == "1")
    #expect(last.texts(services + ".outcomes[*].applies").allSatisfy { $0 == "false" })
    // Numeric text of a key becomes an instant, and both are shown.
    let start = "$.trace[?@.step == 'days'].rows[?@.path == 'steps[1].rows[0]'].fields[?@.name == 'start'].stages"
    #expect(last.texts(start + "[0].name").contains("match"))
    #expect(last.texts(start + "[1].name").contains("as instant"))
    #expect(last.texts(start + "[1].value").contains { $0.hasPrefix("2026-") })
  }

  @Test func `a trace for people shows where a field is lost`() async throws {
    let folder = try TemporaryFolder()
    let spec = try text(of: packageRoot + "/sites/paziresh24.yaml")
      .replacing("service: $.alias_title", with: "service: $.alias_titel")
    try folder.write(spec, to: "paziresh24.yaml")
    let result = try await slothunter("try", folder.path + "/paziresh24.yaml", "--from", Self.sample, "--trace")
    #expect(result.status == 0, "\(result)")
    let lines = result.lines
    let field = try #require(lines.firstIndex { $0.contains("field service: 0 of ") }, "\(result.out)")
    #expect(lines[field + 1].contains("$.alias_titel") && lines[field + 1].contains("0 matches in 0 of"))
    #expect(result.out.contains("TRACE") && result.out.contains("kept by 'bookable'"))
    let blocked = try await slothunter("try", "paziresh24", "--from", "samples/paziresh24/challenge-page", "--trace")
    #expect(blocked.out.contains("blocked: applies"), "\(blocked.out)")
  }

  @Test func `--diff says what would change and who would be told, and stores and sends nothing`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world)
    let once = try await home.command(["run", "--once"] + world.origins)
    #expect(once.status == 0, "\(once)")
    let stored = try home.storedText()
    world.slots = ["s1": [1, 2]]
    let words = ["try", "paziresh24/dr-sample", "--diff"] + world.origins
    let result = try await home.command(words)
    #expect(result.status == 0, "\(result)")
    #expect(result.lines.count { $0.hasPrefix("  + {") } == 2, "\(result.out)")
    #expect(result.out.contains("would tell") && result.out.contains(ClinicPage.clock(1)))
    #expect(!result.out.contains("told …1001 on"))
    let again = try await home.command(words + ["--json"])
    let kinds = again.lines.compactMap { try? JSON(parsing: $0) }.flatMap { $0.texts("$.kind") }
    #expect(kinds.count { $0 == "added" } == 2, "\(again)")
    #expect(world.posts.isEmpty && world.hooks.isEmpty)
    #expect(try home.storedText() == stored)
  }

  @Test func `--watch runs again at each save and prints what changed`() async throws {
    let folder = try TemporaryFolder()
    let spec = try text(of: packageRoot + "/sites/paziresh24.yaml")
    try folder.write(spec, to: "sites/paziresh24.yaml")
    let watching = try ServiceProcess(
      ["try", "sites/paziresh24.yaml", "--from", packageRoot + "/" + Self.sample, "--watch"], folder: folder.path,
      name: "try", environment: [:])
    defer { watching.end() }
    func printed(_ part: String) async throws {
      try await eventually(part, story: { watching.out + watching.log }) { watching.out.contains(part) }
    }
    try await printed("waiting for a save")
    try EditorHabit.renameOver.save(
      spec.replacing("key: [service_id, start]", with: "key: [service_id, start]\n  keep: center_id != '204'"),
      to: folder.path + "/sites/paziresh24.yaml")
    try await printed("items: +0 -")
    try EditorHabit.truncate.save(
      spec.replacing("steps:\n", with: "stpes:\n"), to: folder.path + "/sites/paziresh24.yaml")
    try await printed("unknown key 'stpes'")
    try EditorHabit.removeFirst.save(
      spec.replacing("service: $.alias_title", with: "service: $.id"), to: folder.path + "/sites/paziresh24.yaml")
    try await printed("  service: ")
    #expect(watching.out.contains(" ~"))
    watching.signal(SIGTERM)
    #expect(try await watching.exit() == 0)
  }

  @Test func `--watch goes on when the recording's folder is replaced by another`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(try text(of: packageRoot + "/sites/paziresh24.yaml"), to: "sites/paziresh24.yaml")
    func copy(_ sample: String, to name: String) throws {
      for file in try Files.list(packageRoot + "/samples/paziresh24/" + sample + "/exchanges") {
        let bytes = try Files.read(packageRoot + "/samples/paziresh24/" + sample + "/exchanges/" + file)
        try folder.write(String(decoding: bytes, as: UTF8.self), to: name + "/exchanges/" + file)
      }
      let expected = try text(of: packageRoot + "/samples/paziresh24/" + sample + "/expected.json")
      try folder.write(expected, to: name + "/expected.json")
    }
    try copy("with-slots", to: "case")
    try copy("challenge-page", to: "other")
    let watching = try ServiceProcess(
      ["try", "sites/paziresh24.yaml", "--from", "case", "--watch"], folder: folder.path, name: "try",
      environment: [:])
    defer { watching.end() }
    func printed(_ part: String) async throws {
      try await eventually(part, story: { watching.out + watching.log }) { watching.out.contains(part) }
    }
    try await printed("waiting for a save")
    // Away for as long as it takes to be seen, and back as another.
    try #require(rename(folder.path + "/case", folder.path + "/before") == 0)
    try await printed("not run")
    try #require(rename(folder.path + "/other", folder.path + "/case") == 0)
    try await printed("blocked (was items)")
    // As fast as can be.
    try #require(rename(folder.path + "/case", folder.path + "/other") == 0)
    try #require(rename(folder.path + "/before", folder.path + "/case") == 0)
    try await printed("items (was blocked)")
    watching.signal(SIGTERM)
    #expect(try await watching.exit() == 0)
  }

  @Test func `--watch without a recording would ask the site at each save`() async throws {
    let result = try await slothunter("try", "paziresh24", "--param", "slug=x", "--watch")
    #expect(result.status == 64 && result.err.contains("--from"))
  }
}
