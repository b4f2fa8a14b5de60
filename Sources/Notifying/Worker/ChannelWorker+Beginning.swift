import Language
import PluginHost

extension ChannelWorker {
  /// Where a send that may have been accepted is not simply repeated (`when_unsure`), one that was never made must not
  /// be taken for it: two deaths between lease and send would drop the alert unsent.
  private var notesBeginnings: (any BeginningOutbox)? {
    adapter.spec.whenUnsure == .resend ? nil : outbox as? any BeginningOutbox
  }

  func leaseFromOutbox(limit: Int, now: Instant, until: Instant) async throws -> [LeasedDelivery] {
    guard let outbox = notesBeginnings else {
      return try await outbox.lease(channel: channel, limit: limit, now: now, until: until)
    }
    return try await outbox.leaseUnbegun(channel: channel, limit: limit, now: now, until: until)
  }

  /// - Returns: False where it could not be noted: then nothing may be sent, and the deliveries went back.
  func begin(_ batch: [Assignment]) async -> Bool {
    guard let outbox = notesBeginnings else { return true }
    do {
      try await outbox.begin(batch.map(\.delivery))
      return true
    } catch {
      storeFailed("begin", error)
      for assignment in batch {
        sending[assignment.delivery.id] = nil
        unwanted.append(assignment.delivery)
      }
      return false
    }
  }
}
