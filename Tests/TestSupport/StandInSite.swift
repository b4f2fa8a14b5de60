import Language
import LoopbackServer
import Synchronization

/// A loopback server that stands in for a whole site: answers by the beginning or the end of a path.
///
///     let site = try StandInSite(["GET /dr/*": .html(page), "POST *getFreeDays": .json(days)])
///     site["POST *getFreeDays"] = .json(other)
///
/// The route with the longest fixed part wins. A request that no route fits gets 404; every request is remembered.
public final class StandInSite: Sendable {
  private struct State {
    var routes: [String: ServerResponse]
    var requests: [ServerRequest] = []
  }

  private final class Shared: Sendable {
    let state: Mutex<State>
    init(_ routes: [String: ServerResponse]) { state = Mutex(State(routes: routes)) }
  }

  private let shared: Shared
  public let server: LoopbackServer
  public var origin: String { server.origin }

  public init(_ routes: [String: ServerResponse] = [:]) throws {
    _ = LoopbackSockets.manyFiles
    let shared = Shared(routes)
    self.shared = shared
    server = try LoopbackServer { request in
      shared.state.withLock { state in
        state.requests.append(request)
        let fitting = state.routes.filter { StandInSite.fits($0.key, request) }
        return fitting.max { $0.key.utf8.count < $1.key.utf8.count }?.value ?? .notFound
      }
    }
  }

  public subscript(route: String) -> ServerResponse? {
    get { shared.state.withLock { $0.routes[route] } }
    set { shared.state.withLock { $0.routes[route] = newValue } }
  }

  public var requests: [ServerRequest] { shared.state.withLock { $0.requests } }
  public func requests(ending: String) -> [ServerRequest] { requests.filter { $0.path.hasSuffix(ending) } }

  /// `--origin` values that make the site's origins this server.
  public func origins(_ sites: [String]) -> [String] { sites.map { "\($0)=\(origin)" } }

  private static func fits(_ route: String, _ request: ServerRequest) -> Bool {
    let parts = route.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0] == request.method else { return false }
    if parts[1].hasPrefix("*") { return request.path.hasSuffix(parts[1].dropFirst()) }
    if parts[1].hasSuffix("*") { return request.path.hasPrefix(parts[1].dropLast()) }
    return request.path == parts[1]
  }
}

/// The captured answers of ../shared/captures, served as the sites gave them.
public enum Captures {
  public static let paziresh24 = ["https://www.paziresh24.com", "https://apigw.paziresh24.com"]
  public static let doctoreto = ["https://api.doctoreto.com"]

  public static var areHere: Bool { shared("captures/PROVENANCE.md") != nil }

  /// A captured file as an answer; its type is told by its name.
  public static func answer(_ path: String, status: Int = 200) throws -> ServerResponse {
    let file = shared("captures/" + path) ?? packageRoot + "/../shared/captures/" + path
    let type = path.hasSuffix(".html") ? "text/html; charset=utf-8" : "application/json; charset=utf-8"
    return ServerResponse(status: status, headers: [ServerHeader("Content-Type", type)], body: try bytes(of: file))
  }

  public static func json(_ path: String) throws -> JSON { try JSON(parsing: try answer(path).body) }

  /// The doctor's page of 2025-07-09, and whatever is given for days and turns.
  public static func clinic(days: String, turns: String? = nil) throws -> StandInSite {
    var routes = [
      "GET /dr/*": try answer("paziresh24/doctor_page_2025-07-09.html"), "POST *getFreeDays": try answer(days),
    ]
    if let turns { routes["POST *getFreeTurns"] = try answer(turns) }
    return try StandInSite(routes)
  }

  /// Doctoreto's three services; every window is answered with the same file.
  public static func doctoretoAPI() throws -> StandInSite {
    try StandInSite([
      "GET *consultation": try answer("doctoreto/mcp_fixtures_2026-10-06/consultation.json"),
      "GET *consultation-times/days": try answer("doctoreto/mcp_fixtures_2026-10-06/slots.json"),
    ])
  }

  /// The captured consultation list with only its first service.
  public static func oneService() throws -> ServerResponse {
    guard case .object(var object) = try json("doctoreto/mcp_fixtures_2026-10-06/consultation.json"),
      case .array(let services)? = object["items"]
    else { throw FileProblem(path: "consultation.json", number: 0) }
    object["items"] = .array(Array(services.prefix(1)))
    return .json(JSON.object(object).text)
  }
}
