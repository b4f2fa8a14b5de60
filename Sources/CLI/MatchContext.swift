import Extractors
import Language
import PluginHost

/// `select --context`: each match with the place it has in the file.
struct MatchContext {
  var selector: any CompiledSelector
  var document: DocumentNode
  var body: [UInt8]
  var terminal: Terminal

  /// As much of a long value or line is shown.
  private static let shown = 160

  func print(_ matches: [DocumentNode], value: (DocumentNode) -> JSON) {
    let lines = String(decoding: body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let places = places(of: matches)
    for (index, match) in matches.enumerated() {
      let place = places[index]
      let line = place.line.map { "line \($0)  " } ?? ""
      terminal.out(terminal.styled("[\(index + 1)] \(line)\(place.path)", .dim))
      terminal.out("    " + MatchContext.short(value(match).text))
      if let number = place.line, number <= lines.count, lines.count > 1 {
        terminal.out(terminal.styled("    \(number) | " + MatchContext.short(String(lines[number - 1])), .dim))
      }
    }
    terminal.err("\(matches.count) match\(matches.count == 1 ? "" : "es")")
  }

  private struct Place {
    var line: Int?
    /// `/html/body/ul/li[2]`, `$['slots'][3]`.
    var path: String
  }

  private func places(of matches: [DocumentNode]) -> [Place] {
    if let json = document.json { return jsonPlaces(json, matches) }
    return matches.map { match in
      switch match {
      case .markup(let node): Place(line: node.line, path: (node as? TreeNode)?.path ?? node.name)
      case .text(let text): Place(line: line(of: text), path: "text")
      case .json, .tape: Place(line: nil, path: "")
      }
    }
  }

  private func jsonPlaces(_ json: JSON, _ matches: [DocumentNode]) -> [Place] {
    guard let path = try? JSONPath(selector.source), let nodes = try? path.nodes(from: json),
      nodes.count == matches.count
    else { return matches.map { _ in Place(line: nil, path: selector.source) } }
    var finder = JSONLines(body)
    return nodes.map { node in Place(line: finder.line(of: node.location), path: node.location.description) }
  }

  /// Of the first place where the text stands; nil where it does not, as it was decoded.
  private func line(of text: String) -> Int? {
    let whole = String(decoding: body, as: UTF8.self)
    guard let range = whole.firstRange(of: text) else { return nil }
    return whole[..<range.lowerBound].utf8.count { $0 == UInt8(ascii: "\n") } + 1
  }

  private static func short(_ text: String) -> String {
    text.count > shown ? String(text.prefix(shown - 1)) + "…" : text
  }
}
