import Diagnostics
import Fetchers
import Language
import PluginHost
import SiteSpecs

/// Requests that the fetcher's own gate would refuse whatever the names in them stand for: then every run of the site
/// would fail for a reason that stands in its file.
enum RequestLint {
  /// - Parameter allowed: `allow_hosts` of the configuration; nil where a site is checked alone, and any address may be
  ///   allowed somewhere.
  static func check(_ spec: SiteSpec, allowed: [String]?) -> [Diagnostic] {
    guard let list = try? AllowList(parsing: allowed ?? []) else { return [] }
    let gate = AddressGate(allowed: list)
    return spec.steps.compactMap { step in
      do throws(FetchFailure) {
        try gate.check(url: sampleURL(step.request.url))
        return nil
      } catch {
        if error.reason == .refusedAddress, allowed == nil { return nil }
        return diagnostic(error, step, spec)
      }
    }
  }

  /// Entries of `allow_hosts` that the fetcher's gate can't read: a run would end at the first of them.
  static func check(allowed: [String], _ file: String, _ bytes: [UInt8]) -> [Diagnostic] {
    allowed.enumerated().compactMap { index, text in
      do throws(SyntaxError) {
        _ = try AllowList(parsing: [text])
        return nil
      } catch {
        let path = "allow_hosts[\(index)]"
        let place = SpecReader.place(of: path, file: file, bytes: bytes)
        return Diagnostic(
          .error, .malformedValue, at: place?.location ?? SpecLocation(file: file, line: 1, column: 1), keyPath: path,
          error.message, help: error.help, excerpt: place?.excerpt)
      }
    }
  }

  private static func diagnostic(_ failure: FetchFailure, _ step: Step, _ spec: SiteSpec) -> Diagnostic {
    let path = step.keyPath + "." + step.request.method.rawValue.lowercased()
    let place = SpecReader.place(of: path, file: spec.file, bytes: Array(spec.text.utf8))
    return Diagnostic(
      .error, .refusedRequest, at: place?.location ?? SpecLocation(file: spec.file, line: 1, column: 1), keyPath: path,
      "this request would never be sent: \(failure.message)",
      help: failure.reason == .refusedAddress
        ? "allow_hosts: in slothunter.yaml lets a host be private" : "write a URL as a browser shows it",
      excerpt: place?.excerpt)
  }

  /// The URL with a harmless letter for every name.
  private static func sampleURL(_ template: Template) -> String {
    var members: [(String, Value)] = []
    for reference in template.references { members.append((reference.name, .text("x"))) }
    let text = template.text(in: Scope(members), RenderContext(zone: .utc, now: Instant(seconds: 1_800_000_000)))
    return percentEncoded(url: text)
  }
}
