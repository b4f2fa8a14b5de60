import Diagnostics
import Engine
import Language
import PluginHost
import SiteSpecs

/// Reads what is to be checked and gathers every problem.
struct CheckRun {
  let ignoresSecrets: Bool
  private(set) var list = DiagnosticList()
  private(set) var files = 0
  /// Fingerprints of what was read, by file.
  private(set) var contents: [String: String] = [:]

  init(ignoresSecrets: Bool) { self.ignoresSecrets = ignoresSecrets }

  mutating func run(_ arguments: Arguments) async throws {
    if arguments.positionals.isEmpty {
      let file = arguments["--config"] ?? Workspace.defaultFile
      guard Files.exists(file) else {
        throw CommandFailure(.noInput, "there is no \(file) here", help: "name what to check: slothunter check sites/")
      }
      try await check(file)
    }
    for path in arguments.positionals {
      for file in try expand(path) { try await check(file) }
    }
  }

  private func expand(_ path: String) throws(CommandFailure) -> [String] {
    guard Files.exists(path) else { throw CommandFailure(.noInput, "\(path): there is no such file or folder") }
    guard Files.isDirectory(path) else { return [path] }
    let files = try Files.list(path).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { path + "/" + $0 }
    guard !files.isEmpty else { throw CommandFailure(.noInput, "\(path): no YAML file in it") }
    return files
  }

  private mutating func check(_ file: String) async throws {
    let bytes = try Files.read(file)
    contents[file] = fingerprint(bytes)
    let reader = SpecReader(
      catalog: Builtins.catalog, environment: Workspace.environment, ignoresSecrets: ignoresSecrets,
      isLinting: true)
    switch SpecKind.of(file: file, bytes: bytes) {
    case .site:
      files += 1
      let (spec, found) = reader.readSite(file: file, bytes: bytes)
      for diagnostic in found { list.append(diagnostic) }
      if let spec { await look(at: spec, allowed: nil) }
    case .notifier:
      files += 1
      for diagnostic in reader.readNotifier(file: file, bytes: bytes).diagnostics { list.append(diagnostic) }
    case .configuration:
      let workspace = Workspace.load(file, ignoresSecrets: ignoresSecrets, isLinting: true)
      files += workspace.paths.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.count
      contents.merge(workspace.contents) { _, now in now }
      for diagnostic in workspace.diagnostics { list.append(diagnostic) }
      for diagnostic in RequestLint.check(allowed: workspace.configuration?.allowedHosts ?? [], file, bytes) {
        list.append(diagnostic)
      }
      for spec in workspace.sites { await look(at: spec, allowed: workspace.configuration?.allowedHosts ?? []) }
    }
  }

  /// What takes more than reading the file: what the fetcher says of its requests, and its recordings of its key.
  private mutating func look(at spec: SiteSpec, allowed: [String]?) async {
    for diagnostic in RequestLint.check(spec, allowed: allowed) { list.append(diagnostic) }
    for diagnostic in await SampleLint.check(spec, bytes: Array(spec.text.utf8)) { list.append(diagnostic) }
  }
}
