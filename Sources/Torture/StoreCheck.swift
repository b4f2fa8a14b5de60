import Glibc
import PluginHost
import Storage

/// What a dead process left in its store.
struct StoreCheck: Sendable {
  /// SQLite's own findings; empty for a sound store.
  var findings: [String] = []
  /// Sends under way when the process died, as the news they carried.
  var inFlight: [[News]] = []
  /// Deliveries that ended without being delivered, by `channel reason`, and the news they carried.
  var ended: [String: Int] = [:]
  var settled: Set<News> = []
  /// Of those, what `when_unsure` gave up: it may have been accepted more than once already.
  var unsure: Set<News> = []
  /// Deliveries that still wait.
  var waiting = 0
  /// There was no store yet.
  var isMissing = false

  /// - Parameter mayBeMissing: A process that died while it made the store may leave none.
  static func look(at path: String, mayBeMissing: Bool = false) async -> StoreCheck {
    var check = StoreCheck()
    do {
      let store = try Store(path: path, mode: .readOnly)
      check.findings = try await store.integrityFindings()
      let unbegun = try await store.unbegun()
      let leased = try await store.deliveries(DeliveryFilter(states: [.leased], limit: 100_000))
      for delivery in leased where !unbegun.contains(delivery.id) {
        check.inFlight.append(news(of: delivery))
      }
      let lost = DeliveryFilter(states: [.dead, .expired, .dropped, .cancelled], limit: 100_000)
      for delivery in try await store.deliveries(lost) {
        check.ended["\(delivery.channel) \(delivery.state.rawValue) \(delivery.reason ?? "")", default: 0] += 1
        check.settled.formUnion(news(of: delivery))
        if delivery.state == .dead, delivery.reason == "unsure" { check.unsure.formUnion(news(of: delivery)) }
      }
      check.waiting = try await store.deliveries(DeliveryFilter(states: [.pending], limit: 100_000)).count
    } catch let error as StoreError where mayBeMissing && StoreCheck.isUnborn(error) {
      check.isMissing = true
    } catch {
      check.findings = ["\(error)"]
    }
    return check
  }

  /// What dying in the making of a store may leave: nothing, an empty file, or an empty database.
  private static func isUnborn(_ error: StoreError) -> Bool {
    error.reason == .missing || error.detail == "the file is empty" || error.detail.hasPrefix("is an empty database")
  }

  private static func news(of delivery: DeliveryRecord) -> [News] {
    let listener = Listener(channel: delivery.channel, address: delivery.recipient)
    return delivery.message.lines.enumerated().filter { !delivery.withdrawn.contains($0.offset) }.flatMap { _, line in
      Opening.all(in: line.text).map {
        News(listener: listener, kind: line.change == .removed ? .removed : .added, opening: $0)
      }
    }
  }
}
