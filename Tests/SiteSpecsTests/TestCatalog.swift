import Extractors
import Language
import PluginHost

/// The extractors of the product, and formats that have nothing but a name.
let catalog = PluginCatalog(
  extractors: [JSONExtractor(), XPathExtractor(), CSSExtractor(), PatternExtractor(), TextExtractor()],
  formats: [TelegramFormat(), JSONFormat(), TextFormat(), SMSFormat()])

private protocol NamedFormat: MessageFormat {}

extension NamedFormat {
  static var summary: String { "A stand-in." }
  static var lengthUnit: String { "characters" }
  func render(_ message: Message, limit: Int?) -> RenderedMessage {
    RenderedMessage(body: .text(message.title), plain: message.title)
  }
}

struct TelegramFormat: NamedFormat { static let kind = "telegram_html" }
struct JSONFormat: NamedFormat { static let kind = "json" }
struct SMSFormat: NamedFormat { static let kind = "sms" }
struct TextFormat: NamedFormat { static let kind = "text" }
