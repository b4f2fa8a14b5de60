import LoopbackServer

/// Fifty servers, one a site: even ones answer JSON, odd ones HTML, every fourth with an ETag.
final class Sites: Sendable {
  private let servers: [LoopbackServer]

  init(_ world: World) throws {
    servers = try (0..<world.sites).map { site in
      try LoopbackServer { request in
        guard request.path == "/open" else { return .notFound }
        return Sites.answer(request, site, world.read(site))
      }
    }
  }

  /// `--origin` arguments.
  var origins: [String] {
    servers.enumerated().flatMap { ["--origin", "\(Sites.origin($0.offset))=\($0.element.origin)"] }
  }

  static func origin(_ site: Int) -> String { "https://s\(site).example" }

  func stop() { for server in servers { server.stop() } }

  private static func answer(_ request: ServerRequest, _ site: Int, _ openings: [Opening]) -> ServerResponse {
    var response = site.isMultiple(of: 2) ? json(openings) : html(openings)
    guard site % 4 == 1 else { return response }
    let tag = "\"" + openings.map(\.token).joined(separator: ".") + "\""
    response.headers.append(ServerHeader("ETag", tag))
    if request.header("If-None-Match") == tag { response = ServerResponse(status: 304, headers: response.headers) }
    return response
  }

  private static func json(_ openings: [Opening]) -> ServerResponse {
    let rows = openings.map { #"{"id":"\#($0.slotID)","turn":\#($0.turn)}"# }
    return .json(#"{"open":[\#(rows.joined(separator: ","))]}"#)
  }

  private static func html(_ openings: [Opening]) -> ServerResponse {
    let rows = openings.map { #"<li><a data-id="\#($0.slotID)">slot</a><b>\#($0.turn)</b></li>"# }
    return .html("<!DOCTYPE html><title>open</title><ul class=\"open\">\n\(rows.joined(separator: "\n"))\n</ul>")
  }

  /// The spec of one site.
  static func spec(_ site: Int) -> String {
    let rows =
      site.isMultiple(of: 2)
      ? """
          anchor: $.open
          rows: { each: "$.open[*]", fields: { id: $.id, turn: { json: $.turn, as: integer } } }
      """
      : """
          anchor: { css: "ul.open" }
          rows: { each: { css: "ul.open > li" }, fields: { id: { css: "a::attr(data-id)", required: true }, turn: { css: "b::text", as: integer } } }
      """
    return """
      site: s\(site)
      title: Site \(site)
      timezone: UTC
      links: [ "\(origin(site))/open/{page}" ]
      limits: { rate: 50/s, concurrency: 4, min_interval: 1s }
      steps:
        - step: open
          get: \(origin(site))/open?page={page}
      \(rows)
      items: { key: [id], expect: { count: 0..500 } }
      alert:
        on: [added]
        title: { en: "Open" }
        line: { en: "{id}#{turn}" }
        useful_for: 6h

      """
  }
}
