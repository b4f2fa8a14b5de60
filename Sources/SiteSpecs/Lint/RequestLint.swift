import Diagnostics
import Language
import PluginHost

extension SpecContext {
  /// `{{name}}` is a brace in the text and no name; `${name}` a dollar sign before one.
  func lintBraces(_ template: Template, at entry: Entry) {
    guard isLinting else { return }
    let source = template.source
    if let range = source.firstRange(of: "{{"), let end = source[range.upperBound...].firstRange(of: "}}") {
      let inside = source[range.upperBound..<end.lowerBound].prefix { $0 != "|" }.filter { $0 != " " }
      if names[String(inside)] != nil {
        lint(
          .literalBraces, "'{{\(inside)}}' is the text '{\(inside)}', not its value", at: entry,
          offset: source.unicodeScalars.distance(from: source.startIndex, to: range.lowerBound),
          help: "write {\(inside)} for the value")
      }
    }
    // In an alert it may well be a price.
    guard !entry.path.hasPrefix("alert"), let range = source.firstRange(of: "${"),
      let name = template.references.first(where: {
        $0.offset >= source.unicodeScalars.distance(from: source.startIndex, to: range.lowerBound)
      })
    else { return }
    lint(
      .shellBraces, "the '$' before '{\(name.name)}' is sent with it", at: entry,
      offset: source.unicodeScalars.distance(from: source.startIndex, to: range.lowerBound),
      help: "write {\(name.name)}; ${NAME} stands for the environment in slothunter.yaml only")
  }

  /// Requests that anyone on the way can read and change. Machines of one's own may do so.
  func lintScheme(_ url: String, at entry: Entry) {
    guard url.lowercased().hasPrefix("http://") else { return }
    let authority = url.dropFirst(7).prefix { !"/?#".contains($0) }
    let host = (hostAndPort(String(authority))?.host ?? String(authority)).lowercased()
    let isOwn =
      !host.contains(".") || host.hasPrefix("[") || host.allSatisfy { $0.isNumber || $0 == "." }
      || [".local", ".internal", ".lan", ".test", ".localhost", ".home.arpa"].contains { host.hasSuffix($0) }
    if isOwn { return }
    lint(
      .plainHTTP, "'http://' is read and changed by anyone on the way", at: entry, help: "write https://")
  }

  /// Whoever answers 401, 403, 408 or 429 has not gone: `gone` ends a watch after three runs.
  func lintGone(_ statuses: [ClosedRange<Int>]?, at entry: Entry) {
    guard let statuses,
      let broad = statuses.first(where: { range in [401, 403, 408, 429, 500, 503].contains(where: range.contains) })
    else { return }
    lint(
      .broadGone, "\(broad.lowerBound)..\(broad.upperBound) also holds answers of a site that refuses or fails",
      at: entry,
      help: "what is gone answers 404 or 410")
  }
}
