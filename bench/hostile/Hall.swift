import Engine
import Fetchers
import Glibc
import Language
import LoopbackServer
import PluginHost
import SiteSpecs
import Storage
import Synchronization
import TestSupport

/// The whole service over a site that is well, watched often, and one that serves a hostile document.
final class Hall: Sendable {
  static let good = 100
  static let every = Duration.seconds(1)
  /// One for each document: an origin that failed is left alone for a while.
  static let hosts = 64

  private struct State {
    var document: [UInt8] = []
    var headers: [ServerHeader] = []
    /// Of which the log's lines are counted.
    var site = "-"
    /// When each good watch last asked, and how much later than due, this phase.
    var asked: [String: ContinuousClock.Instant] = [:]
    var lags: [Duration] = []
    var said: [String: Int] = [:]
  }

  private final class Shared: Sendable { let state = Mutex(State()) }

  private let shared = Shared()
  private let folder: TemporaryFolder
  private let server: LoopbackServer
  private let catalog: PluginCatalog
  let service: Service

  init() throws {
    folder = try TemporaryFolder()
    let page = Array(Hall.page.utf8)
    server = try LoopbackServer { [shared] request in
      let now = ContinuousClock.now
      return shared.state.withLock { state in
        guard request.path.hasPrefix("/good/") else {
          return ServerResponse(headers: state.headers, body: state.document)
        }
        if let last = state.asked.updateValue(now, forKey: request.path) {
          state.lags.append(max(.zero, now - last - Hall.every))
        }
        return ServerResponse(headers: [ServerHeader("Content-Type", "text/html")], body: page)
      }
    }
    var catalog = Builtins.catalog
    catalog.extractors.append(Spinning())
    self.catalog = catalog
    let origin = server.origin
    let network = try CurlFetcher.Configuration(
      origins: OriginMap(
        parsing: ["https://good.example=\(origin)"]
          + (0..<Hall.hosts).map { "https://bad\($0).example=\(origin)" }))
    var tuning = ServiceTuning()
    tuning.extraction = ExtractionPool.Settings()
    service = Service(
      catalog: catalog, fetcher: CurlFetcher(configuration: network),
      store: try Store(path: folder.path + "/slothunter.db", mode: .readWrite), userAgent: "bench",
      time: SystemTime(), random: .system,
      log: Log(.info) { [shared] line in
        shared.state.withLock { state in
          guard let word = Hall.word(of: line, site: state.site) else { return }
          state.said[word, default: 0] += 1
        }
      }, tuning: tuning)
  }

  /// What a line of the log says of a site.
  private static func word(of line: String, site: String) -> String? {
    if line.contains(" reading overran"), line.contains(" spec=\(site)@") { return "quarantined" }
    guard line.contains(" run watch=\(site)/"), let verdict = line.firstRange(of: "verdict=") else { return nil }
    return String(line[verdict.upperBound...].prefix { $0 != " " })
  }

  /// So many watches of the good site, and four of the bad one.
  func apply(bad: (site: String, text: String)?) async throws {
    shared.state.withLock { $0.site = bad?.site ?? "-" }
    var texts = [("good", Hall.spec("good", "//div[@class='slot']", "{ xpath: \"./span[@class='date']\" }"))]
    if let bad { texts.append(bad) }
    let sites = try texts.map { id, text in
      let (spec, diagnostics) = SpecReader(catalog: catalog).readSite(file: "sites/\(id).yaml", text: text)
      guard let spec else { throw SpawnProblem(description: diagnostics.map { "\($0)" }.joined(separator: "\n")) }
      return spec
    }
    let watches = (0..<Hall.good).map { ("good", $0) } + (0..<4).compactMap { number in bad.map { ($0.site, number) } }
    try await service.apply(
      Configuration(
        sites: sites, notifiers: [], store: "", channels: [], maintainers: [],
        watches: watches.map {
          WatchRule(site: $0.0, params: ["number": "\($0.1)"], every: Hall.every, notify: [])
        }, allowedHosts: [], userAgent: "bench"))
  }

  /// Serves the document for a while.
  func serve(_ document: [UInt8], _ headers: [ServerHeader]) {
    shared.state.withLock { state in
      state.document = document
      state.headers = headers
      // The gap that lies across the change counts too: what came before may have held it up.
      (state.lags, state.said) = ([], [:])
    }
  }

  func take() -> (lags: [Duration], said: [String: Int]) { shared.state.withLock { ($0.lags.sorted(), $0.said) } }

  static func spec(
    _ site: String, _ each: String, _ field: String, note: String = ""
  ) -> String {
    """
    # \(note)
    site: \(site)
    title: \(site)
    timezone: UTC
    links: ["https://\(site).example/\(site)/{number}"]
    limits: { min_interval: 1s }
    steps:
      - step: page
        get: https://\(site).example/\(site)/{number}
        outcomes: [ { empty: { status: 599 } } ]
    \(each.hasPrefix("/") || each.hasPrefix("count") ? "    anchor: //*" : "")
        rows:
          each: \(each)
          fields: { id: \(field) }
    items: { key: [id], expect: { count: 0..500 } }
    alert: { title: { en: New }, line: { en: "{id}" } }
    """
  }

  /// 20 KB, forty rows.
  private static let page =
    "<html><body>"
    + (0..<40).map {
      "<div class=\"slot\"><span class=\"date\">1405/09/\($0)</span><p>\(String(repeating: "word ", count: 90))</p></div>"
    }.joined() + "</body></html>"
}
