import Glibc
import Language
import LoopbackServer
import TestSupport
import Testing

/// Unique secrets, numbers and names are put everywhere they can enter; the real process is run through success and
/// failure; and whatever it gives away is searched for them in every form.
struct TaintTests {
  private static let phone = "09127318246"
  private static let chat = "7731824651903"
  private static let group = "-1007318246519"
  private static let supergroup = "-1009462817350"
  private static let name = "@zrqvimnomehr"

  private static let taints = [
    Taint("bot token in the environment", "7314159265:AAQzrq-taint_bot-Token", .secret),
    Taint("signing secret in the file", "whsec_enJxLXRhaW50LXNpZ25pbmcta2V5LW9ubHk=", .secret),
    Taint("API key in a secrets file", "zrq-taint-sms-api-key-58207", .secret),
    Taint("token in a URL's path", "zrqTaintPathToken91734", .secret),
    Taint("phone", phone, .recipient), Taint("chat", chat, .recipient), Taint("group", group, .recipient),
    Taint("group's new address", supergroup, .recipient),
    Taint("name of a channel on Telegram", name, .recipient),
    Taint("token hidden in a page", "zrq-taint-csrf-in-page-40816", .page),
  ]

  private static func secret(_ index: Int) -> String { taints[index].value }

  /// A service with the taints in its environment, its files, its recipients and its pages.
  private final class Lab: Sendable {
    let world: ServiceWorld
    let home: ServiceHome
    let hooks: RecordingServer

    init() async throws {
      world = try ServiceWorld()
      home = try ServiceHome(world, refresh: "1s")
      hooks = try RecordingServer()
      world.pageNote = TaintTests.secret(9)
      try home.write(TaintTests.secret(2) + "\n", to: "secrets/sms")
      try home.write(text(of: packageRoot + "/notifiers/smsir.yaml"), to: "notifiers/smsir.yaml")
      // A hook whose address is the secret, as with many chat services.
      try home.write(
        """
        notifier: pathhook
        title: Path hook
        options:
          url: { required: true, help: The address }
          token: { required: true, secret: true, help: Its last part }
        recipient: none
        format: text
        send:
          post: "{url}/services/{token}"
          form: { text: "{message}" }
        outcomes:
          - delivered: { status: 200..299 }
        """, to: "notifiers/pathhook.yaml")
      try home.write(configuration: configuration())
    }

    /// - Parameter extra: Lines of `notify:`.
    func configuration(_ extra: [String] = []) -> String {
      let people =
        [
          "{ channel: sms, to: \"\(TaintTests.phone)\", language: en, first: none }",
          "{ channel: telegram, to: \"\(TaintTests.chat)\", language: en, first: none }",
          "{ channel: telegram, to: \"\(TaintTests.group)\", language: en, first: none }",
          "{ channel: telegram, to: \"\(TaintTests.name)\", language: fa, first: all }",
          "{ channel: path, language: en, first: none }",
        ] + extra
      return ServiceHome.configuration(subscribers: people)
        .replacing("\"${TEST_HOOK_SECRET}\"", with: TaintTests.secret(1))
        .replacing(
          "maintainers:",
          with: """
              sms: { notifier: smsir, enabled: true, key: "${file:\(home.path)/secrets/sms}", line: 30000000 }
              path: { notifier: pathhook, enabled: true, url: https://path.example, token: "\(TaintTests.secret(3))" }
            maintainers:
            """)
    }

    var environment: [String: String] { ["TEST_BOT_TOKEN": TaintTests.secret(0)] }
    var origins: [String] {
      world.origins
        + ["https://api.sms.ir", "https://path.example"].flatMap { ["--origin", "\($0)=\(hooks.origin)"] }
    }

    func start() throws -> ServiceProcess {
      try home.launch(["--log", "debug"] + origins, environment: environment)
    }

    func command(_ words: [String]) async throws -> ProgramResult {
      try await home.command(words, environment: environment)
    }

    /// Providers that give back all they were sent, in every form they might.
    func echo(status: Int) {
      let answer: @Sendable (ServerRequest) -> ServerResponse = { Echo.answer($0, status: status) }
      world.telegram(then: answer)
      hooks.on("POST", "/v1/send/bulk", answer: answer)
      hooks.on("POST", "/services/\(TaintTests.secret(3))", answer: answer)
    }

