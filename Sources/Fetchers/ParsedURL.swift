internal import CLibCurl
import PluginHost

/// An http or https URL in parts, read by libcurl's own parser, so that what is checked is what is connected to.
///
/// The form is checked here: no user, no backslash, no control character or space, a host that is a name or an address,
/// at most 8 KiB. Bytes outside ASCII are percent-encoded in path and query and become Punycode in the host; `.` and
/// `..` are resolved; the fragment is dropped. Whether it may be fetched is ``AddressGate``'s to say.
public struct ParsedURL: Sendable, Hashable {
  /// `http` or `https`.
  public let scheme: String
  /// Lower case; an IPv6 address in brackets; a final dot is kept.
  public let host: String
  /// The default port where none was written.
  public let port: Int
  /// From the first `/`, percent-encoded.
  public let path: String
  /// Percent-encoded, without the `?`; nil where there is none.
  public let query: String?

  /// In bytes: DESIGN.md section 6.
  public static let maxLength = 8 << 10

  /// - Throws: ``FetchFailure`` with `.refusedURL`; its message names the scheme and host at most.
  public init(_ text: String) throws(FetchFailure) {
    try Self.checkCharacters(text)
    let handle = try CurlURL(encodingNonASCII(text))
    let host = try handle.asciiHost()
    guard handle.text(CURLUPART_ZONEID) == nil else { throw Self.refused("an address with a zone is never fetched") }
    let isNumericAfterMapping = handle.text(CURLUPART_HOST) != host
    scheme = (handle.text(CURLUPART_SCHEME) ?? "").lowercased()
    guard scheme == "http" || scheme == "https" else { throw Self.refused("only http and https URLs are fetched") }
    guard let port = handle.text(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }) else {
      throw Self.refused("the URL's port is not a number")
    }
    self.port = port
    path = handle.text(CURLUPART_PATH) ?? "/"
    query = handle.text(CURLUPART_QUERY)
    // IDNA maps ①②⑦.⓪.⓪.① to 127.0.0.1, which libcurl normalises only when it reads it again.
    self.host = (isNumericAfterMapping ? try CurlURL("http://\(host)/").asciiHost() : host).lowercased()
    try Self.checkHost(self.host)
  }

  init(scheme: String, host: String, port: Int, path: String, query: String?) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.path = path
    self.query = query
  }

  /// `https://host`, with the port where it is not the scheme's own.
  public var origin: String {
    let isDefault = port == (scheme == "https" ? 443 : 80)
    return isDefault ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
  }

  /// The whole URL, as it is sent.
  public var text: String { origin + path + (query.map { "?" + $0 } ?? "") }

  /// The host for comparing: without brackets and final dot.
  public var plainHost: String {
    if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
    return host.hasSuffix(".") ? String(host.dropLast()) : host
  }

  /// The address that the host is written as; nil for a name.
  public var address: IPAddress? { IPAddress(plainHost) }

  static func refused(_ message: String) -> FetchFailure { FetchFailure(.refusedURL, message) }
}

extension ParsedURL {
  private static func checkCharacters(_ text: String) throws(FetchFailure) {
    guard !text.isEmpty else { throw refused("the URL is empty") }
    guard text.utf8.count <= maxLength else { throw refused("the URL is longer than \(maxLength) bytes") }
    for byte in text.utf8 {
      switch byte {
      case 0...0x1f, 0x7f: throw refused("the URL holds a control character")
      case 0x20: throw refused("the URL holds a space")
      case UInt8(ascii: "\\"): throw refused("the URL holds a backslash")
      default: break
      }
    }
    // libcurl forgives http:///etc/passwd and goes to the host "etc".
    var slashes = 0
    var before: UInt8 = 0
    for byte in text.utf8 {
      let isSlash = byte == UInt8(ascii: "/")
      // The first slash of all has to follow the colon, and two more to follow it.
      if slashes > 0 ? !isSlash : isSlash && before != UInt8(ascii: ":") { break }
      if isSlash { slashes += 1 }
      if slashes == 3 { throw refused("the URL has no host") }
      before = byte
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private static func checkHost(_ host: String) throws(FetchFailure) {
    if host.hasPrefix("[") {
      guard IPAddress(host) != nil else { throw refused("the URL's IPv6 address can't be read") }
      return
    }
    let name = host.hasSuffix(".") ? String(host.dropLast()) : host
    guard !name.isEmpty, name.utf8.count <= 253 else { throw refused("the URL's host is empty or over 253 bytes") }
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    for label in labels {
      let isName = label.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
      guard isName, (1...63).contains(label.count) else { throw refused("the URL's host is not a name") }
    }
    // As in the URL standard: a host that ends in a number is an IPv4 address or nothing.
    let endsInNumber = labels.last.map { $0.allSatisfy(isDigit) || $0.starts(with: "0x".utf8) } ?? false
    guard !endsInNumber || IPAddress(name) != nil else { throw refused("the URL's IPv4 address can't be read") }
  }
}

/// Percent-encodes what is not ASCII after the authority; the host's letters are IDNA's business.
private func encodingNonASCII(_ text: String) -> String {
  guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
  // Bytes, as libcurl reads it: a slash and a combining mark after it are one Character.
  let start = text.utf8.firstRange(of: "://".utf8)?.upperBound ?? text.startIndex
  guard let end = text.utf8[start...].firstIndex(where: { "/?#".utf8.contains($0) }) else { return text }
  return text[..<end] + percentEncodingNonASCII(text[end...])
}

/// Every byte outside ASCII as `%XX`.
func percentEncodingNonASCII(_ text: Substring) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    if byte < 0x80 {
      bytes.append(byte)
    } else {
      bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
