import Diagnostics
import Engine
import Fetchers
import Language
import PluginHost
import SiteSpecs

/// What only a site's recordings can tell of its spec: whether its key tells items apart.
enum SampleLint {
  /// Recordings looked at; more take longer than they tell.
  private static let mostCases = 200

  /// - Returns: Warnings, less those that the file allows. None where there are no recordings, or they can't be
  ///   replayed: that is for those who run them to tell.
  static func check(_ spec: SiteSpec, bytes: [UInt8]) async -> [Diagnostic] {
    let root = samples(of: spec)
    guard Files.isDirectory(root), let names = try? Files.list(root) else { return [] }
    for name in names.prefix(mostCases) {
      guard let count = await duplicates(spec, root + "/" + name), count > 0 else { continue }
      let place = SpecReader.place(of: "items.key", file: spec.file, bytes: bytes)
      let diagnostic = Diagnostic(
        .warning, .keyNotUnique, at: place?.location ?? SpecLocation(file: spec.file, line: 1, column: 1),
        keyPath: "items.key",
        "\(count) row\(count == 1 ? " has" : "s have") the key of another row, and only the first is an item",
        help: "add a field to 'key' that differs between them",
        notes: [Diagnostic.Note("seen in the recording \(root)/\(name)")], excerpt: place?.excerpt)
      return Allows(file: spec.file, bytes: bytes).filter([diagnostic])
    }
    return []
  }

  /// `samples/shop` beside the folder of `sites/shop.yaml`.
  private static func samples(of spec: SiteSpec) -> String {
    let folder = spec.file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    return (folder.isEmpty ? "" : folder + "/") + "samples/" + spec.id
  }

  /// nil where the recording can't be replayed with this spec.
  private static func duplicates(_ spec: SiteSpec, _ folder: String) async -> Int? {
    guard Files.isDirectory(folder), let sample = try? SampleCase(folder: folder),
      spec.parameters.allSatisfy({ sample.params[$0] != nil }), let fetcher = try? SampleFetcher(sample.exchanges)
    else { return nil }
    let time = SystemTime()
    let runner = WatchRunner(
      catalog: Builtins.catalog, sender: RequestSender(fetcher: fetcher, governor: nil, time: time), time: time,
      userAgent: Configuration.defaultUserAgent)
    let watch = Watch(spec: spec, params: sample.params, every: spec.limits.minInterval, subscriptions: [])
    let result = await runner.run(watch, now: sample.now ?? Instant(seconds: 0))
    return result.branches.reduce(0) { $0 + $1.duplicates }
  }
}
