import Language
import PluginHost

@testable import Extractors

/// Short ways to read and select, for these tests.
func html(_ text: String) throws -> DocumentNode { try HTMLReader().read(Array(text.utf8), contentType: nil) }
func xml(_ text: String) throws -> DocumentNode { try XMLReader().read(Array(text.utf8), contentType: nil) }

func xpath(_ expression: String, _ node: DocumentNode) throws -> [DocumentNode] {
  try XPathExtractor().compile(expression).select(from: node)
}

func css(_ expression: String, _ node: DocumentNode) throws -> [DocumentNode] {
  try CSSExtractor().compile(expression).select(from: node)
}

extension [DocumentNode] {
  var texts: [String] {
    map { node in
      switch node {
      case .text(let text): text
      case .markup(let markup): markup.text
      case .json(let json): "\(json)"
      case .tape(let node): "\(node.json)"
      }
    }
  }

  /// The `id` of each element, `-` where there is none.
  var ids: [String] {
    map { node in
      guard case .markup(let markup) = node, let element = markup as? TreeNode else { return "-" }
      return element.attribute("id") ?? "-"
    }
  }
}

extension DocumentNode {
  var tree: TreeNode? {
    guard case .markup(let markup) = self else { return nil }
    return markup as? TreeNode
  }
}

/// The mistake in an expression; nil where it compiles.
func mistake(_ compile: @autoclosure () throws -> Any) -> SyntaxError? {
  do {
    _ = try compile()
    return nil
  } catch { return error as? SyntaxError }
}

func problem(_ read: @autoclosure () throws -> Any) -> ExtractError? {
  do {
    _ = try read()
    return nil
  } catch { return error as? ExtractError }
}

/// Test vectors as JSON.
extension JSON {
  subscript(name: String) -> JSON {
    guard case .object(let object) = self else { return .null }
    return object[name] ?? .null
  }

  var items: [JSON] {
    guard case .array(let items) = self else { return [] }
    return items
  }

  var string: String? {
    guard case .string(let string) = self else { return nil }
    return string
  }

  var int: Int? {
    guard case .integer(let integer) = self else { return nil }
    return Int(integer)
  }
}
