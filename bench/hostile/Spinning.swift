import Glibc
import Language
import PluginHost

/// A selector that reads for half a minute, as no limit here lets anything: what the watchdog is for.
struct Spinning: Extractor {
  static let kind = "spinning"
  static let summary = "never ends"
  static let documents: Set<DocumentKind> = [.text]

  func compile(_ expression: String) throws(SyntaxError) -> any CompiledSelector { Selector(source: expression) }

  private struct Selector: CompiledSelector {
    let source: String
    let kind = Spinning.kind

    func select(from node: DocumentNode) throws(ExtractError) -> [DocumentNode] {
      let end = SystemTime().uptime() + .seconds(30)
      while SystemTime().uptime() < end {}
      return []
    }
  }
}
