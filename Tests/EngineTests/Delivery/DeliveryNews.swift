import Language
import PluginHost
import Storage

/// What the desk's people are told.
extension DeliveryDesk {
  /// An alert about items that are known, so that what is gone or late can be told apart.
  func news(
    _ id: String, to recipient: String, watch: String = "w1", items: [String] = [], text: String = "Saturday 09:30",
    expires: Duration? = nil, usefulFor: Duration? = nil, kind: Message.Kind = .alert
  ) -> NewDelivery {
    let lines =
      items.isEmpty
      ? [Message.Line(text: text)] : items.map { Message.Line(change: .added, text: "\(text) \($0)", itemKey: $0) }
    return NewDelivery(
      id: id, channel: spec.id, recipient: recipient, subscription: "\(spec.id)|\(recipient)",
      message: Message(
        kind: kind, site: "site", watch: watch, language: "en", title: "Free", lines: lines, at: time.now()),
      changes: Array(items.indices), expiresAt: expires.map { time.now() + $0 }, usefulFor: usefulFor, rule: "test")
  }

  /// One run of a watch, as the engine stores it.
  func commit(
    _ deliveries: [NewDelivery], watch: String = "w1", open: [String] = [], gone: [String] = []
  ) async throws {
    let now = time.now()
    var commit = RunCommit(
      watch: watch, site: "site", specVersion: "1", startedAt: now, endedAt: now, verdict: .items, keyFields: ["key"])
    let items = (open + gone).map { Item(key: $0, branch: .root, fields: []) }
    commit.items = items.map { item in
      let isGone = gone.contains(item.key)
      return ItemRecord(
        item: item, state: isGone ? .gone : .open, since: now, firstSeen: now, lastSeen: now, lives: 1)
    }
    commit.changes = items.filter { open.contains($0.key) }.map { Change(.added, $0) }
    commit.deliveries = deliveries
    try await store.commit(commit)
    wake()
  }

  func states() async throws -> [String: DeliveryRecord.State] {
    let all = try await store.deliveries(DeliveryFilter(limit: .max))
    return Dictionary(all.map { ($0.id, $0.state) }) { first, _ in first }
  }

  func attempts(of id: String) async throws -> [DeliveryStory.Attempt] {
    try await store.delivery(id)?.attempts ?? []
  }

  /// Uptimes of the calls to a recipient.
  func times(to recipient: String) -> [Duration] { calls.filter { $0.to == recipient }.map(\.at) }
}

/// Whether no window of `limit` holds more calls than it may.
func keeps(_ limit: RateLimit, _ times: [Duration]) -> Bool {
  zip(times, times.dropFirst(limit.count)).allSatisfy { $1 - $0 >= limit.per }
}
