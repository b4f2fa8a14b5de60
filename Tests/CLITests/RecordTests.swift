import Language
import LoopbackServer
import PluginHost
import Storage
import TestSupport
import Testing

@testable import CLI

/// `slothunter record`, from outside, against a site on loopback. Everybody in it is invented.
struct RecordTests {
  private static let site = """
    site: clinic
    title: Clinic
    timezone: Asia/Tehran
    links: [ "https://clinic.example/dr/{slug}" ]
    steps:
      - step: page
        get: https://clinic.example/dr/{slug}
        document: html
        anchor: //main
        fields:
          doctor: { xpath: "//h1", required: true }
          ticket: { xpath: "//input[@name='csrf_token']/@value", required: true }
        rows:
          each: { css: ".service" }
          fields: { service_id: { xpath: "./@data-id" } }
      - step: slots
        post: https://api.clinic.example/slots?token={ticket}
        form: { service: "{service_id}", ticket: "{ticket}" }
        anchor: $.slots
        rows: { each: "$.slots[*]", fields: { start: { json: $.from, as: instant }, phone: $.phone, by: $.by } }
    items: { key: [service_id, start], expect: { count: 0..100 } }
    alert: { title: { en: "New" }, line: { en: "{doctor} {start | time}" } }
    """

  private static let configuration = """
    sites: [sites]
    notifiers: [notifiers]
    store: data/store.db
    channels:
      hook: { notifier: webhook, enabled: true, url: https://hook.example/hook, secret: "${TEST_HOOK_SECRET}" }
    maintainers: [ { channel: hook } ]
    watches: [ { site: clinic, params: { slug: دکتر-رضا-احمدی }, every: 60s } ]
    """

  /// 24 bytes in base64, as a webhook's secret has to be.
  private static let secret = "whsec_" + "c2VlZGVkLXNlY3JldC1mb3ItdGVzdHM5"
  private static let seeded = [
    secret, "09123456789", "+98 912 345 67 89", "۰۹۱۲۳۴۵۶۷۸۹", "0076229645", "office@clinic-mail.example",
    "t1cketABCDEF99",
    "cookieVALUE12345", "احمدی", "احمدي",
  ]

  private let home: TemporaryFolder
  private let clinic: StandInSite

  init() throws {
    home = try TemporaryFolder()
    try home.write(RecordTests.site, to: "sites/clinic.yaml")
    try home.write(RecordTests.configuration, to: "slothunter.yaml")
    try home.write(try Files.read(packageRoot + "/notifiers/webhook.yaml"), to: "notifiers/webhook.yaml")
    clinic = try StandInSite([
      "GET /dr/*": ServerResponse(
        status: 200,
        headers: [
          ServerHeader("Content-Type", "text/html; charset=utf-8"),
          ServerHeader("Set-Cookie", "session=cookieVALUE12345; Path=/; HttpOnly"),
        ], body: Array(RecordTests.page.utf8)),
      "POST /slots": .json(RecordTests.slots),
    ])
  }

  private static let page = """
    <!DOCTYPE html><html><head><meta charset="utf-8"></head><body><main><h1>دکتر رضا احمدی</h1>
    <input type="hidden" name="csrf_token" value="t1cketABCDEF99">
    <p>تلفن ۰۹۱۲۳۴۵۶۷۸۹ یا +98 912 345 67 89، کد ملی 0076229645، office@clinic-mail.example</p>
    <!-- \(secret) cookieVALUE12345 --><div class="service" data-id="81">احمدي</div></main></body></html>
    """
  private static let slots = """
    {"slots": [{"from": 1791286200, "phone": "09123456789", "by": "رضا احمدی"},
    {"from": 1791286800, "phone": "0912 345 6789", "by": "\\u0627\\u062d\\u0645\\u062f\\u06cc"}]}
    """

  private func record(_ arguments: String...) async throws -> ProgramResult {
    let origins = clinic.origins(["https://clinic.example", "https://api.clinic.example"]).flatMap { ["--origin", $0] }
    return try await slothunter(
      ["record"] + arguments + origins, folder: home.path, environment: ["TEST_HOOK_SECRET": RecordTests.secret])
  }

