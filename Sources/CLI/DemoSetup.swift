import Diagnostics
import Engine
import Language
import PluginHost
import SiteSpecs

/// What the demo runs: the shipped specs and notifiers, with a configuration made here.
struct DemoSetup {
  let root: String
  let configuration: Configuration
  /// When the recordings were made.
  let now: Instant
  /// The same for people, in the sites' zone.
  var day: String { Value(json: Value.instant(now).json(zone: configuration.sites[0].zone)).plainText }

  /// Invented: the chat, the number and the address exist nowhere.
  static let chat = "1001"
  static let mobile = "09120000000"
  private static let hook = "https://ops.example/hook"
  private static let smsLine = Value.integer(30_000_000)

  init(root: String, keys: DemoChannels.Keys) throws {
    self.root = root
    let reader = SpecReader(catalog: Builtins.catalog)
    let first = try DemoSetup.sample(root, "paziresh24", "demo-1-open")
    let second = try DemoSetup.sample(root, "doctuo", "demo-1-open")
    guard let now = first.now else {
      throw CommandFailure(.invalid, "\(first.folder)/expected.json: `now` is missing")
    }
    self.now = now
    let sites = try ["paziresh24", "doctuo"].map { try DemoSetup.site($0, root, reader) }
    let notifiers = try ["telegram", "smsir", "webhook"].map { id in
      let path = "\(root)/notifiers/\(id).yaml"
      return try DemoSetup.require(reader.readNotifier(file: path, bytes: try Files.read(path)))
    }
    configuration = Configuration(
      sites: sites, notifiers: notifiers, store: "", channels: DemoSetup.channels(keys, notifiers),
      maintainers: [MaintainerTarget(channel: "ops", language: "en")],
      watches: [
        WatchRule(
          site: "paziresh24", params: first.params, every: sites[0].limits.minInterval,
          notify: [
            Subscription(channel: "telegram", to: DemoSetup.chat, language: "fa", on: [.added, .removed]),
            Subscription(channel: "sms", to: DemoSetup.mobile, language: "fa"),
          ]),
        WatchRule(
          site: "doctuo", params: second.params, every: sites[1].limits.minInterval,
          notify: [Subscription(channel: "sms", to: DemoSetup.mobile, language: "fa")]),
      ],
      allowedHosts: [], userAgent: Configuration.defaultUserAgent)
  }

  static func sample(_ root: String, _ site: String, _ name: String) throws -> SampleCase {
    try SampleCase(folder: "\(root)/samples/\(site)/\(name)")
  }

  /// The shipped spec without its rate limit, and without pages kept between runs: a demo has no hours to wait.
  private static func site(_ id: String, _ root: String, _ reader: SpecReader) throws -> SiteSpec {
    let path = "\(root)/sites/\(id).yaml"
    var spec = try require(reader.readSite(file: path, bytes: try Files.read(path)))
    // As a maintainer would name it, wherever the demo was started.
    spec.file = "sites/\(id).yaml"
    spec.limits.gap = nil
    for index in spec.steps.indices { spec.steps[index].refresh = nil }
    return spec
  }

  private static func require<Spec>(_ reading: (spec: Spec?, diagnostics: [Diagnostic])) throws -> Spec {
    guard let spec = reading.spec else {
      throw CommandFailure(.invalid, reading.diagnostics.map { $0.rendered() }.joined(separator: "\n"))
    }
    return spec
  }

  private static func channels(_ keys: DemoChannels.Keys, _ notifiers: [NotifierSpec]) -> [Channel] {
    let given: [(name: String, settings: [String: Channel.Setting])] = [
      ("telegram", ["token": .secret(Secret(keys.token))]),
      ("sms", ["key": .secret(Secret(keys.smsKey)), "line": .plain(smsLine)]),
      ("ops", ["url": .plain(.text(hook)), "secret": .secret(Secret(keys.webhookSecret))]),
    ]
    return zip(given, notifiers).map { channel, notifier in
      var settings = channel.settings
      for option in notifier.options.options where settings[option.name] == nil {
        if let value = option.defaultValue { settings[option.name] = .plain(value) }
      }
      return Channel(name: channel.name, notifier: notifier.id, enabled: true, settings: settings)
    }
  }
}
