import Engine
import Fetchers
import Language
import Notifying
import PluginHost
import Storage

/// One life of the process: the real service over a store that outlives it.
final class Life: @unchecked Sendable {  // one thread: see JobLoop
  let time: LifeTime
  let store: Store
  private let services: [Service]
  private(set) var isStopped = false
  private(set) var applied = 0
  private let world: World

  /// The outbox is looked at this often if nobody wakes the worker: rarely, so that a missing wake-up shows.
  static let poll = 12 * Moment.hour

  init(_ world: World, path: String, number: Int) throws {
    self.world = world
    let time = LifeTime(world.clock, world.mutation)
    self.time = time
    store = try Store(path: path, reserve: 0, executor: StoreLane())
    try store.assumeIsolated { try $0.ignoreMachine() }
    let net = VirtualNet(world, time)
    let dice = SharedDice(world.seed &+ UInt64(number) &* 0x1_0000_0001)
    let random = world.mutation == .equalIDs ? RandomSource { 7 } : dice.source
    let log = Log(world.history.isPrinting ? .debug : .error, time: time) { line in
      // A line begins with the wall time.
      let text = String(line.drop { $0 != " " }.dropFirst()).replacing(path, with: "store.db")
      guard text.hasPrefix("error ") else { return world.history.aside("log " + text) }
      world.history.note("log " + text)
      guard text.hasPrefix("error run could not be stored") else { return }
      world.oracle.runFailed(text)
      if !world.isStoreUnwell { world.violate(.committed, "a run could not be stored: \(text)") }
    }
    var tuning = ServiceTuning()
    tuning.worker.poll = .nanoseconds(Life.poll)
    tuning.storeLooks = .nanoseconds(Life.poll)
    tuning.troubleLooks = .nanoseconds(Life.poll)
    tuning.prunings = .nanoseconds(Life.poll)
    let store = store
    services = (0..<(world.mutation == .secondProcess ? 2 : 1)).map { _ in
      Service(
        catalog: Builtins.catalog, fetcher: net, store: store, userAgent: "simulation", time: time, random: random,
        log: log, tuning: tuning)
    }
  }

  var view: StoreView { StoreView(store: store) }

  func begin(_ configuration: Configuration) {
    for service in services {
      Task.detached {
        do { try await service.apply(configuration) } catch {
          self.world.violate(.schedule, "the service did not start: \(error)")
        }
        self.applied += 1
        await service.run()
      }
    }
  }

  func reload(_ configuration: Configuration) {
    for service in services {
      Task.detached {
        await self.reload(service, configuration)
        self.applied += 1
      }
    }
  }

  /// One that a broken store refused is tried again, as the program does with a configuration that it could not take up.
  private func reload(_ service: Service, _ configuration: Configuration) async {
    while true {
      do { return try await service.apply(configuration) } catch {
        guard world.isStoreBroken else { return world.violate(.asked, "a reload failed: \(error)") }
        world.history.note("the store refused a reload")
      }
      // Virtual time; as long as the program's reloader waits after one that failed. Cancelled: the process is gone.
      do { try await time.sleep(for: .seconds(5)) } catch { return }
    }
  }

  /// What the keeper of the store would see at its next look, two seconds later at most.
  func look() {
    for service in services { Task.detached { await service.lookAfterStore() } }
  }

  /// Somebody else has written to the store.
  func wake() {
    for service in services { Task.detached { await service.wakeChannels() } }
  }

  /// SIGTERM.
  func stop() {
    Task.detached {
      for service in self.services { await service.stop() }
      self.isStopped = true
    }
  }

  /// The memory is gone; the file stays.
  func end() {
    JobLoop.shared.forget()
    store.assumeIsolated { $0.abandon() }
  }

  var isApplied: Bool { applied >= services.count }
  func expectReload() { applied = 0 }
}
