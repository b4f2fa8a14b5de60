import Language
import PluginHost

/// The rules of one item's life: what a reading makes of its record.
struct Life {
  let rules: LifeRules
  let now: Instant
  /// Whether this reading's word alone is not enough for an item to be gone.
  var doubts = false

  struct Step {
    var record: ItemRecord
    var change: Change?
    /// It waits for the next reading, or has waited, because it went with too many others.
    var isDoubted = false
  }

  func seen(_ item: Item, before: ItemRecord?) -> Step {
    guard let before else { return appear(item, after: nil) }
    switch before.state {
    case .arriving: return arrive(item, before)
    case .open: return Step(record: refreshed(before, item), change: update(item, before))
    // A blink: it was never told to be missing.
    case .leaving:
      return Step(
        record: moved(refreshed(before, item), to: .open), change: update(item, before),
        isDoubted: rules.settle == .zero)
    case .passed: return Step(record: moved(refreshed(before, item), to: .open))
    case .gone: return isTooSoon(before) ? returnQuietly(item, before) : appear(item, after: before)
    }
  }

  /// - Parameter isOver: `drop` would be true of it: it has passed, whether the site still lists it or not.
  func missing(_ record: ItemRecord, isOver: Bool = false) -> Step {
    switch record.state {
    case .open where isOver, .leaving where isOver: return Step(record: moved(record, to: .passed))
    case .gone: return Step(record: record)
    case .arriving: return Step(record: abandoned(record))
    // It has left people's view already; from here on its return is news.
    case .passed: return Step(record: moved(record, to: .gone))
    case .open:
      if rules.settle == .zero, !doubts { return leave(record) }
      return Step(record: moved(record, to: .leaving), isDoubted: rules.settle == .zero)
    case .leaving:
      if now < record.since { return Step(record: moved(record, to: .leaving)) }
      return now - record.since >= rules.settle ? leave(record) : Step(record: record)
    }
  }

  /// `drop` is true of it.
  func passed(_ item: Item, before: ItemRecord) -> Step {
    switch before.state {
    case .open, .leaving: Step(record: moved(refreshed(before, item), to: .passed))
    case .passed: Step(record: refreshed(before, item))
    case .arriving: Step(record: abandoned(before))
    case .gone: Step(record: before)
    }
  }

  private func appear(_ item: Item, after gone: ItemRecord?) -> Step {
    var record = ItemRecord(
      item: item, state: .open, since: now, firstSeen: gone?.firstSeen ?? now, lastSeen: now,
      lives: (gone?.lives ?? 0) + 1)
    if rules.settle > .zero {
      record.state = .arriving
      return Step(record: record)
    }
    return Step(record: record, change: Change(.added, item))
  }

  private func arrive(_ item: Item, _ before: ItemRecord) -> Step {
    let record = refreshed(before, item)
    if now < before.since { return Step(record: moved(record, to: .arriving)) }
    guard now - before.since >= rules.settle else { return Step(record: record) }
    return Step(record: moved(record, to: .open), change: Change(.added, item))
  }

  private func returnQuietly(_ item: Item, _ before: ItemRecord) -> Step {
    var record = moved(refreshed(before, item), to: .open)
    record.lives += 1
    return Step(record: record)
  }

  private func leave(_ record: ItemRecord) -> Step {
    Step(record: moved(record, to: .gone), change: Change(.removed, record.item))
  }

  /// An arrival that did not settle was never told, so its next one must not be taken for a return that comes too
  /// soon: its going is dated back to where `reopen_after` asks no more.
  private func abandoned(_ record: ItemRecord) -> ItemRecord {
    var record = moved(record, to: .gone)
    record.since = now - rules.reopenAfter
    return record
  }

  /// A going that lies in the future says nothing about how long ago it was.
  private func isTooSoon(_ gone: ItemRecord) -> Bool {
    gone.since <= now && now - gone.since < rules.reopenAfter
  }

  private func refreshed(_ record: ItemRecord, _ item: Item) -> ItemRecord {
    var record = record
    record.item = item
    record.lastSeen = now
    return record
  }

  private func moved(_ record: ItemRecord, to state: ItemRecord.State) -> ItemRecord {
    var record = record
    record.state = state
    record.since = now
    return record
  }

  /// A field that is not there is null.
  private func update(_ item: Item, _ before: ItemRecord) -> Change? {
    let changed = rules.track.filter { (item[$0] ?? .null) != (before.item[$0] ?? .null) }
    if changed.isEmpty { return nil }
    return Change(.updated, item, before: changed.map { Item.Field($0, before.item[$0] ?? .null) })
  }
}