  private static let now = ["--now", "2026-10-06T09:00:00+03:30"]

  /// Everything that was written, as one text.
  private func written(_ name: String) throws -> String {
    let folder = home.path + "/samples/clinic/" + name
    let files = try Files.list(folder + "/exchanges").map { folder + "/exchanges/" + $0 } + [folder + "/expected.json"]
    return try files.map { $0 + "\n" + (try Files.text($0)) }.joined(separator: "\n")
  }

  @Test func `a recording holds nothing that was seeded, and replays to what was read`() async throws {
    let result = try await record(
      "clinic/دکتر-رضا-احمدی", "--as", "two-slots", "--scrub", "رضا احمدی", "--now", "2026-10-06T09:00:00+03:30")
    #expect(result.status == 0, "\(result)")
    let text = try written("two-slots")
    for seed in RecordTests.seeded {
      #expect(!text.contains(seed) && !text.contains(percentEncoded(seed)), "\(seed)")
      // Told is what kind of thing went, and where; never the thing.
      #expect(!result.out.contains(seed) && !result.err.contains(seed), "\(seed)")
    }
    #expect(!text.lowercased().contains("set-cookie"))
    for word in [
      "1-page answer", "phone ×", "national id ×1", "e-mail ×1", "token ×", "name ×", "left out: set-cookie",
    ] {
      #expect(result.out.contains(word), "\(word)\n\(result)")
    }
    #expect(text.contains("\"verdict\": \"items\"") && text.contains("دکتر"))
    let test = try await slothunter("test", "clinic", folder: home.path)
    #expect(test.status == 0, "\(test)")
    #expect(test.out.contains("1 samples, 0 failed"))
  }

  @Test func `a case that is there is not written over without --force`() async throws {
    #expect(try await record("clinic", "--param", "slug=x", "--as", "twice").status == 0)
    let again = try await record("clinic", "--param", "slug=x", "--as", "twice")
    #expect(again.status == 1)
    #expect(again.err.contains("--force"))
    try home.write("why it matters", to: "samples/clinic/twice/notes.md")
    #expect(try await record("clinic", "--param", "slug=x", "--as", "twice", "--force").status == 0)
    #expect(try Files.text(home.path + "/samples/clinic/twice/notes.md") == "why it matters")
    #expect(try Files.list(home.path + "/samples/clinic", withHidden: true) == ["twice"])
  }

  @Test func `a case that can't be written asks the site for nothing`() async throws {
    #expect(try await record("clinic", "--param", "slug=x", "--now", "2026-10-06T09:00:00+03:30").status == 0)
    let asked = clinic.requests.count
    let again = try await record("clinic", "--param", "slug=x", "--now", "2026-10-06T09:00:00+03:30")
    #expect(again.status == 1 && again.err.contains("recorded-2026-10-06 is there already"), "\(again)")
    #expect(try await record("clinic", "--param", "slug=x", "--as", "Sold Out").status == 64)
    #expect(asked == 2 && clinic.requests.count == asked)
  }

  @Test func `a file that the disk has no room for is not taken for written`() {
    #expect(throws: CommandFailure.self) { try Files.write("x", to: "/dev/full") }
    #expect(throws: CommandFailure.self) { try Files.write([1], to: "/dev/full") }
    #expect(throws: CommandFailure.self) { try Files.write([1], to: home.path + "/no/such/folder") }
  }

