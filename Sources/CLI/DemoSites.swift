import Fetchers
import LoopbackServer
import PluginHost
import Synchronization

/// The two sites of the demo: recordings served on loopback, one server for each origin.
///
/// What a site answers is one sample at a time; putting on another is how the story goes on.
final class DemoSites: Sendable {
  /// Origins that the two specs fetch from.
  static let origins = ["https://www.paziresh24.com", "https://apigw.paziresh24.com", "https://api.doctoreto.com"]

  private struct State {
    var stages: [String: SampleFetcher] = [:]
    var requests = 0
    /// Requests that no recording has an answer for, as `METHOD path`.
    var strays: [String] = []
  }

  /// What the handlers share; they must not hold the servers.
  private final class Shelf: Sendable {
    let state = Mutex(State())

    func answer(_ asked: ServerRequest, origin: String) -> ServerResponse {
      let method = Request.Method(rawValue: asked.method) ?? .get
      let request = Request(method: method, url: origin + asked.target, body: asked.body)
      let stages = state.withLock { state in
        state.requests += 1
        return Array(state.stages.values)
      }
      for stage in stages {
        if let found = try? stage.answer(to: request) {
          let headers = found.headers.map { ServerHeader($0.name, $0.value) }
          return ServerResponse(status: found.status, headers: headers, body: found.body)
        }
      }
      state.withLock { $0.strays.append("\(asked.method) \(origin)\(asked.path)") }
      return .notFound
    }
  }

  private let shelf = Shelf()
  private let servers: [LoopbackServer]

  init() throws {
    servers = try DemoSites.origins.map { [shelf] origin in
      try LoopbackServer { shelf.answer($0, origin: origin) }
    }
  }

  /// `https://site=http://127.0.0.1:PORT`, for ``OriginMap``.
  var mappings: [String] { zip(DemoSites.origins, servers).map { $0 + "=" + $1.origin } }

  /// From now on `site` answers as the sample recorded it.
  func show(_ site: String, _ sample: SampleCase) throws {
    let stage = try SampleFetcher(sample.exchanges)
    shelf.state.withLock { $0.stages[site] = stage }
  }

  var requests: Int { shelf.state.withLock(\.requests) }
  var strays: [String] { shelf.state.withLock(\.strays) }

  func stop() { for server in servers { server.stop() } }
}
