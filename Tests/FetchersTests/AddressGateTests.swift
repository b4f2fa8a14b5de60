import Language
import PluginHost
import TestSupport
import Testing

@testable import Fetchers

struct AddressGateTests {
  private func failure(of url: String, _ gate: AddressGate = AddressGate()) -> FetchFailure.Reason? {
    do throws(FetchFailure) {
      try gate.check(url: url)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test(
    arguments: [
      "8.8.8.8", "1.1.1.1", "172.32.0.1", "172.15.255.255", "100.63.255.255", "100.128.0.0", "192.167.255.255",
      "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8",
    ])
  func `public addresses pass`(_ text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(AddressGate.specialKind(of: address) == nil)
    #expect(failure(of: "http://\(text.contains(":") ? "[\(text)]" : text)/") == nil)
  }

  @Test(
    arguments: [
      ("127.0.0.1", "loopback"), ("169.254.169.254", "cloud metadata"), ("168.63.129.16", "cloud metadata"),
      ("100.100.100.200", "carrier-grade NAT"), ("::ffff:10.0.0.1", "private"), ("::1", "loopback"),
      ("::127.0.0.1", "loopback inside IPv6"), ("64:ff9b::a00:1", "private inside IPv6"),
      ("2002:a00:1::", "private inside IPv6"), ("2001:0:4136:e378:8000:63bf:80ff:fffe", "loopback inside IPv6"),
      ("2606:4700::5efe:a00:1", "private inside IPv6"), ("fd00:ec2::254", "private"), ("4000::1", "reserved"),
      ("255.255.255.255", "broadcast"),
    ])
  func `special addresses are told apart`(_ text: String, _ kind: String) throws {
    #expect(AddressGate.specialKind(of: try #require(IPAddress(text))) == kind)
  }

  @Test func `the allow list knows hosts, ports, names below, addresses and ranges`() throws {
    let gate = AddressGate(
      allowed: try AllowList(parsing: [
        "intranet", "127.0.0.1:8080", "*.corp.example", "10.1.0.0/16", "[::1]:81", "fd00::/8",
      ]))
    let local = try #require(IPAddress("192.168.0.9"))
    for url in [
      "http://127.0.0.1:8080/", "http://10.1.2.3/", "http://[::1]:81/", "http://[fd12::1]/", "http://0x7f.1:8080/",
    ] { #expect(failure(of: url, gate) == nil, "\(url)") }
    for url in [
      "http://127.0.0.1/", "http://127.0.0.1:8081/", "http://10.2.0.1/", "http://[::1]/", "http://localhost/",
    ] { #expect(failure(of: url, gate) == .refusedAddress, "\(url)") }
    for (url, isAllowed) in [
      ("http://intranet:9/x", false), ("http://intranet:99/x", true), ("http://a.corp.example/", true),
      ("http://corp.example/", false), ("http://evil-intranet/", false), ("http://public.example/", false),
    ] {
      guard let parsed = try? ParsedURL(url) else { continue }
      #expect((try? gate.check(local, for: parsed)) != nil || !isAllowed, "\(url)")
      if !isAllowed, parsed.port != 9 { #expect(throws: FetchFailure.self) { try gate.check(local, for: parsed) } }
    }
    let inRange = try #require(IPAddress("10.1.9.9"))
    #expect(throws: Never.self) { try gate.check(inRange, for: try ParsedURL("http://any.example/")) }
  }

  @Test(arguments: ["", "http://a", "a/b", "10.0.0.0/33", "a b", "*", "*.", "a@b", "10.0.0.0/8/8", "fe80::1%eth0"])
  func `what is not a host is refused by the allow list`(_ entry: String) {
    #expect(throws: SyntaxError.self) { _ = try AllowList(parsing: [entry]) }
  }

  @Test func `a port of another protocol needs an entry that names it`() throws {
    #expect(failure(of: "http://site.example:6379/") == .refusedURL)
    #expect(
      failure(of: "http://site.example:6379/", AddressGate(allowed: try AllowList(parsing: ["site.example"])))
        == .refusedURL)
    #expect(
      failure(of: "http://site.example:6379/", AddressGate(allowed: try AllowList(parsing: ["site.example:6379"])))
        == nil)
  }

  @Test func `only the exact mapped target may be loopback`() throws {
    let gate = AddressGate(origins: try OriginMap(parsing: ["https://site.example=http://127.0.0.1:8001"]))
    #expect(failure(of: "http://127.0.0.1:8001/x", gate) == nil)
    #expect(failure(of: "http://127.0.0.1:8002/x", gate) == .refusedAddress)
    #expect(failure(of: "http://127.0.0.2:8001/x", gate) == .refusedAddress)
    #expect(failure(of: "http://localhost:8001/x", gate) == .refusedAddress)
  }

  /// A name that leads to a private address after its URL was found harmless: the socket callback judges the address.
  @Test(arguments: ["127.0.0.1", "10.0.0.5", "[::ffff:10.0.0.5]", "169.254.169.254", "[::1]"])
  func `a name that leads to a private address opens no socket`(_ address: String) async throws {
    let server = try RecordingServer()
    var configuration = try CurlFetcher.Configuration()
    configuration.fixedAddresses = ["rebind.test": [address]]
    let fetcher = CurlFetcher(configuration: configuration)
    let failure = await fetcher.failure(of: Request(url: "http://rebind.test:\(server.port)/secret?x=SECRET"))
    #expect(failure?.reason == .refusedAddress)
    #expect(failure?.message.contains("secret") == false)
    #expect(fetcher.socketsOpened == 0)
    #expect(server.requests.isEmpty)
  }

  @Test func `of several addresses only the allowed are used`() async throws {
    let server = try RecordingServer()
    server.on("GET", "/", .text("ok"))
    var configuration = try CurlFetcher.Configuration(allowedHosts: ["127.0.0.0/8"])
    configuration.fixedAddresses = ["mixed.test": ["10.0.0.5", "127.0.0.1"]]
    let fetcher = CurlFetcher(configuration: configuration)
    #expect(try await fetcher.exchange(Request(url: "http://mixed.test:\(server.port)/")).text == "ok")
    #expect(fetcher.socketsOpened == 1)
  }

  /// libcurl does not open a socket for a kept connection; the request callback judges its peer all the same.
  @Test func `a kept connection to a refused address is not used`() throws {
    let url = try ParsedURL("http://site.example/")
    let prepared = PreparedRequest(request: Request(url: url.text), site: url, target: url, headerLines: [])
    var byte: UInt8 = 0
    withUnsafeMutableBytes(of: &byte) { bytes in
      guard let handle = bytes.baseAddress else { return }
      let transfer = Transfer(prepared, gate: AddressGate(), easy: handle)
      #expect(!transfer.maySend(to: IPAddress("127.0.0.1")))
      #expect(!transfer.maySend(to: nil))
      #expect(transfer.maySend(to: IPAddress("8.8.8.8")))
    }
  }

  @Test func `a redirect to a private address is refused when it is followed`() throws {
    let base = "https://public.test/a"
    for location in ["http://169.254.169.254/", "//127.0.0.1/", "http://[::1]/x", "http://2130706433/"] {
      let next = try #require(resolve(location, against: base))
      #expect(failure(of: next) == .refusedAddress, "\(location)")
    }
    for location in ["file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "http://a\\@b/", "//u:p@h/"] {
      #expect(resolve(location, against: base) == nil, "\(location)")
    }
  }
}

/// `suites/hostile/ssrf_urls.json`: every URL is refused with a reason and without a socket.
@Suite(.enabled(if: shared("suites/hostile/ssrf_urls.json") != nil, "needs ../shared/suites/hostile"))
struct SSRFSuiteTests {
  @Test func `no hostile URL opens a socket`() async throws {
    let file = try #require(shared("suites/hostile/ssrf_urls.json"))
    let document = try JSON(parsing: bytes(of: file))
    guard case .object(let top) = document, case .array(let blocked) = top["blocked"] else {
      Issue.record("no list 'blocked'")
      return
    }
    #expect(blocked.count == 82)
    let fetcher = CurlFetcher(configuration: try .init())
    for case .object(let entry) in blocked {
      guard case .string(let url) = entry["url"] else { continue }
      let failure = await fetcher.failure(of: Request(url: url, timeout: .seconds(2)))
      #expect(
        [.refusedURL, .refusedAddress].contains(failure?.reason), "\(url.prefix(80)): \(String(describing: failure))")
    }
    #expect(fetcher.socketsOpened == 0)
  }
}
