import Engine
import Language
import PluginHost
import SiteSpecs

/// Cases below a folder of samples, with the specs that read them.
struct SampleFinder {
  /// `samples`, beside the configuration or named.
  var root: String
  var workspace: Workspace

  struct Case: Sendable {
    /// `paziresh24/with-slots`.
    var name: String
    var spec: SiteSpec
    var folder: String

    func replay() async throws -> SampleReplay {
      try await SampleReplay(try SampleCase(folder: folder), spec: spec)
    }
  }

  /// - Parameters:
  ///   - targets: `SITE` or `SITE/CASE`; all sites where empty.
  ///   - filter: Only cases whose name holds it.
  func cases(_ targets: [String], filter: String?) throws -> [Case] {
    let names = try targets.isEmpty ? sites.flatMap(cases) : targets.flatMap(named)
    let wanted = names.filter { name in filter.map { name.contains($0) } ?? true }
    return try wanted.map { name in
      Case(name: name, spec: try spec(of: name), folder: root + "/" + name)
    }
  }

  /// Folders of the samples that are a site's; others hold exchanges of channels.
  private var sites: [String] {
    get throws {
      guard Files.isDirectory(root) else {
        throw CommandFailure(.noInput, "there is no folder \(root)", help: "name it with --samples")
      }
      let known = Set(workspace.sites.map(\.id)).union(workspace.failedSites.keys)
      return try Files.list(root).filter { known.contains($0) && Files.isDirectory(root + "/" + $0) }
    }
  }

  private func cases(of site: String) throws -> [String] {
    try Files.list(root + "/" + site).filter { Files.isDirectory("\(root)/\(site)/\($0)") }.map { "\(site)/\($0)" }
  }

  private func named(_ target: String) throws -> [String] {
    let name = target.hasSuffix("/") ? String(target.dropLast()) : target
    guard Files.isDirectory(root + "/" + name) else {
      let all = try sites.flatMap { try [$0] + cases(of: $0) }
      throw CommandFailure(
        .noInput, "no sample '\(name)' in \(root)", help: Suggestion.text(name, all, "samples"))
    }
    return name.contains("/") ? [name] : try cases(of: name)
  }

  private func spec(of name: String) throws -> SiteSpec {
    let site = String(name.prefix { $0 != "/" })
    if let spec = workspace.sites.first(where: { $0.id == site }) { return spec }
    guard let problems = workspace.failedSites[site] else {
      throw CommandFailure(
        .noInput, "no spec reads \(name)", help: "sites: \(workspace.sites.map(\.id).joined(separator: ", "))")
    }
    throw CommandFailure(
      .invalid, problems.map { $0.rendered() }.joined(separator: "\n") + "\nthe spec of '\(site)' can't be used")
  }
}
