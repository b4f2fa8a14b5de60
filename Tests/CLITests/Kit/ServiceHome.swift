import Glibc
import Language
import Synchronization
import TestSupport

@testable import CLI

/// A folder in which `slothunter run` can run against a ``ServiceWorld``: configuration, site, notifiers, store.
final class ServiceHome: Sendable {
  let world: ServiceWorld
  private let folder: TemporaryFolder
  private let started = Mutex(0)

  var path: String { folder.path }

  /// - Parameters:
  ///   - subscribers: Lines of `notify:`.
  ///   - refresh: How long the doctor's page is kept.
  init(
    _ world: ServiceWorld, subscribers: [String] = [ServiceHome.chat("1001")], slugs: [String] = ["dr-sample"],
    every: String = "1s", refresh: String = "12h", rate: String = "50/s"
  ) throws {
    self.world = world
    folder = try TemporaryFolder()
    for name in ["telegram", "webhook"] {
      try folder.write(bytes(of: packageRoot + "/notifiers/\(name).yaml"), to: "notifiers/\(name).yaml")
    }
    let site = try text(of: packageRoot + "/sites/paziresh24.yaml")
      .replacing("min_interval: 60s", with: "min_interval: 1s").replacing("rate: 1/s", with: "rate: \(rate)")
      .replacing("refresh: 12h", with: "refresh: \(refresh)")
      // What goes would be told too, so that a false "gone" is heard.
      .replacing("on: [added]", with: "on: [added, removed]")
    try write(site: site)
    try write(configuration: ServiceHome.configuration(subscribers: subscribers, slugs: slugs, every: every))
  }

  static func chat(_ number: String, first: String = "none") -> String {
    "{ channel: telegram, to: \"\(number)\", language: en, first: \(first) }"
  }

  static let hook = "{ channel: hook, language: en, first: none }"

  static func configuration(
    subscribers: [String], slugs: [String] = ["dr-sample"], every: String = "1s"
  ) -> String {
    var text = """
      sites: [sites]
      notifiers: [notifiers]
      store: data/store.db
      channels:
        telegram: { notifier: telegram, enabled: true, token: "${TEST_BOT_TOKEN}" }
        hook: { notifier: webhook, enabled: true, url: https://hook.example/hook, secret: "${TEST_HOOK_SECRET}" }
      maintainers: [ { channel: hook, language: en } ]
      watches:

      """
    for slug in slugs {
      text += "  - site: paziresh24\n    params: { slug: \(slug) }\n    every: \(every)\n    notify:\n"
      for subscriber in subscribers { text += "      - \(subscriber)\n" }
    }
    return text
  }

  /// One of the repository's samples, beside the configuration.
  func copySample(_ name: String) throws {
    let from = packageRoot + "/samples/" + name
    for file in try Files.list(from + "/exchanges") {
      try folder.write(bytes(of: from + "/exchanges/" + file), to: "samples/\(name)/exchanges/\(file)")
    }
    try folder.write(bytes(of: from + "/expected.json"), to: "samples/\(name)/expected.json")
  }

  /// Takes what it expects away, without which it proves nothing.
  func removeSample(_ name: String) throws { unlink(path + "/samples/\(name)/expected.json") }

  func write(configuration: String) throws { try folder.write(configuration, to: "slothunter.yaml") }
  func write(_ text: String, to name: String) throws { try folder.write(text, to: name) }
  func write(site: String) throws { try folder.write(site, to: "sites/paziresh24.yaml") }
  var site: String { get throws { try text(of: path + "/sites/paziresh24.yaml") } }

  private static let environment = ["TEST_BOT_TOKEN": ServiceWorld.token, "TEST_HOOK_SECRET": ServiceWorld.secret]

  /// Starts `slothunter run` without waiting for it.
  func launch(_ extra: String...) throws -> ServiceProcess { try launch(extra) }

  func launch(_ extra: [String], wrapper: [String] = []) throws -> ServiceProcess {
    let number = started.withLock { count in
      count += 1
      return count
    }
    return try ServiceProcess(
      ["run"] + extra + world.origins, folder: path, name: "run-\(number)", environment: ServiceHome.environment,
      wrapper: wrapper)
  }

  /// The same with all of its options given, the origins too.
  func launch(_ options: [String], environment: [String: String]) throws -> ServiceProcess {
    let number = started.withLock { count in
      count += 1
      return count
    }
    return try ServiceProcess(
      ["run"] + options, folder: path, name: "run-\(number)",
      environment: ServiceHome.environment.merging(environment) { $1 })
  }

  /// Starts `slothunter run`; returns when a run has been stored that could be read.
  func start(_ extra: String = "--log=info") async throws -> ServiceProcess {
    let service = try launch(extra)
    try await eventually("a good run", story: { service.log }) {
      !(service.lines(" run watch=", "verdict=items") + service.lines(" run watch=", "verdict=unchanged")).isEmpty
    }
    return service
  }

  /// Another command on the same store, to its end.
  func command(_ words: String...) async throws -> ProgramResult { try await command(words) }

  func command(_ words: [String], environment: [String: String] = [:]) async throws -> ProgramResult {
    let given = ServiceHome.environment.merging(environment) { $1 }
    return try await runProgram(
      slothunterBinary ?? "", words, folder: path,
      environment: given.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }, timeout: .seconds(180))
  }

  /// Every delivery as `outbox list --json` prints it.
  func outbox(_ words: String...) async throws -> [JSON] {
    try await command(["outbox", "list", "--json"] + words).lines.map { try JSON(parsing: $0) }
  }

  /// The bytes of every file of the store, as text.
  func storedText() throws -> String {
    try ["", "-wal", ".lock"].map { path + "/data/store.db" + $0 }.filter { access($0, F_OK) == 0 }
      .map { try text(of: $0) }.joined()
  }

  /// `status --json`.
  func status() async throws -> JSON { try JSON(parsing: try await command("status", "--json").out) }
}
