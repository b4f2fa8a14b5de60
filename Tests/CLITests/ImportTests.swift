import CLibSQLite3
import Glibc
import Language
import TestSupport
import Testing

/// `slothunter import`, from outside, of invented files.
struct ImportTests {
  private static let jobs = """
    name: Invented shop
    url: https://shop.example/list?x={a}&api_key=very-secret-value-0
    filter:
      - css:
          selector: ul#goods > li.item
          exclude: .ad
      - html2text
      - grep: 'in stock'
      - sort
    timeout: 120
    headers:
      Accept-Language: en
      Authorization: Bearer very-secret-value-1
    cookies: {sid: very-secret-value-2}
    ssl_no_verify: true
    ---
    # second
    name: API of the invented hall
    url: https://hall.example/api
    method: POST
    data: {day: "1"}
    filter:
      - jq: '.items[].name'
      - shellpipe: "tr very-secret-value-3 b"
    max_tries: 3
    ---
    command: "echo very-secret-value-4"
    ---
    url: https://plain.example/
    filter: html2text,strip
    frobnicate: 1
    ---
    name: Links
    navigate: https://app.example/x
    filter: [ {xpath: "//a[@class='l']/@href"}, {xpath: "//li[["} ]
    additions_only: true
    http_proxy: http://user:very-secret-value-5@proxy.example:3128
    ---
    name: Log-in
    url: https://u:very-secret-value-8@login.example/
    data: {user: a, password: very-secret-value-9}

    """

  private static let reporters = """
    display: {new: true}
    report:
      telegram: { enabled: true, bot_token: "999:very-secret-value-6", chat_id: 4242, silent: true }
      email: { enabled: true, smtp: { auth: true } }
      slack: { enabled: false, webhook_url: https://hooks.example/very-secret-value-7 }
    job_defaults:
      url: { timeout: 30 }

    """

