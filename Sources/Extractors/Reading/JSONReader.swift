import Language
import PluginHost

/// One JSON text (RFC 8259), read strictly: a body that is almost JSON is not what the site meant to send.
public struct JSONReader: DocumentReader {
  public static let kind = DocumentKind.json

  private let streams: Bool

  /// - Parameter streams: False builds the tree of every text, also where nothing needs it.
  public init(streams: Bool = true) { self.streams = streams }

  /// A list of places instead of a tree, where the text is such that both say the same.
  public func readWithoutTree(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    guard streams else { return try read(body, contentType: contentType) }
    let text = try BodyText.json(body, contentType: contentType)
    if let tape = JSONTape(utf8: text) { return .tape(tape.root) }
    return try read(body, contentType: contentType)
  }

  public func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    let text = try BodyText.json(body, contentType: contentType)
    do throws(JSONSyntaxError) {
      return .json(try JSON(parsing: text))
    } catch {
      throw JSONReader.extractError(error)
    }
  }

  private static func extractError(_ error: JSONSyntaxError) -> ExtractError {
    switch error.kind {
    case .truncated: ExtractError(.truncated, "the JSON is cut off: \(error)")
    case .limit: ExtractError(.overLimit, "the JSON passes a limit: \(error)")
    case .malformed: ExtractError(.malformed, "not JSON: \(error)")
    }
  }
}
