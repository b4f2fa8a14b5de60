import Language
import Notifying
import PluginHost
import Synchronization
import TestSupport

/// A worker over a fake outbox and a fake channel, on a manual clock.
final class WorkerBench: Sendable {
  let time: ManualTime
  let outbox = FakeOutbox()
  let channel: FakeChannel
  let worker: ChannelWorker
  let name: String
  private let running = Mutex<Task<Void, Never>?>(nil)

  init(
    _ spec: NotifierSpec, settings: [String: Channel.Setting] = [:], time: ManualTime = ManualTime(),
    tuning: WorkerTuning = WorkerTuning(), _ handler: @escaping FakeChannel.Handler
  ) throws {
    self.time = time
    name = spec.id
    channel = FakeChannel(time, handler)
    let box = EventBox()
    worker = ChannelWorker(
      adapter: try Notifiers.adapter(spec, settings: settings, channel, time), outbox: outbox, time: time,
      random: .seeded(1), tuning: tuning
    ) { box.add($0) }
    events = box
  }

  private let events: EventBox
  var eventList: [NotifyEvent] { events.all }

  func start() { running.withLock { $0 = time.start { [worker] in await worker.run() } } }

  func stop(draining: Duration = .zero) async { await stopping(draining).value }

  /// Asks for the end; the test moves the clock meanwhile.
  func stopping(_ draining: Duration) -> Task<Void, Never> {
    time.start { [worker] in await worker.stop(draining: draining) }
  }

  func cancelRun() { running.withLock { $0?.cancel() } }

  /// Starts and moves time until nothing is open any more.
  func runToEnd(steps: Int = 400) async -> Bool {
    start()
    let done = await time.advance(steps: steps) { await outbox.open == 0 }
    await stop()
    return done
  }

  func add(
    _ id: String, to recipient: String = "1", message: Message = .alert(), usefulFor: Duration? = .seconds(900),
    unsure: Bool = false, doubts: Int = 0
  ) async {
    await outbox.add(
      id, to: recipient, channel: name, message: message, at: time.now(), usefulFor: usefulFor, unsure: unsure,
      doubts: doubts)
  }
}

final class EventBox: Sendable {
  private let events = Mutex<[NotifyEvent]>([])
  func add(_ event: NotifyEvent) { events.withLock { $0.append(event) } }
  var all: [NotifyEvent] { events.withLock { $0 } }
}