  /// Beside the shipped notifiers and sites, as an operator has them.
  private func place(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(text, to: name) }
    for name in ["telegram", "console", "ntfy", "webhook"] {
      try folder.write(bytes(of: packageRoot + "/notifiers/\(name).yaml"), to: "notifiers/\(name).yaml")
    }
    try folder.write(bytes(of: packageRoot + "/sites/paziresh24.yaml"), to: "sites/paziresh24.yaml")
    return folder
  }

  private func checked(_ folder: TemporaryFolder, _ name: String = "imported") async throws {
    let result = try await slothunter(
      "check", "--config", name + "/slothunter.yaml", folder: folder.path,
      environment: ["TELEGRAM_BOT_TOKEN": "1:invented", "SITE_PROXY": "http://proxy.example:3128"])
    #expect(result.status == 0, "\(result)")
  }

  @Test func `a job that reads one value becomes a spec that says so`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("name: Rate\nurl: https://rate.example/api\nfilter:\n  - jq: .data.price\n", to: "jobs.yaml")
    let told = try await slothunter("import", folder.path + "/jobs.yaml", "--out", folder.path + "/out")
    #expect(told.status == 0, "\(told)")
    let config = folder.path + "/out/slothunter.yaml"
    let check = try await slothunter("check", "--config", config, "--no-secrets")
    #expect(!(check.out + check.err).contains("single-row"), "\(check)")
    #expect(!(check.out + check.err).contains("unused-allow"), "\(check)")
  }

  @Test func `jobs of urlwatch become specs and watches that check accepts, and no secret is written or printed`()
    async throws
  {
    let folder = try place(["urls.yaml": Self.jobs, "urlwatch.yaml": Self.reporters])
    let result = try await slothunter("import", "urls.yaml", "urlwatch.yaml", folder: folder.path)
    #expect(result.status == 0, "\(result)")
    #expect(!result.description.contains("very-secret-value"))
    let written = result.lines.filter { $0.hasPrefix("written: ") }.map { String($0.dropFirst(9)) }
    #expect(written.count == 6)
    for file in written { #expect(!(try text(of: folder.path + "/" + file)).contains("very-secret-value"), "\(file)") }
    try await checked(folder)
    let shop = try text(of: folder.path + "/imported/sites/invented-shop.yaml")
    for part in [
      "each: { css: \"ul#goods > li.item\" }", "(text matches 'in stock')", "timeout: 30s",
      "\"Accept-Language\": \"en\"",
      "get: \"https://shop.example/list?x={{a}}&api_key=LEFT-OUT\"", "on: [added, removed]",
    ] { #expect(shop.contains(part), "\(part)\n\(shop)") }
    let hall = try text(of: folder.path + "/imported/sites/api-of-the-invented-hall.yaml")
    #expect(hall.contains("post: \"https://hall.example/api\"") && hall.contains("form: { \"day\": \"1\" }"))
    #expect(hall.contains("each: { json: \"$.items[*].name\" }"))
    let links = try text(of: folder.path + "/imported/sites/links.yaml")
    #expect(links.contains("on: [added]\n") && links.contains("proxy: \"${SITE_PROXY}\""))
    let main = try text(of: folder.path + "/imported/slothunter.yaml")
    #expect(main.contains("token: \"${TELEGRAM_BOT_TOKEN}\"") && main.contains("to: \"4242\""))
  }

  private static let hidden = """
    name: https://me:very-secret-value-a@named.example/
    url: https://nested.example/api?sig=very-secret-value-b&jwt=very-secret-value-c&page=2#sid=very-secret-value-d
    user_visible_url: https://u:very-secret-value-e@nested.example/show?ticket=very-secret-value-f&day=1
    data_as_json: true
    data: {user: {name: a, password: very-secret-value-g}}
    proxy: http://u:very-secret-value-h@one.example:3128
    headers: {X-Own: Bearer very-secret-value-i}
    note: the log-in is pass=very-secret-value-o
    ---
    name: Body
    url: https://body.example/
    data: "user=a&pwd=very-secret-value-j"
    proxy: http://u:very-secret-value-k@two.example:3128
    ---
    name: Body too
    url: https://body.example/too
    data: '{"user": {"pass": "very-secret-value-l"}}'
    proxy: http://u:very-secret-value-h@one.example:3128
    ---
    name: Fine
    url: https://fine.example/api
    data_as_json: true
    data: {where: {city: "{x}", ids: [1, 2]}, author: a}

    """

  @Test func `secrets at any depth, in any address and under any name are left out, and each proxy has its variable`()
    async throws
  {
    let reporters =
      "report:\n  ntfy: { enabled: true, topic_url: \"https://u:very-secret-value-m@ntfy.example/topic?auth=very-secret-value-n\" }\n"
    let folder = try place(["urls.yaml": Self.hidden, "urlwatch.yaml": reporters])
    let result = try await slothunter("import", "urls.yaml", "urlwatch.yaml", folder: folder.path)
    #expect(result.status == 0, "\(result)")
    #expect(!result.description.contains("very-secret-value"))
    let written = result.lines.filter { $0.hasPrefix("written: ") }.map { String($0.dropFirst(9)) }
    #expect(written.count == 5)
    var all = ""
    for file in written { all += try text(of: folder.path + "/" + file) }
    #expect(!all.contains("very-secret-value"), "\(all)")
    for part in [
      "https://nested.example/api?sig=LEFT-OUT&jwt=LEFT-OUT&page=2#sid=LEFT-OUT",
      "link: \"https://nested.example/show?ticket=LEFT-OUT&day=1\"", "proxy: \"${SITE_PROXY}\"",
      "proxy: \"${SITE_PROXY_2}\"", "server: \"https://ntfy.example\", token: \"${NTFY_TOKEN}\"", "to: \"topic\"",
      "json: { \"where\": { \"city\": \"{{x}}\", \"ids\": [1, 2] }, \"author\": \"a\" }",
    ] { #expect(all.contains(part), "\(part)\n\(all)") }
    #expect(!all.contains("SITE_PROXY_3"))
    for place in ["urls.yaml:3:1: user_visible_url", "urls.yaml:5:1: data", "urls.yaml:12:1: data", "topic_url: not"] {
      #expect(result.out.contains(place), "\(place)\n\(result.out)")
    }
    let check = try await slothunter(
      "check", "--config", "imported/slothunter.yaml", folder: folder.path,
      environment: [
        "NTFY_TOKEN": "invented", "SITE_PROXY": "http://one.example:3128", "SITE_PROXY_2": "http://two.example:3128",
      ])
    #expect(check.status == 0, "\(check)")
  }

  @Test func `every key that is not carried over is named with its line and a way out`() async throws {
    let folder = try place(["urls.yaml": Self.jobs, "urlwatch.yaml": Self.reporters])
    let result = try await slothunter("import", "urls.yaml", "urlwatch.yaml", "--json", folder: folder.path)
    let report = try JSON(parsing: result.out)
    func line(_ key: String, in text: String) throws -> Int {
      try #require(
        text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(key) }, "\(key)") + 1
    }
    let wanted: [(key: String, file: String, text: String, mark: String)] = [
      ("url", "urls.yaml", Self.jobs, "url: https://shop"),
      ("filter[0].css.exclude", "urls.yaml", Self.jobs, "exclude:"),
      ("filter[3]", "urls.yaml", Self.jobs, "- sort"), ("timeout", "urls.yaml", Self.jobs, "timeout: 120"),
      ("headers.Authorization", "urls.yaml", Self.jobs, "Authorization"),
      ("cookies", "urls.yaml", Self.jobs, "cookies:"),
      ("ssl_no_verify", "urls.yaml", Self.jobs, "ssl_no_verify"),
      ("filter[1].shellpipe", "urls.yaml", Self.jobs, "shellpipe"),
      ("max_tries", "urls.yaml", Self.jobs, "max_tries"), ("command", "urls.yaml", Self.jobs, "command:"),
      ("frobnicate", "urls.yaml", Self.jobs, "frobnicate"), ("navigate", "urls.yaml", Self.jobs, "navigate:"),
      ("filter[1].xpath", "urls.yaml", Self.jobs, "//li[["), ("data", "urls.yaml", Self.jobs, "password: very"),
      ("display", "urlwatch.yaml", Self.reporters, "display:"),
      ("report.telegram.silent", "urlwatch.yaml", Self.reporters, "silent"),
      ("report.email", "urlwatch.yaml", Self.reporters, "email:"),
      ("report.slack", "urlwatch.yaml", Self.reporters, "slack:"),
      ("job_defaults.url.timeout", "urlwatch.yaml", Self.reporters, "timeout: 30"),
    ]
    for (key, file, text, mark) in wanted {
      let found = report.texts("$.left[?@.key == '\(key)' && @.file == '\(file)'].line")
      #expect(try found.contains("\(line(mark, in: text))"), "\(key): \(found)\n\(report.text)")
    }
    #expect(report.texts("$.left[*].advice").allSatisfy { !$0.isEmpty })
    #expect(report.texts("$.left[?@.needless == true].key").contains("filter[3]"))
    #expect(report.text("$.entries") == "6" && report.text("$.watches") == "5")
  }

  @Test func `what an import wrote runs: an imported job reads a page as its filters said`() async throws {
    let folder = try place(["urls.yaml": Self.jobs])
    #expect(try await slothunter("import", "urls.yaml", folder: folder.path).status == 0)
    try folder.write(
      "url: https://shop.example/list?x=%7Ba%7D&api_key=LEFT-OUT\n", to: "case/exchanges/01-page.request.yaml")
    try folder.write(
      "<ul id=goods><li class=item>A chair, in stock<li class=item>A table, sold<li class=ad>in stock</ul>",
      to: "case/exchanges/01-page.response.html")
    let result = try await slothunter(
      "try", "imported/sites/invented-shop.yaml", "--from", "case", "--json", folder: folder.path)
    #expect(try TryOutput(result).texts("text") == ["A chair, in stock"], "\(result)")
  }

  @Test func `a database of P24_SlotHunter becomes watches with their subscribers`() async throws {
    let folder = try place([:])
    try Self.database(folder.path + "/p24.db")
    let result = try await slothunter("import", "p24.db", "--out", "moved/here", folder: folder.path)
    #expect(result.status == 0, "\(result)")
    let main = try text(of: folder.path + "/moved/here/slothunter.yaml")
    try await checked(folder, "moved/here")
    #expect(main.contains("sites: [\"../../sites/paziresh24.yaml\"]"))
    #expect(main.contains("params: { slug: \"دکتر-نمونه\" }") && !main.contains("دکتر-خاموش"))
    // Switched off, unsubscribed and unknown people are told nothing; the administrator is a maintainer.
    #expect(main.split(separator: "\n").count { $0.contains("to: \"1001\"") } == 1)
    #expect(!main.contains("\"1002\"") && !main.contains("\"1003\""))
    #expect(main.contains("maintainers:\n  - { channel: telegram, to: \"9001\", language: fa }"))
    for key in ["doctors.terminal_id", "appointment_logs", "doctors id=2"] {
      #expect(result.out.contains(key), "\(key)")
    }
    #expect(result.out.contains("appointment_logs: not carried over: 2 rows of history"), "\(result.out)")
  }

  @Test(arguments: ["../moved", "link/moved", "below/../moved"])
  func `a folder that is not below this one names the shipped files by their whole path`(out: String) async throws {
    let folder = try place([:])
    try folder.write("", to: "other/deep/here")
    try #require(symlink("other/deep", folder.path + "/link") == 0)
    try folder.write("", to: "work/below/here")
    for name in ["notifiers", "sites", "link"] {
      try #require(symlink("../\(name)", folder.path + "/work/\(name)") == 0)
    }
    try Self.database(folder.path + "/work/p24.db")
    let result = try await slothunter("import", "p24.db", "--out", out, folder: folder.path + "/work")
    #expect(result.status == 0, "\(result)")
    let check = try await slothunter(
      "check", "--config", "\(out)/slothunter.yaml", folder: folder.path + "/work",
      environment: ["TELEGRAM_BOT_TOKEN": "1:invented"])
    #expect(check.status == 0, "\(check)")
  }

  @Test func `a configuration of P24_SlotHunter is read too`() async throws {
    let text = """
      telegram: { bot_token: "1:very-secret-value", admin_chat_id: "${ADMIN}" }
      monitoring:
        check_interval: 30
        days_ahead: 7
      logging: { level: INFO }
      doctors:
        - { name: دکتر نمونه, slug: دکتر-نمونه, center_id: c1 }
        - { name: بی نشانی }

      """
    let folder = try place(["config.yaml": text])
    let result = try await slothunter("import", "config.yaml", folder: folder.path)
    #expect(result.status == 0, "\(result)")
    #expect(!result.description.contains("very-secret-value"))
    let main = try TestSupport.text(of: folder.path + "/imported/slothunter.yaml")
    #expect(main.contains("slug: \"دکتر-نمونه\"") && main.contains("every: 60s") && !main.contains("very-secret-value"))
    for part in [
      "config.yaml:3:3: monitoring.check_interval: not carried over: 30 s is below",
      "config.yaml:4:3: monitoring.days_ahead",
      "config.yaml:5:1: logging", "config.yaml:1:47: telegram.admin_chat_id", "config.yaml:8:5: doctors[1]",
      "doctors[0].center_id: not needed",
    ] { #expect(result.out.contains(part), "\(part)\n\(result.out)") }
    try await checked(folder)
  }

  @Test func `nothing that is there is overwritten, and nothing half is written`() async throws {
    let folder = try place(["urls.yaml": Self.jobs])
    try folder.write("mine", to: "imported/sites/links.yaml")
    let result = try await slothunter("import", "urls.yaml", folder: folder.path)
    #expect(result.status == 1 && result.err.contains("imported/sites/links.yaml is there already"), "\(result)")
    #expect(try text(of: folder.path + "/imported/sites/links.yaml") == "mine")
    #expect(try await runProgram("/bin/ls", [folder.path + "/imported/sites"]).lines == ["links.yaml"])
  }

  @Test(arguments: [
    ("url: [\n", 2), ("just text", 2), ("", 2), ("command: x\n", 1), ("a: 1\n", 1), ("url: ftp://x.example/\n", 1),
  ]) func `what can't be imported is said, and nothing is written`(text: String, status: Int32) async throws {
    let folder = try place(["x.yaml": text])
    let result = try await slothunter("import", "x.yaml", folder: folder.path)
    #expect(result.status == status, "\(result)")
    #expect(try await runProgram("/bin/ls", [folder.path]).lines.contains("imported") == false)
  }

  /// Of that program's tables, the columns that count.
  private static func database(_ path: String) throws {
    var db: OpaquePointer?
    guard sqlite3_open(path, &db) == SQLITE_OK else { throw SpawnProblem(description: "no database") }
    defer { sqlite3_close(db) }
    let script = """
      CREATE TABLE users (id INTEGER PRIMARY KEY, telegram_id BIGINT, is_active BOOLEAN, is_admin BOOLEAN);
      CREATE TABLE doctors (id INTEGER PRIMARY KEY, name TEXT, slug TEXT, terminal_id TEXT, is_active BOOLEAN);
      CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, user_id INTEGER, doctor_id INTEGER, is_active BOOLEAN);
      CREATE TABLE appointment_logs (id INTEGER PRIMARY KEY, doctor_id INTEGER);
      INSERT INTO users VALUES (1, 1001, 1, 0), (2, 1002, 0, 0), (3, 1003, 1, 0), (4, 9001, 1, 1);
      INSERT INTO doctors VALUES (1, 'دکتر نمونه', 'دکتر-نمونه', 't', 1), (2, 'خاموش', 'دکتر-خاموش', 't', 0);
      INSERT INTO subscriptions VALUES (1, 1, 1, 1), (2, 2, 1, 1), (3, 3, 1, 0), (4, 1, 1, 1), (5, 77, 1, 1);
      INSERT INTO appointment_logs VALUES (1, 1), (2, 1);
      """
    guard sqlite3_exec(db, script, nil, nil, nil) == SQLITE_OK else {
      throw SpawnProblem(description: String(cString: sqlite3_errmsg(db)))
    }
  }
}
