import Language
import PluginHost

/// Which origins are fetched from another origin: `--origin https://www.site.example=http://127.0.0.1:8001`.
///
/// Requests, answers and logs keep the site's own URLs; only the connection goes elsewhere.
public struct OriginMap: Sendable, Hashable {
  private struct Pair: Sendable, Hashable {
    var site: ParsedURL
    var target: ParsedURL
  }

  private let pairs: [Pair]

  public init() { pairs = [] }

  /// - Throws: ``SyntaxError`` for the first text that is not `ORIGIN=ORIGIN`, or that maps an origin again.
  public init(parsing texts: [String]) throws(SyntaxError) {
    var pairs: [Pair] = []
    for text in texts {
      guard let equals = text.firstIndex(of: "=") else {
        throw SyntaxError("'\(text)' has no '='", offset: text.unicodeScalars.count, help: Self.example)
      }
      let offset = text.unicodeScalars.distance(from: text.startIndex, to: equals) + 1
      let site = try Self.origin(text[..<equals], offset: 0)
      let target = try Self.origin(text[text.index(after: equals)...], offset: offset)
      guard !pairs.contains(where: { $0.site.origin == site.origin }) else {
        throw SyntaxError("\(site.origin) is mapped twice", offset: 0, help: "keep one of the two")
      }
      pairs.append(Pair(site: site, target: target))
    }
    self.pairs = pairs
  }

  public var isEmpty: Bool { pairs.isEmpty }

  var targets: [ParsedURL] { pairs.map(\.target) }

  /// Where to fetch it from; the URL itself where its origin is not mapped.
  func target(for url: ParsedURL) -> ParsedURL {
    guard let pair = pairs.first(where: { $0.site.origin == url.origin }) else { return url }
    return url.moved(to: pair.target)
  }

  /// The site's own URL for one that may point at a mapped target. Where several sites share the target, `site` wins if
  /// it is one of them, else the first in the map.
  func siteURL(for url: ParsedURL, near site: ParsedURL? = nil) -> ParsedURL {
    let pairs = pairs.filter { $0.target.origin == url.origin }
    let pair = pairs.first { $0.site.origin == site?.origin } ?? pairs.first
    return pair.map { url.moved(to: $0.site) } ?? url
  }

  private static let example = "write SITE=TARGET, like https://www.site.example=http://127.0.0.1:8001"

  private static func origin(_ text: Substring, offset: Int) throws(SyntaxError) -> ParsedURL {
    let url: ParsedURL
    do throws(FetchFailure) {
      url = try ParsedURL(String(text))
    } catch {
      throw SyntaxError("'\(text)' is not an origin: \(error.message)", offset: offset, help: example)
    }
    guard url.path == "/", url.query == nil, !text.contains("#") else {
      throw SyntaxError(
        "'\(text)' has a path, but a whole origin is mapped", offset: offset, help: "did you mean \(url.origin)?")
    }
    guard url.port != 0 else { throw SyntaxError("'\(text)' names port 0", offset: offset, help: example) }
    return url
  }
}

extension ParsedURL {
  fileprivate func moved(to origin: ParsedURL) -> ParsedURL {
    ParsedURL(scheme: origin.scheme, host: origin.host, port: origin.port, path: path, query: query)
  }
}
