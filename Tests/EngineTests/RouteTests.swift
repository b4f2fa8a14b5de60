import Language
import PluginHost
import SiteSpecs
import TestSupport
import Testing

@testable import Engine

/// What a spec says of proxies and certificates goes with each of its requests, as far as it may.
struct RouteTests {
  @Test func `a redirect to another origin keeps the proxies and shows no certificate`() async throws {
    let yaml = """
      site: desk
      title: Desk
      timezone: UTC
      request: { proxies: [http://proxy.example:1], tls: { cert: client.pem, key: client.key } }
      steps:
        - step: page
          get: https://desk.example/page
          rows: { each: "$[*]", fields: { id: $.id } }
      items: { key: [id], expect: { count: 0..9 } }
      """
    var desk = try Desk(yaml + Desk.alert)
    let moved = [Request.Header("Location", "https://other.example/there")]
    desk.site.set("/page", "", status: 302, headers: moved)
    desk.site.set("/there", "[{\"id\": 1}]")
    #expect(try await desk.run().verdict == .items)
    let routes = desk.site.requests.map(\.route)
    #expect(routes.map { $0?.proxies.map(\.host) } == [["proxy.example"], ["proxy.example"]])
    #expect(routes[0]?.tls?.certificate == "sites/client.pem" && routes[1]?.tls == nil)
  }

  @Test func `secrets of a site's route are concealed in the log`() throws {
    let reader = SpecReader(catalog: Builtins.catalog, environment: ["PW": "hush"], ignoresSecrets: true)
    let text = """
      site: desk
      title: Desk
      timezone: UTC
      request: { proxy: "http://me:${PW}@proxy.example:1" }
      steps: [ { step: page, get: "https://desk.example/", rows: { each: "$[*]", fields: { id: $.id } } } ]
      items: { key: [id], expect: { count: 0..9 } }
      """
    let spec = try #require(reader.readSite(file: "sites/desk.yaml", text: text + Desk.alert).spec)
    let configuration = Configuration(
      sites: [spec], notifiers: [], store: "", channels: [], maintainers: [], watches: [], allowedHosts: [],
      userAgent: "test")
    #expect(configuration.secrets.map { $0.reveal() }.sorted() == ["hush", "me"])
  }
}
