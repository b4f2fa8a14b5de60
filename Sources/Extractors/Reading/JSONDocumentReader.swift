import Language
import PluginHost

/// One JSON text (RFC 8259), read strictly: a body that is almost JSON is not what the site meant to send.
public struct JSONDocumentReader: DocumentReader {
  public static let kind = DocumentKind.json

  public init() {}

  public func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    let text = try BodyText.json(body, contentType: contentType)
    do throws(JSONSyntaxError) {
      return .json(try JSON(parsing: text))
    } catch {
      throw JSONDocumentReader.extractError(error)
    }
  }

  private static func extractError(_ error: JSONSyntaxError) -> ExtractError {
    switch error.kind {
    case .truncated: ExtractError(.truncated, "the JSON is cut off: \(error)")
    case .tooDeep, .tooManyNodes: ExtractError(.overLimit, "the JSON passes a limit: \(error)")
    default: ExtractError(.malformed, "not JSON: \(error)")
    }
  }
}
