import Language
import PluginHost

/// When a message to somebody may go: a snooze, then a digest, then quiet hours, each put off by the one before. Pure.
///
/// What is urgent waits for a snooze only: who asked for silence until a day gets it.
struct DeliveryTiming: Hashable {
  var snooze: Instant?
  var digest: Digest?
  /// Kept with the delivery too: a retry must not fall into them either.
  var quiet: QuietHours?
  var zone: TimeZoneRules
  var isUrgent: Bool

  init(_ subscription: Subscription, zone: TimeZoneRules, isUrgent: Bool = false, isGreeting: Bool = false) {
    snooze = subscription.snooze
    digest = isUrgent || isGreeting ? nil : subscription.digest
    quiet = isUrgent ? nil : subscription.quiet.map { QuietHours($0, zone: zone) }
    self.zone = zone
    self.isUrgent = isUrgent
  }

  /// nil where it may go at once.
  func start(at now: Instant) -> Instant? {
    var start = snooze.flatMap { $0 > now ? $0 : nil }
    if let digest {
      // A window that ends with the snooze is as good as the next one.
      start = digest.end(after: start.map { $0 - .milliseconds(1) } ?? now, in: zone)
    }
    return quiet?.end(at: start ?? now) ?? start
  }

  /// For `why`.
  var rule: String {
    if isUrgent { return ", urgent" }
    switch digest {
    case nil: return ""
    case .every(let length): return ", digest: \(Value.duration(length).plainText)"
    case .at(let times): return ", digest: \(times.map(\.text).joined(separator: ", "))"
    }
  }
}
