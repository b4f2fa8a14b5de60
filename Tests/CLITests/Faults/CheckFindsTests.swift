import TestSupport
import Testing

/// What `check` finds beyond reading a file: in its recordings, and in what the fetcher would refuse.
struct CheckFindsTests {
  private static let request =
    "method: GET\nurl: https://shop.example/slots.json\nstatus: 200\ncontent_type: application/json\n"

  private static func recorded(_ spec: String, _ body: String) throws -> TemporaryFolder {
    let home = try TemporaryFolder()
    try home.write(spec, to: "sites/shop.yaml")
    try home.write(request, to: "samples/shop/open/exchanges/01-list.request.yaml")
    try home.write(body, to: "samples/shop/open/exchanges/01-list.response.json")
    return home
  }

  private static let twice = #"{"slots":[{"id":1,"at":1791232200},{"id":1,"at":1791235800},{"id":2,"at":1791235800}]}"#

  @Test func `a key that several rows of a recording share is told, with the recording`() async throws {
    let home = try Self.recorded(CheckTests.good, Self.twice)
    for words in [["check", "sites"], ["check", "sites/shop.yaml"]] {
      let result = try await slothunter(words, folder: home.path)
      #expect(result.status == 0)
      #expect(result.out.contains("sites/shop.yaml:10:15: warning: 1 row has the key of another row"), "\(result)")
      #expect(result.out.contains("[key-not-unique]") && result.out.contains("samples/shop/open"))
    }
    #expect(try await slothunter("check", "--strict", "sites", folder: home.path).status == 2)
    let mended = try Self.recorded(CheckTests.good.replacing("key: [id]", with: "key: [id, start]"), Self.twice)
    #expect(
      try await slothunter("check", "--strict", "sites", folder: mended.path).out == "1 file checked, no problem\n")
    let allowed = try Self.recorded(
      CheckTests.good.replacing(
        "\nitems:",
        with: "\n# slothunter: allow key-not-unique because the site lists a slot once for each doctor\nitems:"),
      Self.twice)
    #expect(
      try await slothunter("check", "--strict", "sites", folder: allowed.path).out == "1 file checked, no problem\n")
  }

  @Test func `recordings that can't be replayed are no matter of check`() async throws {
    let home = try Self.recorded(CheckTests.good, "not json")
    try home.write("url: [", to: "samples/shop/broken/exchanges/01-list.request.yaml")
    try home.write("x", to: "samples/shop/file")
    #expect(try await slothunter("check", "--strict", "sites", folder: home.path).out == "1 file checked, no problem\n")
  }

  private static let configuration = """
    sites: [sites]
    notifiers: [notifiers]
    channels: { out: { notifier: console } }
    maintainers: [ { channel: out } ]
    watches: []
    """

  @Test(arguments: [
    ("https://10.0.0.7/slots.json", "refused-request"), ("http://localhost:8080/x", "refused-request"),
    ("https://shop.example:1/x", "refused-request"), ("https://shop..example/x", "refused-request"),
    ("https://[::1/x", "refused-request"),
  ])
  func `a request that would never be sent is refused where it stands`(url: String, code: String) async throws {
    let home = try TemporaryFolder()
    try home.write(CheckTests.good.replacing("https://shop.example/slots.json", with: url), to: "sites/shop.yaml")
    try home.write(
      "notifier: console\nformat: text\nrecipient: none\nsend: { print: \"{message}\" }\n", to: "notifiers/console.yaml"
    )
    try home.write(Self.configuration, to: "slothunter.yaml")
    let result = try await slothunter("check", folder: home.path)
    #expect(result.status == 2, "\(result)")
    #expect(result.out.contains("sites/shop.yaml:7:") && result.out.contains("[\(code)]"), "\(result)")
  }

  @Test func `a private address is fine where the configuration allows it, and in a site by itself`() async throws {
    let home = try TemporaryFolder()
    try home.write(
      CheckTests.good.replacing("https://shop.example/slots.json", with: "http://10.0.0.7/slots.json"),
      to: "sites/shop.yaml")
    try home.write(
      "notifier: console\nformat: text\nrecipient: none\nsend: { print: \"{message}\" }\n", to: "notifiers/console.yaml"
    )
    try home.write(Self.configuration + "\nallow_hosts: [10.0.0.0/8]\n", to: "slothunter.yaml")
    #expect(try await slothunter("check", "--strict", folder: home.path).status == 0)
    #expect(try await slothunter("check", "--strict", "sites", folder: home.path).status == 0)
  }
}
