import Fetchers
import Language
import PluginHost
import Storage
import Synchronization

/// Decides which answers are kept for whoever mends the spec, and makes them ready for the store.
///
/// A settled run never gets here. Of the others, the last good one of a watch and the first of a break are kept, as far as
/// the site's ``SampleAllowance`` goes: in a storm of changes a few pages are kept and not thousands.
public final class BodyKeeper: Sendable {
  /// Of one run, deflated. Answers that pass it are left out, the last asked first.
  public static let bytesPerRun = 512 << 10
  /// Pages whose usual flaws are held in memory.
  private static let knownPages = 10_000

  private struct State {
    var good = SampleAllowance.kept
    var bad = SampleAllowance.broken
    var shown = SampleAllowance.broken
    /// What the kept good answer of a step looked like, by site, step and spec.
    var flaws: [String: PageFlaws] = [:]
  }

  private let state = Mutex(State())
  let concealment = Concealment()

  public init() {}

  /// - Parameter now: What the run took for the present.
  /// - Parameter uptime: For the allowance.
  /// - Parameter open: The watch's open incidents before the run: what broke first is what is kept of a break.
  func keep(
    _ result: RunResult, of watch: Watch, for commit: inout RunCommit, open: [IncidentMember], now: Instant,
    uptime: Duration
  ) {
    let breaks = commit.joinedIncidents.contains { BodyKeeper.isBreak($0.incident) }
    let isBroken = open.contains { BodyKeeper.isBreak($0.incident) }
    // A reading that waits to be confirmed may be the first of a break.
    guard breaks ? !isBroken : commit.verdict.isGood && !commit.awaitsConfirmation else { return }
    let mayKeep = state.withLock { state in
      breaks ? state.bad.take(watch.spec.id, now: uptime) : state.good.take(watch.spec.id, now: uptime)
    }
    guard mayKeep else { return }
    let bodies = self.bodies(of: result, watch.spec)
    guard !bodies.isEmpty else { return }
    commit.kept = KeptRun(isGood: !breaks, specVersion: watch.spec.version, at: now, bodies: bodies)
  }

  /// Whether what is seen of a break may be gathered: of a thousand watches that break at once a few are enough.
  func mayShow(_ site: String, uptime: Duration) -> Bool { state.withLock { $0.shown.take(site, now: uptime) } }

  /// What a page has to do with; a line that is down has no page.
  static func isBreak(_ incident: String) -> Bool {
    let kinds = ["layout_broken", "suspicious", "emptied", "blocked", "gone", "unread"]
    return kinds.contains(String(incident.prefix { $0 != "|" }))
  }

  private func bodies(of result: RunResult, _ spec: SiteSpec) -> [KeptBody] {
    var left = BodyKeeper.bytesPerRun
    let exchanges = result.exchanges(of: spec)
    let cookies = exchanges.flatMap { BodyKeeper.cookies(in: $0.response) }
    return exchanges.compactMap { exchange in
      let body = cookies.reduce(concealment.concealing(exchange.response.body)) { body, cookie in
        ByteText.replacing(cookie, with: Array(Mask.mark.utf8), in: body)
      }
      let packed = Deflate.compress(body)
      guard packed.count <= left else { return nil }
      left -= packed.count
      let asked = exchange.hiding(cookies)
      return KeptBody(
        step: exchange.step, request: concealment.concealing(asked.identity), status: exchange.response.status,
        url: concealment.concealing(asked.response.url), contentType: exchange.response.header("Content-Type"),
        size: body.count, body: packed)
    }
  }

  /// Values that a site gave us to be known by; headers are not kept, and pages may repeat them. Shorter ones are words.
  private static func cookies(in response: Response) -> [[UInt8]] {
    response.headers.filter { $0.name.lowercased() == "set-cookie" }.compactMap { header in
      let pair = header.value.utf8.prefix { $0 != UInt8(ascii: ";") }
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let value = Array(pair[pair.index(after: equals)...])
      return value.count >= 8 ? value : nil
    }
  }

  func knownFlaws(_ key: String) -> PageFlaws? { state.withLock { $0.flaws[key] } }
  func remember(_ flaws: PageFlaws, _ key: String) {
    state.withLock { state in
      // Only pages with flaws are asked for; forgotten, they are read once more.
      if state.flaws.count >= BodyKeeper.knownPages { state.flaws = [:] }
      state.flaws[key] = flaws
    }
  }
}

extension RunExchange {
  /// With dots for what stands in the page as dots, so that a request made of such a page is the same one.
  fileprivate func hiding(_ cookies: [[UInt8]]) -> RunExchange {
    var hidden = self
    for cookie in cookies.map({ String(decoding: $0, as: UTF8.self) }) {
      let (encoded, mark) = (percentEncoded(cookie), percentEncoded(Mask.mark))
      func concealed(_ url: String) -> String { url.replacing(cookie, with: mark).replacing(encoded, with: mark) }
      hidden.url = concealed(hidden.url)
      hidden.response.url = concealed(hidden.response.url)
      hidden.body = hidden.body.map { body in
        let body = encoded == cookie ? body : ByteText.replacing(Array(encoded.utf8), with: Array(mark.utf8), in: body)
        return ByteText.replacing(Array(cookie.utf8), with: Array(Mask.mark.utf8), in: body)
      }
    }
    return hidden
  }
}

extension KeptBody {
  /// nil for a row that nothing of ours wrote.
  public var exchange: RunExchange? {
    guard let body = Deflate.expand(body, size: size) else { return nil }
    let headers = contentType.map { [Request.Header("Content-Type", $0)] } ?? []
    return RunExchange(
      identity: request, response: Response(status: status, headers: headers, body: body, url: url))
  }
}
