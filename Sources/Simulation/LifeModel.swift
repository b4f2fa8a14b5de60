/// The oracle's own idea of an item's life, from DESIGN.md 4.5: written without a look at `Diffing`.
struct LifeModel {
  enum State: String { case arriving, open, leaving, gone }

  struct Item {
    var state: State
    /// Wall milliseconds.
    var since: Int64
    var slot: Slot
    /// Wall milliseconds of the last good run that saw it.
    var lastSeen: Int64
    /// When people's view of it last changed, on the true clock.
    var turnedAt: Moment
  }

  struct Change: Hashable {
    var isUp: Bool
    var key: String
    var gen: Int
    var tier: Int
    var text: String { "\(isUp ? "added" : "removed") \(key)" }
  }

  let settle: Int64
  let reopenAfter: Int64
  private(set) var items: [String: Item] = [:]
  private(set) var isRead = false
  /// Whether the last reading lacked so much that it is not believed before another one agrees.
  private(set) var isDoubted = false
  /// Back so soon that it is no news, but may be told to whom it was never told.
  private(set) var returned: [String] = []

  init(_ kind: Specs.Kind) {
    settle = kind.settle
    reopenAfter = kind.reopenAfter
  }

  /// What a good reading means; nothing is news in the first.
  mutating func read(_ slots: [(key: String, slot: Slot)], wall: Int64, now: Moment) -> [Change] {
    defer { isRead = true }
    var changes: [Change] = []
    returned = []
    let present = Set(slots.map(\.key))
    let held = items.filter { $0.value.state == .open || $0.value.state == .leaving }
    let missing = held.keys.count { !present.contains($0) }
    isDoubted = isRead && missing >= 4 && missing * 2 > held.count
    for (key, slot) in slots {
      guard isRead else {
        items[key] = Item(state: .open, since: wall, slot: slot, lastSeen: wall, turnedAt: now)
        continue
      }
      if show(key, slot, wall, now) { changes.append(change(true, key, slot)) }
    }
    for key in items.keys.sorted() where !present.contains(key) {
      if miss(key, wall, now), let slot = items[key]?.slot { changes.append(change(false, key, slot)) }
    }
    return changes
  }

  /// What was seen a minute ago was seen a minute ago, whatever the clock is set to.
  mutating func move(by milliseconds: Int64) { for key in items.keys { items[key]?.lastSeen += milliseconds } }

  private func change(_ isUp: Bool, _ key: String, _ slot: Slot) -> Change {
    Change(isUp: isUp, key: key, gen: slot.gen, tier: slot.tier)
  }

  private mutating func turn(_ key: String, _ state: State, _ wall: Int64, _ now: Moment) {
    items[key]?.state = state
    items[key]?.since = wall
    if state == .open || state == .gone { items[key]?.turnedAt = now }
  }

  /// - Returns: Whether that is news.
  private mutating func show(_ key: String, _ slot: Slot, _ wall: Int64, _ now: Moment) -> Bool {
    guard let before = items[key] else {
      items[key] = Item(
        state: settle > 0 ? .arriving : .open, since: wall, slot: slot, lastSeen: wall, turnedAt: now)
      return settle == 0
    }
    items[key]?.slot = slot
    items[key]?.lastSeen = wall
    switch before.state {
    case .open: return false
    case .leaving:
      // Nobody heard that it was missing, so nothing turned.
      items[key]?.state = .open
      items[key]?.since = wall
      return false
    case .arriving:
      if wall < before.since { turn(key, .arriving, wall, now) }
      guard wall >= before.since, wall - before.since >= settle else { return false }
      turn(key, .open, wall, now)
      return true
    case .gone:
      if before.since <= wall, wall - before.since < reopenAfter {
        turn(key, .open, wall, now)
        returned.append(key)
        return false
      }
      turn(key, settle > 0 ? .arriving : .open, wall, now)
      return settle == 0
    }
  }

  private mutating func miss(_ key: String, _ wall: Int64, _ now: Moment) -> Bool {
    guard let before = items[key] else { return false }
    switch before.state {
    case .gone: return false
    case .arriving:
      // Never told: its next showing is no return that could come too soon.
      turn(key, .gone, wall, now)
      items[key]?.since = wall - reopenAfter
      return false
    case .open where settle > 0 || isDoubted:
      items[key]?.state = .leaving
      items[key]?.since = wall
      return false
    case .leaving:
      if wall < before.since { items[key]?.since = wall }
      guard wall >= before.since, wall - before.since >= settle else { return false }
      turn(key, .gone, wall, now)
      return true
    case .open:
      turn(key, .gone, wall, now)
      return true
    }
  }
}
