import Diagnostics
import Language
import PluginHost

extension Shape {
  static let channelURL = Shape.form(
    name: "URL", example: "'{api}/send'", pattern: #"^(\{|[hH][tT][tT][pP][sS]?://[^/?#])"#, takes: .text)
}

extension Reading where Value == Template {
  /// A URL whose scheme and host are spelled out: what a page says can never choose where a request goes.
  static let url = Reading(.url) { entry, context in
    guard let template = template(entry, context), context.checkURL(template, at: entry) else { return nil }
    return template
  }

  /// A URL whose beginning may also come from what an operator sets.
  static let channelURL = Reading(.channelURL) { entry, context in
    guard let template = template(entry, context), context.checkURL(template, at: entry, optionsMayName: true) else {
      return nil
    }
    return template
  }
}

extension SpecContext {
  /// - Parameter optionsMayName: Whether options that are no secrets may stand in scheme and host.
  func checkURL(_ template: Template, at entry: Entry, optionsMayName: Bool = false) -> Bool {
    let pieces = TemplateSkeleton(template.source).pieces
    if let bad = pieces.first(where: { isNeverInURL($0.scalar) }) {
      let digits = String(bad.scalar.value, radix: 16, uppercase: true)
      error(
        .badURL, "a URL can't hold \(bad.scalar == " " ? "a space" : quoted(String(bad.scalar)))", at: entry,
        offset: bad.offset, help: bad.scalar.value < 0x20 ? "remove it" : "remove it, or write %\(digits)")
      return false
    }
    if optionsMayName, let first = pieces.first, let name = first.name {
      return checkHostName(name, at: entry, offset: first.offset)
    }
    let text = String(String.UnicodeScalarView(pieces.map(\.scalar)))
    let schemes = ["https://", "http://"]
    guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }) else {
      error(
        .badURL, "a URL begins with https:// or http://, spelled out", at: entry,
        help: afterScheme(template.source).map { "write https://\($0)" }
          ?? "only web addresses are requested: https://shop.example/path")
      return false
    }
    lintScheme(template.source, at: entry)
    lintHiddenCharacters(template.source, at: entry)
    let authority = pieces.dropFirst(scheme.count).prefix { !"/?#".unicodeScalars.contains($0.scalar) }
    return checkAuthority(Array(authority), at: entry, after: scheme.count, optionsMayName: optionsMayName)
  }

  private func checkAuthority(
    _ authority: [TemplateSkeleton.Piece], at entry: Entry, after start: Int, optionsMayName: Bool
  ) -> Bool {
    if let hole = authority.first(where: { $0.name != nil }), let name = hole.name {
      if optionsMayName { return checkHostName(name, at: entry, offset: hole.offset) }
      error(
        .badURL, "the host of a URL is spelled out, \(quoted(name)) can't choose it", at: entry, offset: hole.offset,
        help: "names may stand in the path, the query and the body")
      return false
    }
    if let at = authority.first(where: { $0.scalar == "@" }) {
      error(
        .badURL, "a URL can't hold a user name or password", at: entry, offset: at.offset, help: "send it in a header")
      return false
    }
    let text = String(String.UnicodeScalarView(authority.map(\.scalar)))
    let parts = hostAndPort(text)
    guard let parts, !parts.host.isEmpty else {
      let isPort = parts == nil && !text.contains("[")
      error(
        .badURL, isPort ? "the port in \(quoted(text)) is none" : "a URL needs a host, \(quoted(text)) is none",
        at: entry,
        offset: start, help: isPort ? "ports are numbers from 1 to 65535" : "write it as https://shop.example/path")
      return false
    }
    return true
  }

  /// Only a public option may say where a channel is: never a secret (hosts are logged), a message or an address.
  private func checkHostName(_ name: String, at entry: Entry, offset: Int) -> Bool {
    switch names[name]?.origin {
    case .option(isSecret: false), nil: return true
    case .option(isSecret: true):
      error(
        .exposedSecret, "the secret '\(name)' can't be part of a URL's host", at: entry, offset: offset,
        help: "hosts are logged")
    default:
      error(
        .badURL, "'\(name)' can't choose the host of a URL", at: entry, offset: offset,
        help: "a host is spelled out or comes from an option that is no secret")
    }
    return false
  }

  /// Refuses a request that one of the site's `never` globs matches whatever the names in it stand for; what they stand
  /// for in a run is looked at then.
  func checkNever(_ template: Template, at entry: Entry, _ globs: [(Entry, Glob)]) {
    let path = pathWithHoles(of: template)
    for (place, glob) in globs where glob.mustMatch(pathWithHoles: path, hole: Self.hole) {
      error(
        .neverRequested, "this request matches the 'never' glob \(quoted(glob.source))", at: entry,
        help: "such requests change something on the site; SlotHunter only reads",
        notes: [Diagnostic.Note("the glob is", at: location(of: place))])
      return
    }
  }

  /// Stands for no character of a URL.
  private static let hole: Character = "\u{FFFC}"

  /// The path of a URL that was checked, with a hole for each name.
  private func pathWithHoles(of template: Template) -> String {
    let pieces = TemplateSkeleton(template.source).pieces.map { $0.name == nil ? $0.scalar : "\u{FFFC}" }
    let text = String(String.UnicodeScalarView(pieces))
    guard let scheme = text.firstRange(of: "://") else { return "/" }
    let path = text[scheme.upperBound...].drop { !"/?#".contains($0) }.prefix { $0 != "?" && $0 != "#" }
    return path.isEmpty ? "/" : String(path)
  }
}

/// The rest of what was to be a URL: behind `ftp://`, `https:/` or nothing.
///
/// - Returns: nil for `javascript:…` and the like.
private func afterScheme(_ text: String) -> Substring? {
  guard let colon = text.firstIndex(of: ":"), text[..<colon].allSatisfy({ $0.isLetter }) else { return text[...] }
  guard text[text.index(after: colon)...].hasPrefix("/") else { return nil }
  return text[text.index(after: colon)...].drop { $0 == "/" }
}

/// Characters that no URL holds unencoded and that only invite two readings of one text.
private func isNeverInURL(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value <= 0x20 || scalar.value == 0x7F || "\\<>\"^`".unicodeScalars.contains(scalar)
}

/// `shop.example:8080` in its parts; nil where the port is none.
func hostAndPort(_ authority: String) -> (host: String, port: Int?)? {
  let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
  guard let colon = authority[afterBracket...].lastIndex(of: ":") else { return (authority, nil) }
  let digits = authority[authority.index(after: colon)...]
  guard let port = Int(digits), (1...65_535).contains(port), digits.allSatisfy(\.isNumber) else { return nil }
  return (String(authority[..<colon]), port)
}
