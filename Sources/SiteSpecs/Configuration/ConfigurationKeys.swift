import Diagnostics
import Language
import PluginHost

/// `slothunter.yaml` as it is read; channels and watches are kept as entries until sites and notifiers are there.
struct ConfigurationDraft {
  var sites: [Entry] = []
  var notifiers: [Entry] = []
  /// nil where it names none that can be used.
  var store: String? = Configuration.defaultStore
  var allowedHosts: [String] = []
  var userAgent = Configuration.defaultUserAgent
  var metrics: MetricsSettings?
  var channels: Entry?
  var maintainers: Entry?
  var watches: Entry?
}

extension Configuration {
  /// Beside `slothunter.yaml`.
  static let defaultStore = "data/slothunter.db"
}

extension KeyTable where Target == ConfigurationDraft {
  static let configuration = KeyTable(
    "configuration",
    [
      Key(
        "sites", "Folders (or files) of site specs, from this file's folder.", Reading<Entry>.path.oneOrMany,
        required: true, into: \.sites),
      Key(
        "notifiers", "Folders (or files) of notifiers, from this file's folder.", Reading<Entry>.path.oneOrMany,
        required: true, into: \.notifiers),
      Key(
        "store", "The SQLite file, from this file's folder.", .storePath, default: Configuration.defaultStore
      ) {
        entry, draft, context in
        draft.store = context.store(entry)
      },
      Key(
        "allow_hosts", "Hosts, host:ports or address ranges that may be private or loopback.",
        Reading<String>.allowedHost.list(), into: \.allowedHosts),
      Key(
        "user_agent", "The User-Agent of every fetch.", Reading<String>.userAgent,
        default: "'\(Configuration.defaultUserAgent)'", into: \.userAgent),
      Key("metrics", "Where figures and health are served; nowhere where not given.", .table("metrics")) {
        entry, draft, context in draft.metrics = context.metrics(entry)
      },
      Key(
        "channels", "Notifiers with their options set, by name.", .map(names: "channel names", .table("channel"), .id)
      ) {
        entry, draft, _ in draft.channels = entry
      },
      Key("maintainers", "Who hears of layout breaks and channel faults.", .list(.table("maintainer"))) {
        entry, draft, _ in draft.maintainers = entry
      },
      Key("watches", "What is watched, and for whom.", .list(.table("watch"))) { entry, draft, _ in
        draft.watches = entry
      },
    ])
}

extension Shape {
  /// Something, and `://` nowhere in it.
  fileprivate static let noScheme = #"^(?![\s\S]*://)[\s\S]"#
  static let storePath = Shape.form(name: "path", example: "data/slothunter.db", pattern: noScheme)
  static let userAgent = Shape.form(name: "line of ASCII", example: "SlotHunter/0.1", pattern: "^[ -~]+$")
}

extension Reading where Value == Entry {
  /// A path, kept with its place.
  static let path = Reading(.form(name: "path", example: "sites", pattern: Shape.notEmpty)) { entry, context in
    if let name = entry.members?.first?.node.scalar?.text, !name.isEmpty {
      return context.mismatch("text", entry, help: "write [\(name)]")
    }
    return Reading<String>.text(entry, context) == nil ? nil : entry
  }
}

extension Reading where Value == String {
  /// `10.0.0.0/8`, `shop.local`, `127.0.0.1:8080`; what the fetcher's gate lets through.
  static let allowedHost = Reading(.form(name: "host", example: "127.0.0.1:8001", pattern: Shape.noScheme)) {
    entry, context in
    guard let text = text(entry, context) else { return nil }
    if let slash = text.lastIndex(of: "/"), !text.contains("://"),
      let bits = Int(text[text.index(after: slash)...]), bits > (text.contains(":") ? 128 : 32) || bits < 0
    {
      return context.mismatch(
        "a host, host:port or address range", entry, help: "ranges end in /0 to /32, those of IPv6 in /0 to /128")
    }
    if let help = addressHelp(text) { return context.mismatch("a host, host:port or address range", entry, help: help) }
    let isHost = text.unicodeScalars.allSatisfy { scalar in
      scalar.value > 0x20 && !"@?#\\\"'<>{}|^`".unicodeScalars.contains(scalar)
    }
    if isHost, !text.contains("://"), text.split(separator: "/", omittingEmptySubsequences: false).count <= 2 {
      return text
    }
    return context.mismatch("a host, host:port or address range", entry, help: "without https:// and path")
  }

  /// What is wrong with a range's end, a star or a port; nil where nothing is.
  private static func addressHelp(_ text: String) -> String? {
    if text.contains("://") { return nil }
    if let slash = text.lastIndex(of: "/") {
      let bits = text[text.index(after: slash)...]
      return wholeNumber(bits) == nil ? "ranges end in /0 to /32, those of IPv6 in /0 to /128: 10.1.0.0/16" : nil
    }
    let host = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
    if host.isEmpty || host.contains("*") { return "all hosts below a name are *.example; ranges are 10.1.0.0/16" }
    // An address of IPv6 has colons of its own.
    if host.count(where: { $0 == ":" }) == 1, hostAndPort(String(host)) == nil {
      return "ports are numbers from 1 to 65535"
    }
    return nil
  }

  static let userAgent = Reading(.userAgent) { entry, context in
    guard let text = text(entry, context) else { return nil }
    let isOneLine = text.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7F }
    return isOneLine
      ? text : context.mismatch("one line of ASCII", entry, help: "write it in Latin letters, as 'Name (+https://…)'")
  }
}

extension SpecContext {
  fileprivate func store(_ entry: Entry) -> String? {
    guard let resolved = Reading<Substitution.Result>.resolved(entry, self) else { return nil }
    if let scheme = resolved.text.firstRange(of: "://") {
      error(
        .malformedValue,
        "'store': no store of the kind \(quoted(String(resolved.text[..<scheme.lowerBound]))) is built in", at: entry,
        help: "write the path of a SQLite file")
      return nil
    }
    if resolved.text.hasSuffix("/") {
      error(
        .malformedValue, "'store': a file was expected, this is a folder", at: entry,
        help: "write \(resolved.text)slothunter.db")
      return nil
    }
    return resolved.text
  }
}
