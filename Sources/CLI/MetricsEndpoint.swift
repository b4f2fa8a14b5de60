import Engine
import LoopbackServer
import Metrics
import PluginHost
import Storage
import Synchronization

/// `/metrics`, `/healthz` and `/readyz`, where the configuration says.
final class MetricsEndpoint: Sendable {
  private struct Serving {
    var settings: MetricsSettings
    var server: ProbeServer
  }

  private let service: Service
  private let signs: LifeSigns
  private let store: String
  private let log: Log
  private let serving = Mutex<Serving?>(nil)

  init(_ service: Service, signs: LifeSigns, store: String, log: Log) {
    self.service = service
    self.signs = signs
    self.store = store
    self.log = log
  }

  /// Serves there, or nowhere where `settings` is nil. Where it can't, what was served before goes on.
  func take(_ settings: MetricsSettings?) throws(CommandFailure) {
    let current = serving.withLock { $0?.settings.listen }
    guard settings?.listen != current else { return }
    guard let settings else { return stop() }
    let fresh = Serving(settings: settings, server: try serve(settings))
    let old = serving.withLock { serving in
      defer { serving = fresh }
      return serving
    }
    old?.server.stop()
    log.info("metrics served", ("at", address(of: fresh)))
  }

  func stop() {
    let old = serving.withLock { serving in
      defer { serving = nil }
      return serving
    }
    old?.server.stop()
  }

  private func serve(_ settings: MetricsSettings) throws(CommandFailure) -> ProbeServer {
    let sampler: MeterSampler
    do {
      sampler = try MeterSampler(service, store: store)
    } catch {
      throw CommandFailure(.cannotStore, "the store can't be read for metrics: \(error)")
    }
    let (meters, signs) = (service.meters, signs)
    do throws(ProbeServer.StartFailure) {
      return try ProbeServer(address: settings.listen.bytes, port: settings.listen.port) { path in
        answer(path, meters, sampler, signs)
      }
    } catch {
      throw CommandFailure(
        .invalid, "\(settings.place): error: metrics can't be served at \(settings.listen): \(error.reason)",
        help: "end what listens there, or choose another port: metrics.listen")
    }
  }

  private func address(of serving: Serving) -> String {
    var text = serving.settings.listen.description
    if let colon = text.lastIndex(of: ":") { text = text[...colon] + "\(serving.server.port)" }
    return text
  }
}

/// On the server's own thread: answers also where every other one is stuck.
private func answer(
  _ path: String, _ meters: ServiceMeters, _ sampler: MeterSampler, _ signs: LifeSigns
) -> ServerResponse {
  switch path {
  case "/metrics":
    sampler.freshen()
    meters.silent(signs.silence)
    ProcessFigures().publish(in: meters.registry)
    return .text(meters.registry.exposition(), type: Registry.contentType)
  case "/healthz": return .probe(Health.ofLife(signs))
  case "/readyz": return .probe(Health.ofReadiness(meters.current, signs, at: SystemTime().uptime()))
  case "/": return .text("slothunter: /metrics /healthz /readyz\n")
  default: return .notFound
  }
}

extension ServerResponse {
  /// - Parameter problem: nil where all is well.
  fileprivate static func probe(_ problem: String?) -> ServerResponse {
    .text((problem ?? "ok") + "\n", status: problem == nil ? 200 : 503)
  }
}

/// What the two probes say, in words without any name of a site, a person or a path.
enum Health {
  /// The store is looked at every 2 s (``StoreKeeper``).
  private static let storeSilence = Duration.seconds(30)

  /// nil while the process does its work: a "no" is worth a restart.
  static func ofLife(_ signs: LifeSigns) -> String? {
    guard signs.isStuck else { return nil }
    return "the scheduler's loop has not gone round for \(signs.silence.components.seconds) s"
  }

  /// nil while it can do all of its work: a "no" is worth a person's look.
  static func ofReadiness(_ stand: ServiceMeters.Stand, _ signs: LifeSigns, at uptime: Duration) -> String? {
    if let problem = ofLife(signs) { return problem }
    if stand.isStopping { return "stopping" }
    guard stand.isConfigured else { return "no configuration has been taken up yet" }
    guard let store = stand.store else { return "the store has not been looked at yet" }
    guard uptime - store.at < storeSilence else {
      return "the store has not answered for \((uptime - store.at).components.seconds) s"
    }
    let unwritable = store.health.troubles.filter { [.damaged, .failing, .full].contains($0) }
    return unwritable.isEmpty ? nil : "the store is \(unwritable.map(\.rawValue).joined(separator: ", "))"
  }
}
