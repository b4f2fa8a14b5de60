import Diagnostics
import Dispatch
import Language
import PluginHost
import Synchronization

/// One run of the loader.
struct ConfigurationLoading {
  let loader: ConfigurationLoader
  let file: String
  private let reader: SpecReader
  private var diagnostics = DiagnosticList()
  private var failedSites: [String: [Diagnostic]] = [:]
  private var paths: [String] = []
  private var sites = FoundSites()
  private var deadFields: [(site: String, diagnostic: Diagnostic)] = []
  private var notifiers = FoundNotifiers()
  private var store: String?
  /// By id, for the second file of one.
  private var filesOfNotifiers: [String: String] = [:]
  /// Two files for one notifier: neither can be meant.
  private var hasTwinNotifiers = false

  init(loader: ConfigurationLoader, file: String) {
    self.loader = loader
    self.file = file
    reader = SpecReader(
      catalog: loader.catalog, environment: loader.environment, files: loader.files,
      ignoresSecrets: loader.ignoresSecrets, isLinting: loader.isLinting)
  }

  mutating func run(keeping previous: [SiteSpec]) -> ConfigurationLoader.Result {
    paths.append(file)
    guard let bytes = bytes(of: file, .ofConfiguration) else { return result(nil) }
    let (context, root) = reader.open(file: file, bytes: bytes, budget: .ofConfiguration, detaching: "watches")
    context.substitution = Substitution(
      environment: loader.environment, files: loader.files, isLenient: loader.ignoresSecrets)
    guard let root else { return finish(context, nil, nil) }
    var draft = ConfigurationDraft()
    let isRead = KeyTable<ConfigurationDraft>.configuration.read(root, into: &draft, context) != nil
    store = draft.store.map(beside)
    guard isRead else {
      return finish(context, root, nil)
    }
    let used = context.enabledNotifiers(draft.channels)
    let notifierFiles = specFiles(draft.notifiers, context)
    notifiers.isPartial = !notifierFiles.isComplete || draft.notifiers.isEmpty
    for path in notifierFiles.found { readNotifier(path) }
    let siteFiles = specFiles(draft.sites, context)
    sites.isPartial = !siteFiles.isComplete || draft.sites.isEmpty
    for site in readAll(siteFiles.found) { add(site) }
    keep(previous)
    let channels = context.channels(draft.channels, notifiers)
    let directory = ChannelDirectory(
      channels: Dictionary(channels.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
      notifiers: notifiers.specs, names: draft.channels?.members?.map(\.name) ?? [],
      off: context.namesOfChannelsOff(draft.channels))
    let configuration = Configuration(
      sites: sites.readings.values.map(\.spec).sorted { $0.id < $1.id },
      notifiers: notifiers.specs.values.sorted { $0.id < $1.id }, store: store ?? beside(Configuration.defaultStore),
      channels: channels,
      maintainers: context.maintainers(draft.maintainers, directory),
      watches: context.watches(draft.watches, sites, directory), allowedHosts: draft.allowedHosts,
      userAgent: draft.userAgent, metrics: draft.metrics)
    let isStopped = hasTwinNotifiers || notifiers.broken.keys.contains(where: used.contains)
    tellDeadFields(context)
    if draft.maintainers?.elements?.isEmpty ?? (draft.maintainers == nil), !(draft.channels?.members ?? []).isEmpty,
      let watches = draft.watches
    {
      context.lint(
        .noMaintainer, "nobody hears when a site's layout breaks or a channel fails",
        at: (draft.maintainers ?? watches).atKey,
        help: "maintainers: [ { channel: … } ]")
    }
    return finish(context, root, isStopped ? nil : configuration)
  }

  private mutating func finish(
    _ context: SpecContext, _ root: Entry?, _ configuration: Configuration?
  ) -> ConfigurationLoader.Result {
    context.settle(root?.node)
    let own = context.maskedDiagnostics
    for diagnostic in own { diagnostics.append(diagnostic) }
    return result(own.contains { $0.severity == .error } ? nil : configuration)
  }

  private func result(_ configuration: Configuration?) -> ConfigurationLoader.Result {
    ConfigurationLoader.Result(
      configuration: configuration, store: store, diagnostics: diagnostics.sorted, failedSites: failedSites,
      paths: paths)
  }

  // MARK: Files

  /// `path` as it stands in the file, from the file's folder.
  private func beside(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }

  /// The YAML files at the paths: those of folders in order of their names, hidden ones (editors' swap files) left out.
  private mutating func specFiles(_ entries: [Entry], _ context: SpecContext) -> (found: [String], isComplete: Bool) {
    var found: [String] = []
    var isComplete = true
    for entry in entries {
      let path = beside(entry.node.scalar?.text ?? "")
      paths.append(path)
      if isSpecName(path) {
        found.append(path)
      } else if let names = loader.files.list(path) {
        found += names.filter(isSpecName).sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
      } else {
        isComplete = false
        let written = entry.node.scalar?.text ?? ""
        let folders = ["sites", "notifiers"].filter { loader.files.list(beside($0)) != nil }
        let guess = didYouMean(written, among: folders).map { "did you mean '\($0)'? " } ?? ""
        context.error(
          .missingFolder, "there is no folder \(quoted(path))", at: entry,
          help: guess + "paths start from this file's folder")
      }
    }
    paths += found
    return (found, isComplete)
  }

  private func isSpecName(_ name: String) -> Bool {
    let last = name.split(separator: "/").last ?? ""
    return !last.hasPrefix(".") && (last.hasSuffix(".yaml") || last.hasSuffix(".yml"))
  }

  private func read(_ path: String, _ budget: YAMLReader.Budget = YAMLReader.Budget()) throws(Diagnostic) -> [UInt8] {
    // One byte more than the limit, so that the reader sees it crossed.
    switch loader.files.read(path, budget.size + 1) {
    case .success(let bytes): return bytes
    case .failure(let problem):
      throw Diagnostic(
        .error, .unreadableFile, at: SpecLocation(file: path, line: 1, column: 1),
        "can't read the file: \(problem.reason)")
    }
  }

  private mutating func bytes(of path: String, _ budget: YAMLReader.Budget = YAMLReader.Budget()) -> [UInt8]? {
    do { return try read(path, budget) } catch {
      diagnostics.append(error)
      return nil
    }
  }

  private func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.split(separator: ".").first.map(String.init) ?? name
  }

