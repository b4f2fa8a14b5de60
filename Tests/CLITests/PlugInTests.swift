import Language
import LoopbackServer
import TestSupport
import Testing

/// A site is one YAML file and its samples, a notifier one YAML file: nothing here is known to any Swift code.
struct PlugInTests {
  /// A site that reads HTML by CSS: unlike the shipped ones in every part.
  static let site = """
    site: library
    title: کتابخانه نمونه
    timezone: Asia/Tehran
    links:
      - https://library.example/shelf/{shelf}
    limits: { rate: 1/s, concurrency: 1, min_interval: 5m, never: ["**/borrow"] }
    steps:
      - step: shelf
        get: https://library.example/shelf/{shelf}
        anchor: { css: "ul.books" }
        outcomes: [ { gone: { status: 404 } } ]
        rows:
          each: { css: "ul.books > li" }
          keep: free
          fields:
            free: { css: "span.free::text", as: boolean }
            isbn: { css: "a::attr(data-isbn)", required: true }
            book: { css: "a" }
            due: { css: "time", as: date, calendar: jalali }
    items: { key: [isbn], track: [due], expect: { count: 0..50 } }
    alert:
      on: [added]
      title: { fa: "کتاب آزاد شد" }
      line: { fa: "{book} تا {due | jalali: 'd MMMM'}" }
    """

  static let page = """
    <!DOCTYPE html><meta charset="utf-8"><ul class="books">
    <li><a data-isbn="978-0">کتاب یکم</a> <span class="free">true</span> <time>۱۴۰۵/۰۷/۱۴</time>
    <li><a data-isbn="978-1">کتاب دوم</a> <span class="free">false</span> <time>۱۴۰۵/۰۷/۱۵</time>
    <li><a data-isbn="978-2">کتاب سوم</a> <span class="free">true</span> <time>۱۴۰۵/۰۷/۱۶</time>
    </ul>
    """

  static let notifier = """
    notifier: pager
    title: Pager
    options:
      api: { required: true, help: Where the pager listens }
      key: { secret: true, required: true, help: Its key }
    recipient: { name: pager, pattern: '^\\d{3,8}$' }
    format: text
    max_length: 200
    send:
      post: "{api}/page/{recipient}"
      headers: { X-Key: "{key}" }
      json: { text: "{message}" }
    outcomes:
      - delivered: { json: $.accepted, equals: true, receipt: $.id }
    """

  /// The folder of an operator: their sites, notifiers and samples beside a configuration.
  static func workplace(pager: String = "http://127.0.0.1:9") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(site, to: "sites/library.yaml")
    try folder.write(notifier, to: "notifiers/pager.yaml")
    try folder.write(
      """
      sites: [sites]
      notifiers: [notifiers]
      store: data/slothunter.db
      allow_hosts: [127.0.0.1]
      channels:
        people: { notifier: pager, enabled: true, api: "\(pager)", key: "${PAGER_KEY}" }
      maintainers: [ { channel: people, to: "1000" } ]
      watches:
        - site: library
          params: { shelf: "7" }
          every: 5m
          notify: [ { channel: people, to: "12345", language: fa } ]
      """, to: "slothunter.yaml")
    let sample = "samples/library/two-free/"
    try folder.write(
      "method: GET\nurl: https://library.example/shelf/7\nstatus: 200\ncontent_type: text/html; charset=utf-8\n",
      to: sample + "exchanges/01-shelf.request.yaml")
    try folder.write(page, to: sample + "exchanges/01-shelf.response.html")
    try folder.write(
      #"{"params": {"shelf": "7"}, "now": "2026-10-06T00:00:00+03:30", "verdict": "items"}"#,
      to: sample + "expected.json")
    return folder
  }

  static let secret = ["PAGER_KEY": "k-0123456789"]

  @Test func `check accepts a new site, a new notifier and a configuration that uses both`() async throws {
    let folder = try PlugInTests.workplace()
    let result = try await slothunter("check", folder: folder.path, environment: PlugInTests.secret)
    #expect(result.status == 0, "\(result)")
    #expect(result.lines.last == "3 files checked, no problem")
    let alone = try await slothunter("check", "sites", "notifiers", folder: folder.path)
    #expect(alone.status == 0, "\(alone)")
  }

  @Test func `try reads a new site from its sample`() async throws {
    let folder = try PlugInTests.workplace()
    for target in ["library", "https://library.example/shelf/7", "library/7"] {
      let result = try await slothunter(
        "try", target, "--from", "samples/library/two-free", "--json", folder: folder.path)
      #expect(result.status == 0, "\(result)")
      let report = try TryOutput(result)
      #expect(report.verdict == "items" && report.count == 2)
      #expect(report.texts("isbn") == ["978-0", "978-2"])
      #expect(report.texts("book") == ["کتاب یکم", "کتاب سوم"])
      #expect(report.texts("due") == ["2026-10-06", "2026-10-08"])
    }
  }

  @Test func `try reads a new site through --origin, and its never holds`() async throws {
    let folder = try PlugInTests.workplace()
    let library = try StandInSite(["GET /shelf/7": .html(PlugInTests.page)])
    let origin = "https://library.example=\(library.origin)"
    let read = try await slothunter("try", "library/7", "--origin", origin, "--json", folder: folder.path)
    #expect(try TryOutput(read).count == 2, "\(read)")
    library["GET /shelf/7"] = .redirect(to: "/shelf/7/Borrow")
    library["GET /shelf/7/Borrow"] = .html(PlugInTests.page)
    let refused = try await slothunter("try", "library/7", "--origin", origin, "--json", folder: folder.path)
    #expect(refused.status == 1)
    #expect(library.requests(ending: "/Borrow").isEmpty)
  }

  @Test func `a mistake in the new site is located and stops neither check nor the rest`() async throws {
    let folder = try PlugInTests.workplace()
    try folder.write(PlugInTests.site.replacing("as: date", with: "as: dat"), to: "sites/library.yaml")
    let result = try await slothunter("check", folder: folder.path, environment: PlugInTests.secret)
    #expect(result.status == 2)
    #expect(
      result.out.contains("library.yaml:19:33: error: ") && result.out.contains("did you mean 'date'?"), "\(result)")
  }

  @Test func `notify sends a test through a new notifier`() async throws {
    let pager = try StandInSite(["POST /page/12345": .json(#"{"accepted": true, "id": "p-1"}"#)])
    let folder = try PlugInTests.workplace(pager: pager.origin)
    let sent = try await slothunter(
      "notify", "people", "--test", "--to", "12345", folder: folder.path, environment: PlugInTests.secret)
    #expect(sent.status == 0, "\(sent)")
    let request = try #require(pager.requests.first)
    #expect(request.header("X-Key") == "k-0123456789")
    guard case .object(let body) = try JSON(parsing: request.body), case .string(let message)? = body["text"] else {
      throw SpawnProblem(description: request.text)
    }
    #expect(!message.isEmpty && message.utf16.count <= 200)
    #expect(!(sent.out + sent.err).contains("k-0123456789"))
    pager["POST /page/12345"] = .json(#"{"accepted": false}"#, status: 400)
    let refused = try await slothunter(
      "notify", "people", "--test", "--to", "12345", folder: folder.path, environment: PlugInTests.secret)
    #expect(refused.status == 1, "\(refused)")
    let unknown = try await slothunter(
      "notify", "peple", "--test", folder: folder.path, environment: PlugInTests.secret)
    #expect(unknown.status == 64 && unknown.err.contains("did you mean 'people'?"))
  }
}
