import Extractors
import Fetchers
import Glibc
import Notifying
import PluginHost

/// The one list of plugin kinds: adding a kind is adding its line here.
public enum Builtins {
  /// `SLOTHUNTER_STREAM=off` builds a tree of every page: to measure what the matcher saves, and to rule it out.
  private static let streams = getenv("SLOTHUNTER_STREAM").map { String(cString: $0) } != "off"

  public static let catalog = PluginCatalog(
    extractors: [XPathExtractor(), CSSExtractor(), JSONExtractor(), PatternExtractor(), TextExtractor()],
    readers: [HTMLReader(streams: streams), XMLReader(), JSONReader(streams: streams), TextReader()],
    formats: [TelegramHTMLFormat(), TextFormat(), SMSFormat(), JSONFormat()],
    fetchers: [(CurlFetcher.kind, CurlFetcher.summary), (SampleFetcher.kind, SampleFetcher.summary)])
}
