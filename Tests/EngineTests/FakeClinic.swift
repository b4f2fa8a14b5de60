import Language
import LoopbackServer
import Synchronization
import TestSupport

/// A stand-in for Paziresh24 that answers in its shapes: one doctor with services, each with free starts.
///
/// Everybody in it is invented.
final class FakeClinic: Sendable {
  enum Service: Sendable {
    /// The first window names the starts themselves.
    case slots([Int64])
    /// The first window is sold out: only days are named, and each day's starts are asked for.
    case days([Int64: [Int64]])
    /// HTTP 200 with this body status.
    case bodyStatus(Int)
    case http(Int, headers: [ServerHeader])
    case body(String, type: String)
  }

  struct State: Sendable {
    var services: [(id: String, service: Service)] = []
    /// Replaces the doctor's page.
    var page: ServerResponse?
    var scriptID = "__NEXT_DATA__"
    var requests: [ServerRequest] = []
  }

  static let slug = "دکتر-نمونه"
  /// 2026-10-06T00:00:00+03:30
  static let midnight: Int64 = 1_791_232_200

  private let shared: Shared
  let server: LoopbackServer

  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  init(_ services: [(String, Service)] = []) throws {
    let shared = Shared()
    self.shared = shared
    server = try LoopbackServer { request in
      shared.state.withLock { state in
        state.requests.append(request)
        return FakeClinic.answer(request, state)
      }
    }
    change { $0.services = services.map { (id: $0.0, service: $0.1) } }
  }

  func change(_ body: (inout State) -> Void) { shared.state.withLock { body(&$0) } }

  func set(_ id: String, _ service: Service) {
    change { state in
      if let index = state.services.firstIndex(where: { $0.id == id }) { state.services[index].service = service }
    }
  }

  var requests: [ServerRequest] { shared.state.withLock { $0.requests } }
  func requests(ending: String) -> [ServerRequest] { requests.filter { $0.path.hasSuffix(ending) } }

  /// `--origin` values that make the site's two origins this server.
  var origins: [String] {
    ["https://www.paziresh24.com=\(server.origin)", "https://apigw.paziresh24.com=\(server.origin)"]
  }

  private static func answer(_ request: ServerRequest, _ state: State) -> ServerResponse {
    if request.path.hasPrefix("/dr/") { return state.page ?? .html(page(state)) }
    let id = form(request.text)["service_id"] ?? ""
    guard let service = state.services.first(where: { $0.id == id })?.service else {
      return .json(#"{"status": 700, "message": "نوبت‌دهی فعال نیست"}"#)
    }
    switch service {
    case .http(let status, let headers):
      return ServerResponse(status: status, headers: headers, body: Array("busy".utf8))
    case .bodyStatus(let status): return .json(#"{"status": \#(status), "message": "پیام"}"#)
    case .body(let text, let type): return .text(text, type: type)
    case .slots(let starts): return request.path.hasSuffix("getFreeDays") ? .json(days(starts)) : .json(turns(starts))
    case .days(let byDay):
      if request.path.hasSuffix("getFreeDays") {
        let list = byDay.keys.sorted().map(String.init).joined(separator: ",")
        return .json(#"{"status": 1, "calendar": {"turns": [\#(list)]}, "result": []}"#)
      }
      return .json(turns(byDay[Int64(form(request.text)["date"] ?? "") ?? 0] ?? []))
    }
  }

  private static func days(_ starts: [Int64]) -> String {
    guard !starts.isEmpty else { return #"{"status": 1, "calendar": {"turns": []}, "result": []}"# }
    let turns = starts.map { #""\#($0)": 0"# }.joined(separator: ",")
    return #"""
      {"status": 1, "message": "ok", "calendar": {"turns": [\#(midnight)]},
       "result": {"\#(midnight)": [{"from": \#(starts[0]), "slice": 600, "rebook": [], "turns": {\#(turns)}}]}}
      """#
  }

  private static func turns(_ starts: [Int64]) -> String {
    let rows = starts.map { #"{"from": \#($0), "to": \#($0 + 600), "workhour_turn_num": 1}"# }
    return #"{"status": 1, "message": "ok", "result": [\#(rows.joined(separator: ","))]}"#
  }

  private static func page(_ state: State) -> String {
    let centers = state.services.enumerated().map { index, entry in
      #"""
      {"id": "c\#(index)", "name": "مطب \#(index + 1)", "is_active": true, "services": [
        {"id": "\#(entry.id)", "alias_title": "ویزیت", "user_center_id": "u\#(index)", "can_booking": 1}]}
      """#
    }
    return #"""
      <!DOCTYPE html><html lang="fa"><head><meta charset="utf-8"><title>نوبت دکتر نمونه</title></head><body>
      <h1>دکتر نمونه رضایی‌فر</h1>
      <script id="\#(state.scriptID)" type="application/json">{"props": {"pageProps": {
        "information": {"display_name": "دکتر نمونه رضایی‌فر"}, "centers": [\#(centers.joined(separator: ","))]}}}</script>
      </body></html>
      """#
  }

  private static func form(_ body: String) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in body.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if parts.count == 2 { fields[parts[0]] = parts[1] }
    }
    return fields
  }
}
