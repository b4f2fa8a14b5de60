import Glibc
import Language
import TestSupport
import Testing

/// `slothunter check --fix`: writes what is mechanical, keeps every other byte.
struct CheckFixTests {
  /// Every fault of the corpus for which a fix is offered, as the command offers it.
  private static func offered() async throws -> [FaultTrial] {
    try await FaultTrial.run(FaultCorpus.read().faults.filter { $0.kind != .fine && $0.fileKind != .configuration })
      .filter { $0.found.contains(where: \.hasFix) }
  }

  @Test func `a fix of a single fault mends it, brings no error, and changes nothing beyond its own lines`()
    async throws
  {
    let trials = try await Self.offered()
    #expect(trials.count >= 60, "\(trials.count)")
    for trial in trials {
      let home = try TemporaryFolder()
      let broken = trial.broken
      for (path, bytes) in try FaultCorpus.workspace() where path.contains("certificates") {
        try home.write(bytes, to: path)
      }
      try home.write(broken.bytes, to: broken.path)
      let result = try await slothunter(
        ["check", "--fix", broken.path], folder: home.path, environment: FaultCorpus.environment)
      let name = "\(trial.fault)"
      #expect(result.out.contains("--- \(broken.path)\n+++ \(broken.path)\n@@ "), "\(name): \(result.out)")
      let fixed = try text(of: home.path + "/" + broken.path)
      let (old, new) = (lines(broken.text), lines(fixed))
      #expect(old.count == new.count, "\(name)")
      let changed = zip(old, new).enumerated().filter { $0.element.0 != $0.element.1 }.map { $0.offset + 1 }
      #expect(!changed.isEmpty && changed.allSatisfy { trial.found.map(\.line).contains($0) }, "\(name): \(changed)")
      let again = try await slothunter(
        ["check", "--json", broken.path], folder: home.path, environment: FaultCorpus.environment)
      let errors = try again.lines.map(FaultTrial.Found.init).filter { $0.severity == "error" }
      let before = trial.found.filter { $0.severity == "error" && !$0.hasFix }
      #expect(errors.count <= before.count, "\(name): \(again.out)")
    }
  }

  private func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  private static let broken = """
    # دست نزنید
    site: shop   # the id
    titel: "فروشگاه"
    timezone: UTC\r
    limits: { rates: 1/s,   concurrency: "2" }   # two slips
    steps:
      - step: list
        get: https://shop.example/slots.json
        anchor: $.slots
        rows: { each: "$.slots[*]", fields: { id: $.id, start: { json: $.at, as: instnat } } }
    items: { key: [id], expect: { count: 0..10 } }
    alert:
      title: { en: "Open" }
      line: { en: "{start | time}" }
    """

  @Test func `comments, blanks, line ends and everything else stay as they are`() async throws {
    let home = try TemporaryFolder()
    try home.write(Self.broken, to: "sites/shop.yaml")
    chmod(home.path + "/sites/shop.yaml", 0o640)
    let result = try await slothunter("check", "--fix", "sites", folder: home.path)
    #expect(result.status == 0, "\(result)")
    let expected = Self.broken.replacing("titel", with: "title").replacing("rates", with: "rate")
      .replacing("\"2\"", with: "2").replacing("instnat", with: "instant")
    #expect(try text(of: home.path + "/sites/shop.yaml") == expected)
    var info = stat()
    #expect(stat(home.path + "/sites/shop.yaml", &info) == 0 && info.st_mode & 0o7777 == 0o640)
    #expect(try await runProgram("/bin/ls", ["-A", home.path + "/sites"]).lines == ["shop.yaml"])
    #expect(result.out.contains("-titel: \"فروشگاه\"\n+title: \"فروشگاه\"\n"))
    #expect(result.out.contains("1 file checked, no problem"))
  }

  @Test func `with --dry-run the changes are printed and nothing is written`() async throws {
    let home = try TemporaryFolder()
    try home.write(Self.broken, to: "sites/shop.yaml")
    let result = try await slothunter("check", "--fix", "--dry-run", "sites", folder: home.path)
    #expect(result.status == 2)
    #expect(result.out.contains("+title: \"فروشگاه\""))
    #expect(try text(of: home.path + "/sites/shop.yaml") == Self.broken)
    let machine = try await slothunter("check", "--fix", "--dry-run", "--json", "sites", folder: home.path)
    #expect(machine.err.contains("+title: \"فروشگاه\""))
    #expect(!machine.lines.isEmpty && machine.lines.allSatisfy { $0.hasPrefix("{") })
    let alone = try await slothunter("check", "--dry-run", "sites", folder: home.path)
    #expect(alone.status == 64)
  }