    func accept() {
      world.telegram()
      hooks.on("POST", "/v1/send/bulk", .json(#"{"status":1,"data":{"messageIds":[5]}}"#))
      hooks.on("POST", "/services/\(TaintTests.secret(3))", .text("ok"))
    }
  }

  /// What a careless provider or proxy says: the request, as it was and encoded, in the words that are kept.
  private enum Echo {
    static func answer(_ request: ServerRequest, status: Int) -> ServerResponse {
      let headers = request.headers.map { "\($0.name): \($0.value)" }.joined(separator: " ")
      let known = TaintTests.taints.filter { $0.kind != .page }.map(\.value)
        .filter { (request.path + headers + request.text).contains($0) }
      let forms = known.flatMap { value in
        [
          value, percentEncoded(value), Taint.base64(Array(value.utf8)), Taint.base64(Array(("x" + value).utf8)),
          Taint.inDigits(from: 0x06F0, value), percentEncoded(Taint.inDigits(from: 0x06F0, value)),
        ]
      }
      let words = "refused \(forms.joined(separator: " ; ")) | \(request.path) | \(request.text.prefix(200))"
      // Telegram's and Sms.ir's own places for words; 16 and 400 are final, 0 and 502 are tried again.
      let code = status == 400 ? 16 : 0
      return .json(
        JSON.object(
          JSONObject([
            ("ok", .bool(false)), ("error_code", .integer(Int64(status))), ("description", .string(words)),
            ("status", .integer(Int64(code))), ("message", .string(words)),
          ])
        ).text, status: status)
    }
  }

  /// Everything that commands print, with and without `--json`.
  private func lookAtCommands(_ lab: Lab, _ scan: inout TaintScan) async throws {
    var commands = [
      ["status"], ["outbox", "list"], ["outbox", "list", "--state", "dead"], ["subscriptions", "list"],
      ["watch", "list"], ["check"], ["kinds"], ["outbox", "retry", "--state", "dead"],
      ["outbox", "drop", "--older-than", "1ms", "--dry-run"], ["outbox", "list", "--to", "09127318246"],
    ]
    for delivery in try await lab.command(["outbox", "list", "--json"]).lines.map({ try JSON(parsing: $0) }) {
      commands.append(["why", delivery.text("$.id")])
    }
    #expect(commands.count > 14)
    for words in commands {
      for json in [[], ["--json"]] {
        scan.look("\(words.joined(separator: " ")) \(json)", try await lab.command(words + json).description)
      }
    }
  }

  @Test func `no secret, number or name is in any log, text of the store, error, answer or crash`() async throws {
    let lab = try await Lab()
    var scan = TaintScan(Self.taints)
    lab.accept()
    lab.world.telegram(then: { .json(#"{"ok":true,"result":{"message_id":\#(JSON.string($0.path + $0.text).text)}}"#) })
    let service = try lab.start()
    defer { service.end() }
    try await service.logged(" run watch=", "verdict=items")

    // Success, refusals that are tried again, no answer at all, final refusals, and a success after that.
    lab.world.slots = ["s1": [0, 1]]
    try await service.logged(" send channel=sms", "outcome=delivered")
    try await service.logged(" send channel=path", "outcome=delivered")
    lab.echo(status: 502)
    lab.world.slots = ["s1": [0, 1, 2]]
    for channel in ["sms", "telegram", "path"] { try await service.logged("send channel=\(channel)", "status=502") }
    lab.world.telegram(then: { _ in ServerResponse(ending: .abort) })
    lab.hooks.on("POST", "/v1/send/bulk", ServerResponse(ending: .abort))
    try await service.logged("send channel=telegram", "reason=reset")
    lab.echo(status: 400)
    lab.world.slots = ["s1": [0, 1, 2, 3]]
    for channel in ["sms", "telegram", "path"] {
      try await service.logged("send channel=\(channel)", "status=400")
    }
    // The group has a new address; everybody else is gone.
    lab.world.telegram(then: { request in
      if request.text.contains(Self.group) {
        return .json(
          #"{"ok":false,"error_code":400,"description":"\#(Self.group) is \#(Self.supergroup) now","parameters":{"migrate_to_chat_id":\#(Self.supergroup)}}"#,
          status: 400)
      }
      return .json(#"{"ok":false,"error_code":403,"description":\#(JSON.string(request.text).text)}"#, status: 403)
    })
    lab.world.slots = ["s1": [0, 1, 2, 3, 4]]
    try await service.logged("send channel=telegram", "outcome=recipient_gone")
    try await service.logged("send channel=telegram", "outcome=moved")
    lab.world.renamed = .script
    try await service.logged("branch not readable")
    try await eventually("maintainers hear of both", story: { service.log }) { lab.world.maintainerPosts.count >= 2 }
    try await lookAtCommands(lab, &scan)

    // Mistakes in the lines where the taints stand.
    for mistake in [
      "{ channel: sms, to: \"x\(Self.phone)\", language: en }", "{ channel: telegran, to: \"\(Self.chat)\" }",
      "{ channel: telegram, to: \"\(Self.chat)\", when: \"nosuch == 1\" }",
    ] {
      try lab.home.write(configuration: lab.configuration([mistake]))
      for words in [["check"], ["check", "--json"], ["run", "--once", "--dry-run"], ["notify", "sms", "--test"]] {
        let result = try await lab.command(words)
        #expect(result.status != 0)
        scan.look("\(words) with a mistake", result.description)
      }
    }
    try await service.logged("configuration rejected")
    try lab.home.write(configuration: lab.configuration())
    for words in [
      ["subscriptions", "snooze", "sms/" + Self.phone, "--until", "1h"],
      ["subscriptions", "stop", "telegram/" + Self.group],
      ["subscriptions", "list", "--json"], ["status"], ["status", "--json"],
      ["subscriptions", "resume", "telegram/" + Self.group, "--json"], ["subscriptions", "stop", "sms/0" + Self.phone],
      ["notify", "telegram", "--test", "--to", Self.chat] + lab.origins,
      ["notify", "sms", "--test", "--to", Self.phone, "--json"] + lab.origins,
    ] {
      scan.look(words.prefix(2).joined(separator: " "), try await lab.command(words).description)
    }
    try await scan.lookThroughStore(at: lab.home.path + "/data/store.db")

    service.signal(SIGABRT)
    #expect(try await service.exit() == 128 + SIGABRT)
    scan.look("log", service.log)
    scan.look("output", service.out)
    let once = try await lab.command(["run", "--once", "--json", "--log", "debug"] + lab.origins)
    scan.look("run --once", once.description)
    #expect(scan.scanned > 50_000, "there was something to look at")
    #expect(scan.hits.isEmpty, "\(scan.hits.map(\.description).joined(separator: "\n"))")
  }

  /// The test above can fail: an operator's notifier that does not say that its token is a secret, and a watch whose
  /// parameter is somebody's number, are found in the log, in the store and in what commands print.
  @Test func `a leak that is planted is caught in each place`() async throws {
    let lab = try await Lab()
    var scan = TaintScan([Self.taints[3], Self.taints[4]])
    let leaky = try text(of: lab.home.path + "/notifiers/pathhook.yaml").replacing("secret: true, ", with: "")
    try lab.home.write(leaky, to: "notifiers/pathhook.yaml")
    try lab.home.write(
      configuration: lab.configuration().replacing("slug: dr-sample", with: "slug: \"\(Self.phone)\""))
    lab.accept()
    let service = try lab.start()
    defer { service.end() }
    try await service.logged(" run watch=", "verdict=items")
    lab.echo(status: 400)
    lab.world.slots = ["s1": [0, 1]]
    try await service.logged("send channel=path", "status=400")
    try await lookAtCommands(lab, &scan)
    try await scan.lookThroughStore(at: lab.home.path + "/data/store.db")
    scan.look("log", service.log)
    let places = Set(scan.hits.map { "\($0.taint): \($0.place)" })
    for place in [
      "token in a URL's path: log", "token in a URL's path: store attempts.detail", "phone: log",
      "phone: store deliveries.watch", "phone: status [\"--json\"]", "phone: outbox list [\"--json\"]",
    ] {
      #expect(places.contains(place), "\(place) not in \(places.sorted())")
    }
    #expect(places.contains { $0.hasPrefix("token in a URL's path: why") })
    #expect(places.contains { $0.hasPrefix("token in a URL's path: file store") })
  }

  @Test(arguments: taints.indices) func `a taint is found in each form and only there`(_ index: Int) {
    let taint = Self.taints[index]
    let value = taint.value
    for text in [
      value, "a \(percentEncoded(value)) b", Taint.base64(Array(value.utf8)),
      Taint.base64(Array(("ab" + value + "c").utf8)),
      Taint.base64(Array(("a" + value).utf8)), value.utf8.map { "%" + String($0, radix: 16, uppercase: true) }.joined(),
    ] {
      #expect(taint.found(in: text) != nil, "\(text)")
    }
    #expect(taint.found(in: String(value.dropLast())) == nil)
    #expect(Self.taints.indices.filter { Self.taints[$0].found(in: value) != nil } == [index])
  }

  @Test func `a number is found in Persian digits, encoded too`() {
    let taint = Self.taints[4]
    let persian = Taint.inDigits(from: 0x06F0, Self.phone)
    #expect(persian == "۰۹۱۲۷۳۱۸۲۴۶")
    for text in [persian, percentEncoded(persian), Taint.base64(Array(persian.utf8)), "+98" + Self.phone.dropFirst()] {
      #expect(taint.found(in: text) != nil, "\(text)")
    }
  }
}
