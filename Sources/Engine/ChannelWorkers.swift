import Notifying
import PluginHost
import Storage

/// A worker for each enabled channel: kept while the channel's configuration is the same, replaced when that changes.
actor ChannelWorkers {
  /// A channel as a configuration wants it.
  struct Wanted: Sendable {
    var adapter: NotifierAdapter
    var fingerprint: String
  }

  private struct Running {
    var worker: ChannelWorker
    var task: Task<Void, Never>
    var channel: Wanted
  }

  /// What a worker is made of.
  struct Parts: Sendable {
    var catalog: PluginCatalog
    var fetcher: any Fetcher
    var store: Store
    var time: SteadyTime
    /// The wall clock as it is: for signatures.
    var wallTime: any TimeSource
    var random: RandomSource
    var log: Log
    var tuning: ServiceTuning
    var meters: ServiceMeters
    var desk: MaintainerDesk
  }

  private let parts: Parts
  private var running: [String: Running] = [:]
  private var isStopping = false

  init(_ parts: Parts) { self.parts = parts }

  var names: Set<String> { Set(running.keys) }

  /// Stops what is not wanted as it runs.
  ///
  /// - Returns: Every channel as it is wanted, for ``start(_:)``.
  func prepare(_ configuration: Configuration) async throws -> [String: Wanted] {
    var wanted: [String: Wanted] = [:]
    for channel in configuration.channels where channel.enabled {
      guard let spec = configuration.notifiers.first(where: { $0.id == channel.notifier }) else { continue }
      do throws(ChannelProblem) {
        let adapter = try NotifierAdapter(
          spec: spec, channel: channel, catalog: parts.catalog, fetcher: parts.fetcher, time: parts.wallTime)
        wanted[channel.name] = Wanted(adapter: adapter, fingerprint: channel.fingerprint(spec))
      } catch {
        throw ServiceFailure(message: "channel '\(channel.name)': \(error.message)")
      }
    }
    await stop(running.filter { wanted[$0.key]?.fingerprint != $0.value.channel.fingerprint })
    return wanted
  }

  func start(_ wanted: [String: Wanted]) async throws {
    for (name, channel) in wanted where running[name] == nil {
      try await parts.store.resumeChannel(name, configHash: channel.fingerprint, now: parts.time.now())
      guard !isStopping else { return }
      parts.log.debug("channel started", ("channel", name))
      parts.meters.channel(name).started()
      let worker = ChannelWorker(
        adapter: channel.adapter, outbox: parts.store, time: parts.time, random: parts.random,
        tuning: parts.tuning.worker,
        onEvent: { [log = parts.log, desk = parts.desk, meters = parts.meters.channel(name)] event in
          log.report(event)
          meters.heard(event)
          desk.heard(event)
        })
      running[name] = Running(worker: worker, task: Task { await worker.run() }, channel: channel)
    }
  }

  /// For good.
  func stop() async {
    isStopping = true
    await stop(running)
  }

  /// All at once: a slow channel must not hold up the reload of ten others.
  private func stop(_ ending: [String: Running]) async {
    for name in ending.keys { running[name] = nil }
    await withTaskGroup(of: Void.self) { group in
      for entry in ending.values { group.addTask { await entry.worker.stop(draining: Service.drain) } }
    }
  }

  func wake(_ channels: Set<String>) {
    for channel in channels { running[channel]?.worker.wake() }
  }

  /// Another process has written to the store: what it made due is sent now, not at the next look, also on a channel that
  /// an operator has shown to be set up rightly now.
  func wakeAll() async {
    let health = (try? await parts.store.channelHealths()) ?? []
    let stopped = Set(health.filter { $0.state == .misconfigured }.map(\.name))
    for (name, entry) in running where !stopped.contains(name) { await entry.worker.tryAgain() }
  }

  /// Past the outbox.
  func sendNow(_ delivery: NewDelivery) async -> Bool {
    guard let adapter = running[delivery.channel]?.channel.adapter else { return false }
    let recipient = delivery.recipient.isEmpty ? nil : delivery.recipient
    let result = await adapter.sendNow(delivery.message, to: recipient, id: delivery.id)
    if case .delivered = result.outcome { return true }
    // It may have arrived: said every few seconds it would be worse than not said.
    return result.doubtful
  }
}

extension Channel {
  /// Changes with every setting and with the notifier's file; holds no secret.
  func fingerprint(_ spec: NotifierSpec) -> String {
    var text = spec.id + "\u{1F}" + spec.version
    for (name, setting) in settings.sorted(by: { $0.key < $1.key }) {
      switch setting {
      case .plain(let value): text += "\u{1F}\(name)=\(value.keyText)"
      case .secret(let secret): text += "\u{1F}\(name)=\(StableHash.text(secret.reveal()))"
      }
    }
    if let budget { text += "\u{1F}budget=\(budget.messages ?? 0),\(budget.parts ?? 0)" }
    return StableHash.text(text)
  }
}
