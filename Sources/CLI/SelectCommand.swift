import Engine
import Language
import PluginHost

/// What a selector matches in a file: for finding out before a spec is edited.
struct SelectCommand: Command {
  static let name = "select"
  static let summary = "show what a selector matches in a file"
  static let synopsis = "(--xpath | --css | --jsonpath | --pattern) EXPR FILE|-"
  static let discussion = """
    Prints one JSON value a line: an element as its text (--outer for its markup), a JSON value as it is. Exit code 1
    when nothing matches, 2 when EXPR is no valid selector. FILE '-' is standard input. On a terminal, and with --context,
    each match stands with its line, its path and the text around it.

    EXAMPLES
      slothunter select --css 'a.slot' page.html
      slothunter select --jsonpath '$.result[*].from' answer.json
      curl … | slothunter select --xpath '//h1' -
    """
  static let flags = [
    Flag("--xpath", "EXPR", "XPath 1.0"), Flag("--css", "EXPR", "a CSS selector, also with ::text or ::attr(name)"),
    Flag("--jsonpath", "EXPR", "JSONPath (RFC 9535)"), Flag("--pattern", "EXPR", "a PCRE2 pattern on the file's text"),
    Flag("--outer", "print elements as markup"),
    Flag("--context", "print where each match is: its line, its path, and the line around it (as on a terminal)"),
    Flag("--plain", "print values only, on a terminal too"),
    Flag(
      "--as", "KIND", "read FILE as html, xml, json or text (default: what the selector needs; xml by its first bytes)"),
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let kinds = [("--xpath", "xpath"), ("--css", "css"), ("--jsonpath", "json"), ("--pattern", "pattern")]
    let given = kinds.filter { arguments.has($0.0) }
    guard given.count == 1, let (flag, kind) = given.first, let expression = arguments[flag] else {
      throw CommandFailure(.usage, "one of --xpath, --css, --jsonpath and --pattern is needed")
    }
    guard arguments.positionals.count == 1, let path = arguments.positionals.first else {
      throw CommandFailure(.usage, "one FILE is needed, or - for standard input")
    }
    let catalog = Builtins.catalog
    guard let extractor = catalog.extractor(kind) else { throw CommandFailure(.internalError, "no \(kind) extractor") }
    let selector: any CompiledSelector
    do throws(SyntaxError) {
      selector = try extractor.compile(expression)
    } catch {
      let caret = String(repeating: " ", count: min(error.offset, expression.unicodeScalars.count)) + "^"
      throw CommandFailure(
        .invalid, "\(kind) selector: \(error.message)\n  \(expression)\n  \(caret)", help: error.help)
    }
    let body = try path == "-" ? Files.readStandardInput() : Files.read(path)
    let document = try read(body, as: try documentKind(arguments["--as"], kind, body), catalog)
    let matches: [DocumentNode]
    do throws(ExtractError) {
      matches = try selector.select(from: document)
    } catch {
      throw CommandFailure(.negative, error.message)
    }
    if arguments.has("--context") || terminal.isScreen, !arguments.has("--plain") {
      let context = MatchContext(selector: selector, document: document, body: body, terminal: terminal)
      context.print(matches) { json($0, outer: arguments.has("--outer")) }
    } else {
      for match in matches { terminal.out(json(match, outer: arguments.has("--outer")).text) }
    }
    return matches.isEmpty ? .negative : .success
  }

  private static func documentKind(_ name: String?, _ selector: String, _ body: [UInt8]) throws -> DocumentKind {
    if let name {
      guard let kind = DocumentKind(rawValue: name) else {
        throw CommandFailure(
          .usage, "--as takes \(DocumentKind.allCases.map(\.rawValue).joined(separator: ", ")), not '\(name)'")
      }
      return kind
    }
    switch selector {
    case "json": return .json
    case "pattern": return .text
    default: return body.starts(with: Array("<?xml".utf8)) ? .xml : .html
    }
  }

  private static func read(
    _ body: [UInt8], as kind: DocumentKind, _ catalog: PluginCatalog
  ) throws -> DocumentNode {
    guard let reader = catalog.reader(kind) else { throw CommandFailure(.internalError, "no \(kind) reader") }
    do throws(ExtractError) {
      return try reader.read(body, contentType: nil)
    } catch {
      throw CommandFailure(.negative, "the file can't be read as \(kind.rawValue): \(error.message)")
    }
  }

  private static func json(_ match: DocumentNode, outer: Bool) -> JSON {
    switch match {
    case .json(let value): value
    case .tape(let node): node.json
    case .text(let text): .string(text)
    case .markup(let node): .string(outer ? node.outerMarkup : node.text)
    }
  }
}
