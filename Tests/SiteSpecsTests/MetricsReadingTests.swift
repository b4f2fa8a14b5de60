import PluginHost
import Testing

@testable import SiteSpecs

struct MetricsReadingTests {
  private static func read(_ metrics: String) -> (settings: MetricsSettings?, diagnostics: String) {
    var files = Examples.files
    files["slothunter.yaml"] = "sites: [sites]\nnotifiers: [notifiers]\n\(metrics)\nchannels: {}\n"
    let result = loader(files).load("slothunter.yaml")
    return (result.configuration?.metrics, rendered(result.diagnostics))
  }

  @Test(arguments: ["127.0.0.1:9464", "127.9.9.9:1", "[::1]:9464", "127.0.0.1:0"])
  func `a loopback address is served at`(_ listen: String) throws {
    let (settings, diagnostics) = Self.read("metrics: { listen: \"\(listen)\" }")
    #expect(diagnostics.isEmpty)
    let found = try #require(settings)
    #expect(found.listen.description == listen && found.listen.isLoopback)
    #expect(found.place == "slothunter.yaml:3:20")
  }

  @Test(arguments: ["0.0.0.0:9464", "192.0.2.7:9464", "[::]:9464", "[2001:db8::1]:80"])
  func `another address only where that is said`(_ listen: String) {
    #expect(Self.read("metrics: { listen: \"\(listen)\" }").settings == nil)
    let (settings, diagnostics) = Self.read("metrics: { listen: \"\(listen)\", allow_remote: true }")
    #expect(diagnostics.isEmpty)
    #expect(settings?.listen.isLoopback == false)
  }

  @Test func `nothing is served where nothing is said`() {
    let (settings, diagnostics) = Self.read("")
    #expect(settings == nil && diagnostics.isEmpty)
  }

  @Test(arguments: [
    "127.0.0.1", "9464", ":9464", "localhost:9464", "127.0.0.1:70000", "127.0.0.1:-1", "::1:9464", "[127.0.0.1]:1",
    "[::1]", "127.1:9464", "127.0.0.1:94 64", "http://127.0.0.1:9464",
  ])
  func `what is no address with a port is refused`(_ listen: String) {
    #expect(ListenAddress(listen) == nil)
  }
}
