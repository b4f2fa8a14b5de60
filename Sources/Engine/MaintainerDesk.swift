import Language
import Notifying
import PluginHost
import Storage
import Synchronization

/// Tells the maintainers what is wrong beside the sites: channels, recipients who are gone, and whatever is raised.
///
/// It looks at what the store has recorded, not at what it heard, so that nothing is missed or told twice however often
/// the process dies between an attempt's record and the message about it.
actor MaintainerDesk {
  /// A look even where nothing was heard; each costs a few index lookups.
  static let interval = Duration.seconds(60)
  /// At most so many people who are gone are named in one message.
  static let namedAtOnce = 20

  private let store: Store
  private let time: any TimeSource
  private let random: RandomSource
  private let log: Log
  private let interval: Duration
  private let signal = WakeSignal()
  private var hasNews = false
  private var isLookingSoon = false
  private var outlets = Outlets(channels: [], maintainers: [])
  /// Channels with an open incident, as of the last look: their next delivery may end it.
  private nonisolated let troubled = Mutex<Set<String>>([])

  init(
    store: Store, time: any TimeSource, random: RandomSource, log: Log, interval: Duration = MaintainerDesk.interval
  ) {
    self.interval = interval
    self.store = store
    self.time = time
    self.random = random
    self.log = log
  }

  func apply(_ configuration: Configuration) async {
    outlets = Outlets(configuration)
    signal.wake()
  }

  /// Looks soon where an event may be worth a word.
  nonisolated func heard(_ event: NotifyEvent) {
    switch event {
    case .attempted(let channel, let attempt):
      switch attempt.outcome {
      case .recipientGone, .misconfigured, .paused: break
      case .delivered where troubled.withLock({ $0.contains(channel) }): break
      default: return
      }
    case .breakerOpened, .breakerClosed, .paused, .halted: break
    default: return
    }
    Task { await lookSoon() }
  }

  /// An event comes just before its attempt is recorded, and the record may have to wait for the disk: looks follow at
  /// growing distances. Events that come meanwhile share them.
  private func lookSoon() async {
    hasNews = true
    guard !isLookingSoon else { return }
    isLookingSoon = true
    defer { isLookingSoon = false }
    while hasNews {
      hasNews = false
      for distance in [Duration.milliseconds(100), .milliseconds(400), .seconds(2), .seconds(8)] {
        // Cancelled: the service ends, and the next start looks first of all.
        do { try await time.sleep(for: distance) } catch { return }
        signal.wake()
      }
    }
  }

  /// Looks until cancelled.
  ///
  /// - Parameter wake: Told which channels have something new to send.
  func run(_ wake: @Sendable (Set<String>) async -> Void) async {
    while !Task.isCancelled {
      do {
        let channels = try await look()
        if !channels.isEmpty { await wake(channels) }
      } catch {
        log.error("maintainers could not be told", ("error", "\(error)"))
      }
      await signal.wait(atMost: interval, time)
    }
  }

  /// Compares what is wrong with what was told, and tells the difference.
  @discardableResult
  func look() async throws -> Set<String> {
    let now = time.now()
    var channels = try await tellGone(now)
    let open = try await store.openIncidents()
    let health = Dictionary(try await store.channelHealths().map { ($0.name, $0) }) { first, _ in first }
    var wanted: Set<String> = []
    var reports: [String: ChannelReport] = [:]
    for channel in outlets.channels.sorted() {
      let report = try await store.channelReport(channel, now: now)
      reports[channel] = report
      guard let trouble = ChannelTroubles.trouble(channel, health: health[channel], report: report, now: now) else {
        continue
      }
      wanted.insert(trouble.key)
      if open[trouble.key] == nil { channels.formUnion(try await raise(trouble)) }
    }
    let known = wanted.union(open.keys).compactMap { ChannelTroubles.ending($0)?.channel }
    troubled.withLock { $0 = Set(known) }
    for (key, openedAt) in open where !wanted.contains(key) {
      guard let (ending, channel) = ChannelTroubles.ending(key) else { continue }
      // A channel that is used no more has no trouble; nor has it come back.
      let report = reports[channel]
      guard report.map({ ChannelTroubles.isOver(key, openedAt: openedAt, report: $0) }) ?? true else { continue }
      let words =
        report == nil
        ? Trouble.Words(english: "channel \(channel) is switched off", persian: "کانال \(channel) خاموش شد") : ending
      channels.formUnion(try await close(key, words, about: channel, now))
    }
    return channels
  }

  func raise(_ trouble: Trouble) async throws -> Set<String> {
    let now = time.now()
    let deliveries = outlets.forMaintainers(at: now, random, except: trouble.channel) { language in
      .maintainers(
        trouble.title.text(in: language), trouble.lines.map { $0.text(in: language) }, language: language, at: now)
    }
    let opened = try await store.openIncident(trouble.key, detail: trouble.detail, telling: deliveries, now: now)
    guard let channels = opened else { return [] }
    endings[trouble.key] = trouble.ending
    log.warn("maintainers are told", ("incident", trouble.key), ("messages", "\(deliveries.count)"))
    return channels
  }

  /// What is said at the end of those raised since the start; an incident of an earlier process ends in plain words.
  private var endings: [String: Trouble.Words] = [:]

  /// - Parameter words: Said of an incident that an earlier process opened.
  func clear(_ key: String, saying words: Trouble.Words? = nil) async throws -> Set<String> {
    let plain = words ?? Trouble.Words(english: "\(key): over", persian: "برطرف شد: \(key)")
    return try await close(key, endings[key] ?? plain, about: nil, time.now())
  }

  /// Ends an incident without a word: another one has taken its place.
  func supersede(_ key: String) async throws {
    endings[key] = nil
    _ = try await store.closeIncident(key, telling: [], now: time.now())
  }

  private func close(_ key: String, _ words: Trouble.Words, about channel: String?, _ now: Instant) async throws
    -> Set<String>
  {
    let kind = String(key.prefix { $0 != "|" })
    // Where it is told that it broke: on the others.
    let deliveries = outlets.forMaintainers(at: now, random, except: channel) { language in
      .maintainers(words.text(in: language), [kind], language: language, at: now)
    }
    guard let channels = try await store.closeIncident(key, telling: deliveries, now: now) else { return [] }
    endings[key] = nil
    log.info("maintainers are told", ("incident", key), ("ended", "yes"))
    return channels
  }

  /// One message for all who were found to be gone since the last look.
  private func tellGone(_ now: Instant) async throws -> Set<String> {
    var channels: Set<String> = []
    while case let gone = try await store.goneUntold(limit: MaintainerDesk.namedAtOnce), !gone.isEmpty {
      let deliveries = outlets.forMaintainers(at: now, random) { language in
        .maintainers(
          GoneWords.title(gone.count, language), gone.map(GoneWords.line) + [GoneWords.help], language: language,
          at: now)
      }
      channels.formUnion(try await store.tell(gone: gone, with: deliveries, now: now))
    }
    return channels
  }
}

enum GoneWords {
  static let help = "slothunter subscriptions resume CHANNEL/RECIPIENT"

  static func title(_ count: Int, _ language: String) -> String {
    if language == "fa" {
      return count == 1
        ? "یک گیرنده دیگر در دسترس نیست و پیامی نمی‌گیرد"
        : "\(persianDigits("\(count)")) گیرنده دیگر در دسترس نیستند و پیامی نمی‌گیرند"
    }
    return count == 1
      ? "1 recipient is gone and hears no more" : "\(count) recipients are gone and hear no more"
  }

  static func line(_ recipient: GoneRecipient) -> String {
    "\(recipient.channel) \(Mask.address(recipient.address))" + (recipient.reason.map { ": \($0)" } ?? "")
  }
}
