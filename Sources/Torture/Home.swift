import Glibc

/// A folder in which the program runs against the world: fifty specs, the shipped notifiers, one configuration.
final class Home: Sendable {
  static let environment = [
    "TORTURE_TOKEN": "1000000001:slothunter-torture-token-of-no-bot", "TORTURE_KEY": "no-key-of-any-panel",
    // Base64 of `a signing secret for torture`.
    "TORTURE_SECRET": "whsec_YSBzaWduaW5nIHNlY3JldCBmb3IgdG9ydHVyZQ==",
  ]

  let folder: Folder
  private let program: String
  private let origins: [String]

  var store: String { folder.path + "/data/store.db" }
  var log: String { folder.path + "/service.log" }

  init(configuration: String, specs: [Int: String], origins: [String]) throws {
    folder = try Folder()
    program = try Torture.program()
    self.origins = origins
    for (name, changes) in [("telegram", []), ("webhook", []), ("smsir", [("rate: 5/s", "rate: 50/s")])] {
      let text = changes.reduce(try shipped("notifiers/\(name).yaml")) { $0.replacing($1.0, with: $1.1) }
      try folder.write(text, to: "notifiers/\(name).yaml")
    }
    for (site, spec) in specs { try folder.write(spec, to: "sites/s\(site).yaml") }
    try folder.write(configuration, to: "slothunter.yaml")
  }

  func start(failpoint: String? = nil) throws -> Child {
    var environment = Home.environment
    environment["SLOTHUNTER_FAILPOINT"] = failpoint
    return try Child(
      program, ["run", "--log=info"] + origins, folder: folder.path, log: log, environment: environment)
  }

  /// Nothing was ever here.
  func forgetStore() { folder.remove("data") }

  // MARK: the torture's own configuration

  /// Sites whose alerts one more chat hears, all together.
  static let crowded = 5

  static func listeners(of site: Int) -> [Listener] {
    var all = [
      World.webhook, Listener(channel: "telegram", address: "\(1000 + site)"),
      // Invented: no such numbers are given out.
      Listener(channel: "sms", address: "0900000\(1000 + site)"),
      Listener(channel: "sms", address: "0900000\(2000 + site)"),
    ]
    if site < crowded { all.append(Listener(channel: "telegram", address: "999")) }
    return all
  }

  static func configuration(sites: Int) -> String {
    var text = """
      sites: [sites]
      notifiers: [notifiers]
      store: data/store.db
      channels:
        telegram: { notifier: telegram, enabled: true, token: "${TORTURE_TOKEN}" }
        sms: { notifier: smsir, enabled: true, key: "${TORTURE_KEY}", line: 30000000 }
        hook: { notifier: webhook, enabled: true, url: https://hook.example/hook, secret: "${TORTURE_SECRET}" }
      maintainers: [ { channel: hook, language: en } ]
      watches:

      """
    for site in 0..<sites {
      text += "  - site: s\(site)\n    params: { page: \"1\" }\n    every: 1s\n    notify:\n"
      for listener in listeners(of: site) {
        text += "      - { channel: \(listener.channel), language: en, first: none"
        text += listener.address.isEmpty ? ", on: [added, removed] }\n" : ", to: \"\(listener.address)\" }\n"
      }
    }
    return text
  }
}
