import Language
import PluginHost

/// Plain text in any charset; bytes that are no text are shown as U+FFFD.
public struct TextReader: DocumentReader {
  public static let kind = DocumentKind.text

  public init() {}

  public func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    .text(String(decoding: try BodyText.plain(body, contentType: contentType), as: UTF8.self))
  }
}
