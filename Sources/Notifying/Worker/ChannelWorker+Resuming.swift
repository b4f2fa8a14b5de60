import Language
import PluginHost

extension ChannelWorker {
  /// Waits that a channel asked for are looked for so far back; longer ones are found by what waits for them.
  private static let lookBack: Duration = .seconds(3600)

  /// Rates and waits go on where the worker before this one left them: a restart makes no burst and calls no earlier
  /// than was asked.
  ///
  /// - Returns: False while the outbox can't tell.
  func resume() async -> Bool {
    if isResumed { return true }
    let spec = adapter.spec
    let longest = [spec.rate, spec.ratePerRecipient, spec.ratePerGroup].compactMap { $0?.per }.max() ?? .zero
    do {
      let wall = time.now()
      let since = wall - max(ChannelWorker.lookBack, longest) - tuning.lease
      let past = try await outbox.pastSends(channel: channel, since: since, now: wall)
      storeFailures = 0
      pace.resume(past, wholeChannel: isOneForAll, lag: tuning.lease, at: time.uptime(), wall: wall)
      isResumed = true
      return true
    } catch {
      storeFailed("resume", error)
      return false
    }
  }

  /// Lines may have fallen out of some of a batch: what is no longer the same text goes in requests of its own.
  func stillAlike(_ batch: [Assignment]) -> [Assignment] {
    let groups = batch.batches(of: max(1, batch.count))
    guard groups.count > 1 else { return batch }
    for assignment in groups.dropFirst().joined() { sending[assignment.delivery.id] = nil }
    ready.insert(contentsOf: groups.dropFirst(), at: 0)
    signal.wake()
    return groups[0]
  }

  /// What waited here for its turn may have become old news: the outbox is asked again.
  ///
  /// - Returns: What may go; the rest has ended or went back.
  func recheck(_ batch: [Assignment]) async -> [Assignment] {
    let now = time.uptime()
    let late = batch.filter { now - $0.leasedAt >= tuning.recheck }
    guard !late.isEmpty else { return batch }
    do {
      let going = try await outbox.recheck(late.map(\.delivery), now: time.now())
      storeFailures = 0
      let fresh = Dictionary(going.map { ($0.id, $0) }) { first, _ in first }
      return batch.compactMap { assignment in
        guard now - assignment.leasedAt >= tuning.recheck else { return assignment }
        guard let delivery = fresh[assignment.delivery.id] else {
          sending[assignment.delivery.id] = nil
          return nil
        }
        var current = assign(delivery, assignment.leasedAt)
        current.alone = assignment.alone
        return current
      }
    } catch {
      storeFailed("recheck", error)
      for assignment in batch { sending[assignment.delivery.id] = nil }
      unwanted += batch.map(\.delivery)
      return []
    }
  }
}
