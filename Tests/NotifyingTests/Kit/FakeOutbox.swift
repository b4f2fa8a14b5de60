import Language
import PluginHost

/// An outbox in memory that keeps to the protocol's words; everything it was told can be looked at.
actor FakeOutbox: Outbox {
  struct Broken: Error {}

  struct Entry {
    var delivery: LeasedDelivery
    var due: Instant
    /// nil while it waits; how it ended.
    var end: String?
    var leasedUntil: Instant?
    var records: [AttemptRecord] = []
  }

  private(set) var entries: [Entry] = []
  private(set) var leases = 0
  private(set) var releases = 0
  private(set) var transactions = 0
  private var goneRecipients: Set<String> = []
  private var failing = 0

  /// Of these the last line is found to be gone when the outbox is asked again.
  private var losingLines: Set<String> = []

  func loseLine(of ids: Set<String>) { losingLines = ids }

  /// The next so many calls fail.
  func fail(_ times: Int) { failing = times }

  func add(
    _ id: String, to recipient: String = "1", channel: String, message: Message = .alert(), at now: Instant,
    usefulFor: Duration? = .seconds(900), unsure: Bool = false, doubts: Int = 0
  ) {
    let delivery = LeasedDelivery(
      id: id, channel: channel, recipient: recipient, message: message, attempt: 0, plain: false,
      sequence: entries.count + 1, createdAt: now, expiresAt: usefulFor.map { now + $0 }, unsure: unsure,
      doubts: doubts)
    entries.append(Entry(delivery: delivery, due: now))
  }

  func entry(_ id: String) -> Entry? { entries.first { $0.delivery.id == id } }
  func end(_ id: String) -> String? { entry(id)?.end }
  func outcomes(_ id: String) -> [String] { entry(id)?.records.map(\.outcome.word) ?? [] }
  var open: Int { entries.count { $0.end == nil } }
  var leased: Int { entries.count { $0.leasedUntil != nil } }

  func lease(channel: String, limit: Int, now: Instant, until: Instant) async throws -> [LeasedDelivery] {
    try check()
    leases += 1
    for index in entries.indices where entries[index].end == nil {
      if let end = entries[index].leasedUntil, end <= now {
        entries[index].leasedUntil = nil
        entries[index].delivery.unsure = true
        entries[index].delivery.doubts += 1
      }
      if entries[index].leasedUntil == nil, let expiry = entries[index].delivery.expiresAt, expiry <= now {
        entries[index].end = "expired"
      }
    }
    var taken: [LeasedDelivery] = []
    var busy = Set(entries.filter { $0.leasedUntil != nil }.map(\.delivery.recipient))
    for index in entries.indices where taken.count < limit && isDue(index, channel, now) {
      guard busy.insert(entries[index].delivery.recipient).inserted else { continue }
      entries[index].delivery.attempt += 1
      entries[index].leasedUntil = until
      taken.append(entries[index].delivery)
    }
    return taken
  }

  private func isDue(_ index: Int, _ channel: String, _ now: Instant) -> Bool {
    let entry = entries[index]
    return entry.end == nil && entry.leasedUntil == nil && entry.due <= now && entry.delivery.channel == channel
  }

  func record(_ attempts: [AttemptRecord], now: Instant) async throws {
    try check()
    transactions += 1
    for record in attempts {
      guard let index = entries.firstIndex(where: { $0.delivery.id == record.delivery }) else { continue }
      entries[index].records.append(record)
      guard entries[index].end == nil, record.attempt == entries[index].delivery.attempt else { continue }
      apply(record, to: index)
    }
  }

  private func apply(_ record: AttemptRecord, to index: Int) {
    entries[index].leasedUntil = nil
    entries[index].delivery.unsure = false
    if let next = record.nextAt { entries[index].due = next }
    switch record.outcome {
    case .delivered: entries[index].end = "delivered"
    case .recipientGone:
      entries[index].end = "dead"
      goneRecipients.insert(entries[index].delivery.recipient)
    case .rejected: entries[index].end = "dead"
    case .moved(let to): entries[index].delivery.recipient = to
    case .resendPlain: entries[index].delivery.plain = true
    case .retry: if !record.isExcused { entries[index].delivery.failures += 1 }
    case .throttled, .paused, .misconfigured: break
    }
  }

  func release(_ deliveries: [LeasedDelivery]) async throws {
    try check()
    releases += deliveries.count
    for delivery in deliveries {
      guard let index = entries.firstIndex(where: { $0.delivery.id == delivery.id }) else { continue }
      entries[index].leasedUntil = nil
      entries[index].delivery.attempt -= 1
    }
  }

  func nextDue(channel: String, now: Instant) async throws -> Instant? {
    try check()
    return entries.filter { $0.end == nil && $0.delivery.channel == channel }.map { $0.leasedUntil ?? $0.due }.min()
  }

  func recheck(_ deliveries: [LeasedDelivery], now: Instant) async throws -> [LeasedDelivery] {
    try check()
    return deliveries.filter { held in entry(held.id)?.end == nil }.map { held in
      guard losingLines.contains(held.id) else { return held }
      var shorter = held
      shorter.message.lines.removeLast()
      return shorter
    }
  }

  /// Nothing was sent before a test began.
  func pastSends(channel: String, since: Instant, now: Instant) async throws -> [PastSend] { [] }

  private var grants: [Int] = []

  /// How many messages each call of `reserve` lets through; none once the list is used up.
  func grant(_ counts: [Int]) { grants = counts }

  /// Nobody counts here: without ``grant(_:)`` nothing with a budget is ever sent.
  func reserve(_ cost: Spending, upTo count: Int, channel: String, budget: Budget, day: Instant) async throws -> Int {
    grants.isEmpty ? 0 : min(count, grants.removeFirst())
  }

  func refund(_ cost: Spending, count: Int, channel: String, day: Instant) async throws {}

  private func check() throws {
    guard failing > 0 else { return }
    failing -= 1
    throw Broken()
  }
}
