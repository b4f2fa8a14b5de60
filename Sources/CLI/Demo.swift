import Engine
import Fetchers
import Language
import PluginHost
import Storage

/// The pipeline of `slothunter run`, between sites and channels that are stand-ins on loopback.
struct Demo {
  /// Longest time for the deliveries of one run to be sent, retries included.
  static let patience = Duration.seconds(30)

  private let setup: DemoSetup
  private let sites: DemoSites
  private let channels: DemoChannels
  private let time: ShiftedTime
  private let store: Store
  private let service: Service
  private var problems: [String] = []

  /// - Parameters:
  ///   - root: The folder with `sites/`, `notifiers/` and `samples/`.
  ///   - folder: Where the store may be.
  init(root: String, folder: String, log: Log) throws {
    let keys = DemoChannels.Keys(.system)
    setup = try DemoSetup(root: root, keys: keys)
    time = ShiftedTime(startingAt: setup.now)
    sites = try DemoSites()
    channels = try DemoChannels(keys: keys, inbox: DemoInbox(time: time), time: time)
    store = try Store(path: folder + "/demo.db")
    var network = try CurlFetcher.Configuration(origins: try OriginMap(parsing: sites.mappings + channels.mappings))
    network.time = time
    service = Service(
      catalog: Builtins.catalog, fetcher: CurlFetcher(configuration: network), store: store,
      userAgent: setup.configuration.userAgent, time: time, random: .system, log: log)
  }

  /// Plays the story through.
  ///
  /// - Returns: Whether everything was as it must be.
  mutating func play(_ chapters: [DemoChapter], _ view: DemoView) async throws -> Bool {
    let start = time.uptime()
    view.opening(now: setup.day)
    try await service.apply(setup.configuration)
    for (index, chapter) in chapters.enumerated() { try await play(chapter, number: index + 1, view) }
    await service.stop()
    sites.stop()
    channels.stop()
    let tally = DemoTally(
      messages: channels.inbox.messages, deliveries: try await store.deliveries(DeliveryFilter(limit: 1000)),
      requests: sites.requests)
    problems += channels.inbox.faults + sites.strays.map { "no recording answers \($0)" }
    if !tally.isSound { problems.append("what was received is not what the outbox says was delivered") }
    view.closing(tally, problems, took: time.uptime() - start)
    return problems.isEmpty
  }

  private mutating func play(_ chapter: DemoChapter, number: Int, _ view: DemoView) async throws {
    view.heading(chapter, number: number)
    for (site, name) in chapter.samples { try sites.show(site, try DemoSetup.sample(setup.root, site, name)) }
    channels.inbox.trouble(chapter.troubles)
    let known = channels.inbox.messages.count
    let (start, wall) = (time.uptime(), time.now())
    for _ in 0..<chapter.runs {
      let runs = try await service.runOnce(setup.configuration, drain: .zero)
      view.runs(runs.map(\.commit))
      try await settle()
    }
    let arrived = channels.inbox.messages.dropFirst(known)
    for message in arrived { view.message(message, chapter: number, after: message.at - start) }
    let told = arrived.filter(\.isForPeople).count
    if told == 0 { view.silence() }
    if !chapter.troubles.isEmpty { view.attempts(try await retried(), since: wall) }
    if (told, arrived.count - told) != chapter.expected {
      problems.append(
        "chapter \(number): \(told) messages for people and \(arrived.count - told) for maintainers, where "
          + "\(chapter.expected.people) and \(chapter.expected.maintainers) were due")
    }
  }

  /// Returns when nothing waits to be sent any more, or ``patience`` has ended: what is left then counts as lost.
  private func settle() async throws {
    let end = time.uptime() + Demo.patience
    while time.uptime() < end {
      if try await store.deliveries(DeliveryFilter(states: [.pending, .leased], limit: 1)).isEmpty { return }
      try await time.sleep(for: .milliseconds(20))
    }
  }

  /// The newest delivery that took more than one attempt.
  private func retried() async throws -> [DeliveryStory.Attempt] {
    guard let delivery = try await store.deliveries().first(where: { $0.attempt > 1 }) else { return [] }
    return try await store.delivery(delivery.id)?.attempts ?? []
  }
}
