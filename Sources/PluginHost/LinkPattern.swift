import Language

/// `https://www.paziresh24.com/dr/{slug}/`: turns a pasted link into parameters.
public struct LinkPattern: Sendable, Hashable {
  public let source: String
  /// In the order in which they stand.
  public let parameters: [String]

  private let host: String
  private let segments: [Part]
  private let query: [QueryPart]

  private enum Part: Sendable, Hashable {
    case literal(String)
    case parameter(String)
  }

  private struct QueryPart: Sendable, Hashable {
    var name: String
    var value: Part
  }

  /// - Throws: ``SyntaxError`` for anything but an absolute http(s) URL whose path (or query values) hold `{name}`s, each
  ///   a whole segment or query value.
  public init(_ source: String) throws(SyntaxError) {
    self.source = source
    guard let link = SplitLink(source) else {
      throw SyntaxError(
        "a link is a URL beginning with https:// or http://, with a host", offset: 0,
        help: "as https://shop.example/item/{id}")
    }
    if let brace = link.host.unicodeScalars.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      let offset = link.host.unicodeScalars.distance(from: link.host.unicodeScalars.startIndex, to: brace)
      throw SyntaxError("the host of a link is spelled out", offset: link.hostOffset + offset)
    }
    host = link.host
    var names: [String] = []
    var segments: [Part] = []
    for (text, offset) in link.segments { segments.append(try Self.part(text, offset, &names)) }
    var query: [QueryPart] = []
    for pair in link.query {
      query.append(
        QueryPart(name: decoded(pair.name) ?? pair.name, value: try Self.part(pair.value, pair.offset, &names)))
    }
    self.segments = segments
    self.query = query
    parameters = names
  }

  private static func part(_ text: String, _ offset: Int, _ names: inout [String]) throws(SyntaxError) -> Part {
    guard text.contains("{") || text.contains("}") else { return .literal(decoded(text) ?? text) }
    let inside = text.dropFirst().dropLast()
    let isName =
      inside.unicodeScalars.first.map { $0 == "_" || ("a"..."z").contains($0) } == true
      && inside.unicodeScalars.allSatisfy { $0 == "_" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }
    guard text.hasPrefix("{"), text.hasSuffix("}"), isName, inside.utf8.count <= 64 else {
      throw SyntaxError(
        "a name in a link is a whole part of its path, or a whole value of its query", offset: offset,
        help: "as /dr/{slug}/ or ?id={id}; names are small letters, digits and '_'")
    }
    let name = String(inside)
    if names.contains(name) { throw SyntaxError("the name '\(name)' is here twice", offset: offset) }
    names.append(name)
    return .parameter(name)
  }

  /// Percent-decoded parameters, nil when the link is another page's.
  ///
  /// Tolerates http for https, a missing or further trailing slash, `www.` given or not, fragments, and further query
  /// parameters. Of the rest nothing is guessed.
  public func match(_ link: String) -> [String: String]? {
    guard let link = SplitLink(link), link.host == host, link.segments.count == segments.count else { return nil }
    var found: [String: String] = [:]
    for (segment, part) in zip(link.segments, segments) {
      guard Self.take(segment.text, part, &found) else { return nil }
    }
    for wanted in query {
      // A '+' is a space in a query, and only there.
      let given = link.query.first { decoded($0.name) == wanted.name }?.value.replacing("+", with: " ")
      guard let given, Self.take(given, wanted.value, &found) else { return nil }
    }
    return found
  }

  private static func take(_ text: String, _ part: Part, _ found: inout [String: String]) -> Bool {
    switch part {
    case .literal(let literal): return decoded(text) == literal
    case .parameter(let name):
      guard let value = canonicalValue(text) else { return false }
      found[name] = value
      return true
    }
  }

  /// A parameter as it is kept: percent-decoded and otherwise untouched. nil for what can be no segment: nothing, `.`,
  /// `..`, a slash, control characters, bytes that are not UTF-8, more than 512 bytes (found by trying: a slug of 80
  /// Persian words).
  public static func canonicalValue(_ text: String) -> String? {
    guard let value = decoded(text), !value.isEmpty, value != ".", value != "..", value.utf8.count <= 512,
      value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "/" && $0 != "\\" })
    else { return nil }
    return value
  }
}

/// A link in its parts.
private struct SplitLink {
  /// Lower case, without `www.` and a default port.
  var host: String
  /// In scalars.
  var hostOffset: Int
  /// Without empty ones at the end, still encoded.
  var segments: [(text: String, offset: Int)] = []
  var query: [(name: String, value: String, offset: Int)] = []

  init?(_ link: String) {
    let scalars = Array(link.unicodeScalars)
    // 8 KiB: the limit of a URL.
    guard link.utf8.count <= 8192, scalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F && $0 != "\\" }) else {
      return nil
    }
    let lowered = link.lowercased()
    guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return nil }
    hostOffset = scheme.count
    let end = scalars.firstIndex(of: "#") ?? scalars.count
    let hostEnd =
      scalars[hostOffset..<max(end, hostOffset)].firstIndex { $0 == "/" || $0 == "?" } ?? max(end, hostOffset)
    guard let host = Self.host(text(scalars[hostOffset..<hostEnd]), scheme) else { return nil }
    self.host = host
    let queryStart = scalars[hostEnd..<max(end, hostEnd)].firstIndex(of: "?")
    segments = Self.pieces(scalars, hostEnd..<(queryStart ?? max(end, hostEnd)), separator: "/")
    if segments.first?.text.isEmpty == true { segments.removeFirst() }
    while segments.last?.text.isEmpty == true { segments.removeLast() }
    guard let queryStart else { return }
    for piece in Self.pieces(scalars, (queryStart + 1)..<end, separator: "&") where !piece.text.isEmpty {
      let parts = piece.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      query.append((name, parts.count > 1 ? String(parts[1]) : "", piece.offset + name.unicodeScalars.count + 1))
    }
  }

  private static func host(_ authority: String, _ scheme: String) -> String? {
    guard !authority.contains("@") else { return nil }
    var host = authority.lowercased()
    let port = scheme == "https://" ? ":443" : ":80"
    if host.hasSuffix(port) { host.removeLast(port.count) }
    if host.hasPrefix("www.") { host.removeFirst(4) }
    return host.isEmpty || host.hasPrefix(":") ? nil : host
  }

  private static func pieces(
    _ scalars: [Unicode.Scalar], _ range: Range<Int>, separator: Unicode.Scalar
  ) -> [(text: String, offset: Int)] {
    var pieces: [(text: String, offset: Int)] = []
    var start = range.lowerBound
    for index in range where scalars[index] == separator {
      pieces.append((text(scalars[start..<index]), start))
      start = index + 1
    }
    pieces.append((text(scalars[start..<range.upperBound]), start))
    return pieces
  }
}

private func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(scalars)) }

/// With `%D8…` decoded; a lone `%` stays. nil where the bytes are not UTF-8.
private func decoded(_ text: String) -> String? {
  guard text.contains("%") else { return text }
  let bytes = Array(text.utf8)
  var output: [UInt8] = []
  var index = 0
  while index < bytes.count {
    if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
      let high = hexDigit(bytes[index + 1]), let low = hexDigit(bytes[index + 2])
    {
      output.append(high << 4 | low)
      index += 3
    } else {
      output.append(bytes[index])
      index += 1
    }
  }
  return String(validating: output, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
