import Fetchers
import Language
import PluginHost
import Scheduling

/// The robots.txt of origins, for sites whose spec obeys it (RFC 9309).
///
/// Asked for when first needed, through the same turns as any request, and kept for a day at most. What can't be had
/// decides too: 4xx allows everything, 5xx and no answer forbid everything until it is asked for again.
actor RobotsKeeper {
  /// Not longer (RFC 9309, 2.4).
  static let longest = Duration.seconds(86_400)
  /// After a 5xx or no answer. Found by judgement: soon enough for who waits, seldom enough for who is in trouble.
  static let untilNextTry = Duration.seconds(600)
  /// At least so many are to be followed (RFC 9309, 2.3.1.2).
  static let redirects = 5
  static let crowd = 10_000

  private struct Entry {
    var rules: RobotsRules
    var until: Duration
    /// Why everything is forbidden.
    var fault: String?
  }

  private struct Key: Hashable {
    var origin: String
    /// Two specs may call themselves by different names.
    var product: String
  }

  private var entries: [Key: Entry] = [:]
  private var fetches: [Key: Task<Entry?, Never>] = [:]
  private var sweepAt = RobotsKeeper.crowd
  private let time: any TimeSource

  init(time: any TimeSource) { self.time = time }

  /// - Parameters:
  ///   - target: Path and query.
  ///   - fetch: Sends one request in its turn, without following redirects or asking here again.
  /// - Throws: `.refusedRobots`; whatever kept the file from being asked for at all.
  func check(
    origin: String, target: String, userAgent: String,
    fetch: @escaping @Sendable (Request) async throws(FetchFailure) -> Response
  ) async throws(FetchFailure) {
    let key = Key(origin: origin, product: RobotsRules.product(of: userAgent).lowercased())
    let entry = try await entry(key, userAgent, fetch)
    guard !entry.rules.allows(target) else { return }
    let path = target.prefix { $0 != "?" }
    throw FetchFailure(
      .refusedRobots,
      entry.fault.map { "\(origin)/robots.txt \($0), which forbids everything for now" }
        ?? "\(origin)/robots.txt disallows \(path)")
  }

  private func entry(
    _ key: Key, _ userAgent: String, _ fetch: @escaping @Sendable (Request) async throws(FetchFailure) -> Response
  ) async throws(FetchFailure) -> Entry {
    if let entry = entries[key], entry.until > time.uptime() { return entry }
    // One asks, the others wait for it.
    let task = fetches[key] ?? Task { await read(key, userAgent, fetch) }
    fetches[key] = task
    let entry = await task.value
    // Whoever waited long may find that others ask anew.
    if fetches[key] == task { fetches[key] = nil }
    guard let entry else {
      throw FetchFailure(.heldBack, "\(key.origin)/robots.txt could not be asked for, and comes first")
    }
    if entries.count >= sweepAt {
      entries = entries.filter { $0.value.until > time.uptime() }
      sweepAt = max(RobotsKeeper.crowd, 2 * entries.count)
    }
    entries[key] = entry
    return entry
  }

  /// nil where it was not asked for.
  private func read(
    _ key: Key, _ userAgent: String, _ fetch: @Sendable (Request) async throws(FetchFailure) -> Response
  ) async -> Entry? {
    var request = Request(
      url: key.origin + "/robots.txt",
      headers: [Request.Header("User-Agent", userAgent), Request.Header("Accept", "*/*")],
      maxRedirects: 0)
    for _ in 0...RobotsKeeper.redirects {
      let response: Response
      do throws(FetchFailure) { response = try await fetch(request) } catch {
        switch error.reason {
        case .heldBack, .offline, .cancelled: return nil
        // Longer than anybody must read: what is cut off forbids nothing, but nothing of it was kept.
        case .tooLarge: return forbidden("is too large")
        default: return forbidden("gave no answer (\(error.reason.rawValue))")
        }
      }
      switch response.status {
      case 300..<400:
        guard let location = response.header("Location"), let next = resolve(location, against: request.url) else {
          return Entry(rules: .allowAll, until: time.uptime() + RobotsKeeper.longest)
        }
        request.url = next
      case 200..<300:
        return Entry(
          rules: RobotsRules(response.body, for: key.product), until: time.uptime() + RobotsKeeper.longest)
      case 429: return forbidden("is answered with 429")
      case 400..<500: return Entry(rules: .allowAll, until: time.uptime() + RobotsKeeper.longest)
      default: return forbidden("is answered with \(response.status)")
      }
    }
    // More redirects than must be followed: as if there were none.
    return Entry(rules: .allowAll, until: time.uptime() + RobotsKeeper.longest)
  }

  private func forbidden(_ fault: String) -> Entry {
    Entry(rules: .disallowAll, until: time.uptime() + RobotsKeeper.untilNextTry, fault: fault)
  }
}