  @Test func `a symbolic link stays one and its target is mended`() async throws {
    let home = try TemporaryFolder()
    try home.write(Self.broken, to: "real/shop.yaml")
    try home.write("", to: "sites/.keep")
    #expect(symlink("../real/shop.yaml", home.path + "/sites/shop.yaml") == 0)
    let result = try await slothunter("check", "--fix", "sites/shop.yaml", folder: home.path)
    #expect(result.status == 0, "\(result)")
    var info = stat()
    #expect(lstat(home.path + "/sites/shop.yaml", &info) == 0 && info.st_mode & S_IFMT == S_IFLNK)
    #expect(try text(of: home.path + "/real/shop.yaml").contains("title: \"فروشگاه\""))
  }

  @Test func `tabs become spaces, line by line until the file can be read`() async throws {
    let home = try TemporaryFolder()
    let tabbed = CheckTests.good.replacing("\n    get:", with: "\n\t\tget:")
    #expect(tabbed != CheckTests.good)
    try home.write(tabbed, to: "sites/shop.yaml")
    let result = try await slothunter("check", "--fix", "sites", folder: home.path)
    #expect(result.status == 0, "\(result)")
    #expect(try text(of: home.path + "/sites/shop.yaml") == CheckTests.good)
  }

  @Test(arguments: [
    "request: { cookies: &yes yes }", "request: { cookies: !!str yes }", "request:\n  cookies: |-\n    yes",
    "request:\n  cookies: >-\n    yes", "request:\n  headers:\n\tAccept: x",
  ])
  func `what holds more than its text, or could be meant in two ways, is left as it is`(_ part: String) async throws {
    let home = try TemporaryFolder()
    let odd = CheckTests.good.replacing("\nsteps:", with: "\n\(part)\nsteps:")
    #expect(odd != CheckTests.good)
    try home.write(odd, to: "sites/shop.yaml")
    let result = try await slothunter("check", "--fix", "sites", folder: home.path)
    #expect(result.status == 2, "\(result)")
    #expect(try text(of: home.path + "/sites/shop.yaml") == odd)
  }

  @Test func `a short word is told and not exchanged`() async throws {
    let home = try TemporaryFolder()
    let short = CheckTests.good.replacing("as: instant", with: "as: dat")
    try home.write(short, to: "sites/shop.yaml")
    _ = try await slothunter("check", "--fix", "sites", folder: home.path)
    #expect(try text(of: home.path + "/sites/shop.yaml") == short)
  }

  @Test func `the changes show no secret, and files with the line ends of Windows change by line`() async throws {
    let home = try TemporaryFolder()
    for (path, bytes) in try FaultCorpus.workspace() { try home.write(bytes, to: path) }
    let broken = try FaultCorpus.base("slothunter.config")
      .replacing("chat: { notifier: chat, token: \"${CHAT_TOKEN}\"", with: "chat: { notifir: chat, token: \"123:real\"")
      .replacing("\n", with: "\r\n")
    try home.write(broken, to: "slothunter.yaml")
    let result = try await slothunter(
      ["check", "--fix"], folder: home.path, environment: FaultCorpus.environment)
    #expect(result.out.contains("+  chat: { notifier: chat, token: •"), "\(result.out)")
    #expect(!result.out.contains("123:real") && !result.err.contains("123:real"), "\(result.out)")
    #expect(!result.out.contains("-  - { channel: ops }"), "\(result.out)")
    #expect(
      try text(of: home.path + "/slothunter.yaml") == broken.replacing("notifir: chat", with: "notifier: chat"))
  }

  @Test func `what is no slip of the pen is left to the maintainer`() async throws {
    let home = try TemporaryFolder()
    let unclear = CheckTests.good.replacing("as: instant", with: "as: moment")
    try home.write(unclear, to: "sites/shop.yaml")
    let result = try await slothunter("check", "--fix", "sites", folder: home.path)
    #expect(result.status == 2)
    #expect(result.out.contains("nothing that is mechanical"))
    #expect(try text(of: home.path + "/sites/shop.yaml") == unclear)
  }
}
