import Diagnostics
import Engine
import Fetchers
import Glibc
import Language
import PluginHost
import SiteSpecs

/// The files a command works with: `slothunter.yaml`, and the sites and notifiers it names.
struct Workspace: Sendable {
  static let defaultFile = "slothunter.yaml"

  var file: String
  /// nil where the file has errors, or is not there and was not asked for.
  var configuration: Configuration?
  /// Also where there is no configuration, as long as the file says it.
  var store: String? = nil
  var sites: [SiteSpec]
  var diagnostics: [Diagnostic]
  var failedSites: [String: [Diagnostic]]
  var paths: [String]
  /// What each file held when it was read, and each folder listed, as a fingerprint.
  var contents: [String: String] = [:]

  /// Whoever runs them has taken them up: the sites are what is needed from here on.
  mutating func forgetWatches() {
    configuration?.watches = []
    SpareMemory.giveBack()
  }

  static var environment: [String: String] {
    var all: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { all[String(parts[0])] = String(parts[1]) }
      next += 1
    }
    return all
  }

  static func load(
    _ file: String, ignoresSecrets: Bool = false, isLinting: Bool = false, keeping previous: [SiteSpec] = [],
    refusing refused: [ConfigurationLoader.SpecVersion: Diagnostic] = [:]
  ) -> Workspace {
    let contents = FileContents()
    var loader = ConfigurationLoader(
      catalog: Builtins.catalog, environment: environment, files: contents.files, ignoresSecrets: ignoresSecrets)
    loader.refused = refused
    loader.isLinting = isLinting
    let result = loader.load(file, keeping: previous)
    return Workspace(
      file: file, configuration: result.configuration, store: result.store, sites: result.configuration?.sites ?? [],
      diagnostics: result.diagnostics.map(\.withoutAddresses), failedSites: result.failedSites, paths: result.paths,
      contents: contents.fingerprints)
  }

  /// For commands that run or change something: everything must be valid, secrets too.
  static func require(_ arguments: Arguments, _ terminal: Terminal) throws(CommandFailure) -> (Workspace, Configuration)
  {
    let file = arguments["--config"] ?? defaultFile
    guard Files.exists(file) else {
      throw CommandFailure(.noInput, "there is no \(file) here", help: "name it with --config, or go to its folder")
    }
    let workspace = load(file)
    for diagnostic in workspace.diagnostics { terminal.err(diagnostic.rendered(colour: terminal.isInteractive)) }
    guard let configuration = workspace.configuration else {
      throw CommandFailure(.invalid, "\(file) can't be used as it is")
    }
    return (workspace, configuration)
  }

  /// For commands that need sites only: channels and secrets may be missing, and there may be no configuration at all.
  static func sites(_ arguments: Arguments) throws(CommandFailure) -> Workspace {
    let file = arguments["--config"] ?? defaultFile
    if Files.exists(file) {
      var workspace = load(file, ignoresSecrets: true)
      if workspace.configuration == nil { workspace.sites = try folder(beside(file)).sites }
      return workspace
    }
    guard arguments["--config"] == nil else { throw CommandFailure(.noInput, "there is no \(file)") }
    return try folder("sites")
  }

  /// Every site of a folder, without a configuration.
  private static func folder(_ path: String) throws(CommandFailure) -> Workspace {
    guard Files.isDirectory(path) else {
      throw CommandFailure(
        .noInput, "there is no \(defaultFile) and no folder sites/ here", help: "name it with --config")
    }
    var workspace = Workspace(
      file: path, configuration: nil, sites: [], diagnostics: [], failedSites: [:], paths: [path])
    for name in try Files.list(path) where name.hasSuffix(".yaml") {
      try workspace.read(path + "/" + name)
    }
    return workspace
  }

  private static func beside(_ file: String) -> String {
    file.lastIndex(of: "/").map { file[...$0] + "sites" } ?? "sites"
  }

  private mutating func read(_ path: String) throws(CommandFailure) {
    let reader = SpecReader(catalog: Builtins.catalog, environment: Workspace.environment)
    let (spec, found) = reader.readSite(file: path, bytes: try Files.read(path))
    diagnostics += found
    if let spec {
      sites.append(spec)
    } else {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      failedSites[String(name.prefix { $0 != "." })] = found
    }
  }

  static func storePath(_ arguments: Arguments) throws(CommandFailure) -> String {
    let file = arguments["--config"] ?? defaultFile
    guard Files.exists(file) else {
      throw CommandFailure(.noInput, "there is no \(file) here", help: "name the store with --store")
    }
    if let path = load(file, ignoresSecrets: true).store { return path }
    throw CommandFailure(
      .invalid, "\(file) does not say where the store is",
      help:
        "`slothunter check` says why; a service that runs goes on by what it said before: name its store with --store")
  }

  /// The spec that a person means: a site's id, or a spec's file.
  func spec(_ target: String) throws(CommandFailure) -> SiteSpec {
    if target.hasSuffix(".yaml") || target.hasSuffix(".yml") { return try spec(file: target) }
    if let site = sites.first(where: { $0.id == target }) { return site }
    return try byID(target, [:]).0
  }

  private func spec(file: String) throws(CommandFailure) -> SiteSpec {
    var workspace = self
    workspace.sites = []
    workspace.diagnostics = []
    try workspace.read(file)
    guard let only = workspace.sites.first else {
      throw CommandFailure(
        .invalid, workspace.diagnostics.map { $0.rendered() }.joined(separator: "\n") + "\n\(file) can't be used")
    }
    return only
  }

  /// The watch that a person means: a site with parameters, a pasted link, a watch's id, or a spec's file.
  func watch(_ target: String, params: [String: String]) throws(CommandFailure) -> Watch {
    var params = params
    let spec: SiteSpec
    if target.hasSuffix(".yaml") || target.hasSuffix(".yml") {
      spec = try self.spec(file: target)
    } else if target.contains("://") {
      (spec, params) = try link(target, params)
    } else if let site = sites.first(where: { $0.id == target }) {
      spec = site
    } else {
      (spec, params) = try byID(target, params)
    }
    for name in params.keys where !spec.parameters.contains(name) {
      let guess = didYouMean(name, among: spec.parameters).map { "did you mean '\($0)'? " } ?? ""
      throw CommandFailure(
        .usage, "\(spec.id) has no parameter '\(name)'",
        help: guess + "parameters: \(spec.parameters.joined(separator: ", "))")
    }
    if let missing = spec.parameters.first(where: { params[$0] == nil }) {
      let all = spec.parameters.map { "--param \($0)=…" }.joined(separator: " ")
      throw CommandFailure(.usage, "\(spec.id) needs the parameter '\(missing)'", help: "\(all), or paste a link")
    }
    return Watch(spec: spec, params: params, every: spec.limits.minInterval, subscriptions: [])
  }

  /// The site a pasted link belongs to, with its parameters.
  func link(_ link: String, _ given: [String: String] = [:]) throws(CommandFailure) -> (SiteSpec, [String: String]) {
    for site in sites {
      for pattern in site.links {
        if let params = pattern.match(link) { return (site, params.merging(given) { _, mine in mine }) }
      }
    }
    let known = sites.flatMap(\.links).map(\.source).joined(separator: "\n    ")
    throw CommandFailure(.invalid, "no site reads \(link)", help: "links that are read:\n    \(known)")
  }

  /// `paziresh24/دکتر-نمونه`
  private func byID(_ id: String, _ given: [String: String]) throws(CommandFailure) -> (SiteSpec, [String: String]) {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if let site = sites.first(where: { $0.id == parts[0] }), parts.count == site.parameters.count + 1 {
      let values = parts.dropFirst().map { $0.replacing("%2F", with: "/").replacing("%25", with: "%") }
      return (site, Dictionary(zip(site.parameters, values)) { first, _ in first }.merging(given) { _, mine in mine })
    }
    if let found = failedSites[parts[0]] {
      throw CommandFailure(
        .invalid, found.map { $0.rendered() }.joined(separator: "\n") + "\nthe spec of '\(parts[0])' can't be used")
    }
    let ids = sites.map(\.id)
    let guess = didYouMean(parts[0], among: ids).map { "did you mean '\($0)'? " } ?? ""
    throw CommandFailure(.noInput, "no site '\(parts[0])'", help: guess + "sites: \(ids.joined(separator: ", "))")
  }
}

/// What fetches for a command: the network with its gate, and `--origin` mappings.
enum Network {
  static func fetcher(_ arguments: Arguments, _ configuration: Configuration?) throws(CommandFailure) -> CurlFetcher {
    do throws(SyntaxError) {
      return CurlFetcher(
        configuration: try CurlFetcher.Configuration(
          origins: try OriginMap(parsing: arguments.all("--origin")), allowedHosts: configuration?.allowedHosts ?? [],
          userAgent: configuration?.userAgent ?? Configuration.defaultUserAgent))
    } catch {
      throw CommandFailure(.usage, error.message, help: error.help)
    }
  }
}