  @Test func `a case that can't be written anew stays as it was`() throws {
    let folder = home.path + "/samples/clinic/kept"
    try SampleFiles.write(
      [SampleFiles.File(name: "exchanges/01-page.request.yaml", bytes: [1]), .init(name: "expected.json", bytes: [2])],
      to: folder)
    #expect(throws: CommandFailure.self) {
      try SampleFiles.write(
        [.init(name: "expected.json", bytes: [3]), .init(name: "exchanges/no/such/folder", bytes: [4])], to: folder)
    }
    #expect(try Files.read(folder + "/exchanges/01-page.request.yaml") == [1])
    #expect(try Files.read(folder + "/expected.json") == [2])
    #expect(try Files.list(home.path + "/samples/clinic", withHidden: true) == ["kept"])
    try SampleFiles.write([.init(name: "exchanges/02-page.request.yaml", bytes: [5])], to: folder)
    #expect(try Files.list(folder, withHidden: true) == ["exchanges"])
    #expect(try Files.list(folder + "/exchanges") == ["02-page.request.yaml"])
  }

  @Test func `where scrubbing changes what is read it says where`() async throws {
    // The spec looks for the very word that is to go.
    try home.write(
      RecordTests.site.replacing("xpath: \"//h1\"", with: "xpath: \"//h1[contains(., 'احمدی')]\""),
      to: "sites/clinic.yaml")
    let result = try await record("clinic", "--param", "slug=x", "--as", "named", "--scrub", "احمدی")
    #expect(result.status == 1, "\(result)")
    #expect(result.err.contains("scrubbing has changed what is read") && result.err.contains("steps[0].fields.doctor"))
  }

  @Test func `a break is kept by the service and becomes a sample, as does the last good run`() async throws {
    func run() async throws -> ProgramResult {
      let origins = clinic.origins(["https://clinic.example", "https://api.clinic.example"]).flatMap {
        ["--origin", $0]
      }
      return try await slothunter(
        ["run", "--once", "--log", "error"] + origins + ["--origin", "https://hook.example=\(clinic.origin)"],
        folder: home.path, environment: ["TEST_HOOK_SECRET": RecordTests.secret])
    }
    clinic["POST /hook"] = ServerResponse(status: 200)
    clinic["POST /slots"] = .json(
      RecordTests.slots.replacing("1791286200", with: "4102444800").replacing("1791286800", with: "4102445400"))
    #expect(try await run().status == 0)
    let none = try await record("--from-break", "clinic/دکتر-رضا-احمدی")
    #expect(none.status == 66 && none.err.contains("no break of"), "\(none)")
    clinic["GET /dr/*"]?.body = Array(RecordTests.page.replacing("<h1>", with: "<h2>").utf8)
    #expect(try await run().status == 1)
    let told = clinic.requests(ending: "/hook").map(\.text).joined()
    for word in [
      "steps[0].fields.doctor", "last good", "slothunter record --from-break", "slothunter try clinic --from",
    ] {
      #expect(told.contains(word), "\(word)\n\(told)")
    }
    #expect(try await run().status == 1)
    #expect(clinic.requests(ending: "/hook").count == 1)
    let broken = try await record("--from-break", "clinic/دکتر-رضا-احمدی", "--as", "broken", "--scrub", "رضا احمدی")
    #expect(broken.status == 0, "\(broken)")
    #expect(broken.out.contains("verdict layout_broken"))
    let good = try await record("--last-good", "clinic/دکتر-رضا-احمدی", "--as", "before", "--scrub", "رضا احمدی")
    #expect(good.status == 0 && good.out.contains("2 items"), "\(good)")
    for name in ["broken", "before"] {
      let text = try written(name)
      for seed in RecordTests.seeded { #expect(!text.contains(seed), "\(seed) in \(name)") }
    }
    #expect(try await slothunter("test", folder: home.path).status == 0)
  }

  @Test func `what is kept in the store holds no secret of the configuration`() async throws {
    clinic["POST /hook"] = ServerResponse(status: 200)
    let origins = clinic.origins(["https://clinic.example", "https://api.clinic.example"]).flatMap { ["--origin", $0] }
    _ = try await slothunter(
      ["run", "--once", "--log", "error"] + origins, folder: home.path,
      environment: ["TEST_HOOK_SECRET": RecordTests.secret])
    let store = try Store(path: home.path + "/data/store.db", mode: .readOnly)
    let kept = try #require(try await store.keptRun(of: "clinic/دکتر-رضا-احمدی", isGood: true))
    let bodies = kept.bodies.compactMap(\.exchange).map { String(decoding: $0.response.body, as: UTF8.self) }
    #expect(bodies.count == 2 && bodies.contains { $0.contains("•••") })
    #expect(!bodies.contains { $0.contains(RecordTests.secret) })
  }
}