  // MARK: Specs

  private mutating func readNotifier(_ path: String) {
    let id = stem(of: path)
    guard let bytes = bytes(of: path) else {
      notifiers.broken[id] = path
      return
    }
    let (spec, found) = reader.notifier(file: path, bytes: bytes)
    for diagnostic in found.sorted { diagnostics.append(diagnostic) }
    if let other = filesOfNotifiers.updateValue(path, forKey: id) {
      refuseTwin(path, other)
      hasTwinNotifiers = true
    }
    if let spec { notifiers.specs[id] = spec } else { notifiers.broken[id] = path }
  }

  /// A site's file as it was read, before it is held against the others.
  private struct ReadSite: Sendable {
    var path: String
    var reading: SiteReading?
    var diagnostics: [Diagnostic]
  }

  /// Reads on all cores: thousands of specs are read at a start. In the order of `paths`.
  private func readAll(_ paths: [String]) -> [ReadSite] {
    let results = Mutex([ReadSite?](repeating: nil, count: paths.count))
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let site = readSite(paths[index])
      results.withLock { $0[index] = site }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }

  private func readSite(_ path: String) -> ReadSite {
    do {
      let (reading, found) = reader.site(file: path, bytes: try read(path))
      return ReadSite(path: path, reading: reading, diagnostics: found.sorted)
    } catch {
      return ReadSite(path: path, reading: nil, diagnostics: [error])
    }
  }

  private mutating func add(_ site: ReadSite) {
    let id = stem(of: site.path)
    for diagnostic in site.diagnostics {
      // A subscription may ask for it yet.
      if diagnostic.code == .deadField { deadFields.append((id, diagnostic)) } else { diagnostics.append(diagnostic) }
    }
    guard let reading = site.reading else { return fail(id, site.path, site.diagnostics) }
    if let why = loader.refused[.init(reading.spec)] {
      diagnostics.append(why)
      return fail(id, site.path, [why])
    }
    if let other = sites.readings[id] {
      fail(id, site.path, [refuseTwin(site.path, other.spec.file)])
      sites.readings[id] = nil
    } else if sites.broken[id] == nil {
      sites.readings[id] = reading
    }
  }

  /// Fields that neither their own site nor a condition of any subscription asks for.
  private mutating func tellDeadFields(_ context: SpecContext) {
    for (site, diagnostic) in deadFields {
      let field = diagnostic.keyPath.split(separator: ".").last.map(String.init) ?? ""
      if context.usedOfSites[site]?.contains(field) != true { diagnostics.append(diagnostic) }
    }
  }

  private mutating func fail(_ id: String, _ path: String, _ why: [Diagnostic]) {
    sites.broken[id] = path
    failedSites[id, default: []] += why
  }

  /// Two files for one id: neither can be meant.
  @discardableResult
  private mutating func refuseTwin(_ path: String, _ other: String) -> Diagnostic {
    let diagnostic = Diagnostic(
      .error, .duplicateFile, at: SpecLocation(file: path, line: 1, column: 1),
      "another file has the same name: \(other)",
      help: "one id, one file: rename or remove one of them")
    diagnostics.append(diagnostic)
    return diagnostic
  }

  /// A site whose file has errors goes on as it was.
  private mutating func keep(_ previous: [SiteSpec]) {
    for spec in previous where sites.broken[spec.id] != nil {
      sites.readings[spec.id] = reader.site(file: spec.file, bytes: Array(spec.text.utf8)).0
    }
  }
}

extension SpecContext {
  /// Names of channels that are switched off.
  fileprivate func namesOfChannelsOff(_ entry: Entry?) -> Set<String> {
    let off = (entry?.members ?? []).filter { channel in
      channel.members?.first { $0.name == "enabled" }?.node.scalar?.resolved(tag: nil) == .boolean(false)
    }
    return Set(off.map(\.name))
  }
}
