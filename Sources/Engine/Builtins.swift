import Extractors
import Fetchers
import Notifying
import PluginHost

/// The one list of plugin kinds: adding a kind is adding its line here.
public enum Builtins {
  public static let catalog = PluginCatalog(
    extractors: [XPathExtractor(), CSSExtractor(), JSONExtractor(), PatternExtractor(), TextExtractor()],
    readers: [HTMLReader(), XMLReader(), JSONReader(), TextReader()],
    formats: [TelegramHTMLFormat(), TextFormat(), SMSFormat(), JSONFormat()],
    fetchers: [(CurlFetcher.kind, CurlFetcher.summary), (SampleFetcher.kind, SampleFetcher.summary)])
}
