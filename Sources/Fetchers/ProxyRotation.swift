import Language
import PluginHost
import Synchronization

/// Whose turn it is among a site's proxies, and which of them rest because they failed.
final class ProxyRotation: Sendable {
  /// Doubled with each failure in a row.
  static let firstRest = Duration.seconds(30)
  static let longestRest = Duration.seconds(600)
  /// Proxies that one request tries.
  static let tries = 3

  private struct Health {
    var failures = 0
    /// Uptime.
    var restsUntil = Duration.zero
    /// Sites that heard nothing through it since it last worked.
    var silentFor: Set<String> = []
  }

  private struct State {
    var health: [ProxyAddress: Health] = [:]
    var turn = 0
  }

  private let state = Mutex(State())

  /// Those to try, the first in turn first. Requests that share cookies keep to one proxy while it works: a login may be
  /// bound to the address it came from.
  func candidates(_ proxies: [ProxyAddress], jar: String?, now: Duration) -> [ProxyAddress] {
    guard !proxies.isEmpty else { return [] }
    return state.withLock { state in
      let start: Int
      if let jar {
        start = Int(stableHash(jar) % UInt64(proxies.count))
      } else {
        start = state.turn % proxies.count
        state.turn = (state.turn + 1) % 1_000_000
      }
      let inTurn = proxies[start...] + proxies[..<start]
      return Array(inTurn.filter { (state.health[$0]?.restsUntil ?? .zero) <= now }.prefix(Self.tries))
    }
  }

  /// When the first of them may be tried again, from now.
  func wait(_ proxies: [ProxyAddress], now: Duration) -> Duration {
    state.withLock { state in
      proxies.map { max(.zero, (state.health[$0]?.restsUntil ?? .zero) - now) }.min() ?? .zero
    }
  }

  func worked(_ proxy: ProxyAddress) { state.withLock { $0.health[proxy] = nil } }

  /// One site that does not answer through a proxy is that site's fault; a second one, with nothing that worked in
  /// between, makes it the proxy's.
  func fellSilent(_ proxy: ProxyAddress, for origin: String, now: Duration) {
    let sites = state.withLock { state in
      state.health[proxy, default: Health()].silentFor.insert(origin)
      return state.health[proxy]?.silentFor.count ?? 0
    }
    if sites > 1 { failed(proxy, now: now) }
  }

  func failed(_ proxy: ProxyAddress, now: Duration) {
    state.withLock { state in
      var health = state.health[proxy] ?? Health()
      // What was under way when the rest began is the same failure.
      guard health.restsUntil <= now else { return }
      health.restsUntil = now + min(Self.firstRest * (1 << min(health.failures, 8)), Self.longestRest)
      health.failures += 1
      health.silentFor = []
      state.health[proxy] = health
    }
  }
}

/// FNV-1a, the same in every process.
private func stableHash(_ text: String) -> UInt64 {
  text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
