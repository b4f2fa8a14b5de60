/// What is due when: a binary heap that finds its entries by id. Adding, moving, removing and taking the first are
/// O(log n). Among equal deadlines the one set earlier comes first.
///
/// Deadlines are uptimes (``TimeSource/uptime()``), so that setting the clock moves nothing.
public struct DeadlineHeap<ID: Hashable & Sendable>: Sendable {
  private struct Entry: Sendable {
    var deadline: Duration
    /// Of setting: breaks ties.
    var order: UInt64
    var id: ID

    func isBefore(_ other: Entry) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : order < other.order
    }
  }

  private var entries: [Entry] = []
  private var positions: [ID: Int] = [:]
  private var order: UInt64 = 0

  public init() {}

  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }
  /// The first deadline.
  public var next: Duration? { entries.first?.deadline }

  public subscript(id: ID) -> Duration? { positions[id].map { entries[$0].deadline } }

  /// Adds an id, or moves it.
  public mutating func set(_ id: ID, at deadline: Duration) {
    order += 1
    let entry = Entry(deadline: deadline, order: order, id: id)
    if let position = positions[id] {
      entries[position] = entry
      settle(position)
    } else {
      entries.append(entry)
      positions[id] = entries.count - 1
      rise(entries.count - 1)
    }
  }

  /// Returns the deadline it had.
  @discardableResult
  public mutating func remove(_ id: ID) -> Duration? {
    guard let position = positions.removeValue(forKey: id) else { return nil }
    let deadline = entries[position].deadline
    let last = entries.removeLast()
    if position < entries.count {
      entries[position] = last
      positions[last.id] = position
      settle(position)
    }
    return deadline
  }

  /// Takes the first entry, if it is due.
  public mutating func popDue(at now: Duration) -> (id: ID, deadline: Duration)? {
    guard let first = entries.first, first.deadline <= now else { return nil }
    remove(first.id)
    return (first.id, first.deadline)
  }

  private mutating func settle(_ position: Int) {
    rise(position)
    sink(position)
  }

  private mutating func rise(_ start: Int) {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard entries[position].isBefore(entries[parent]) else { break }
      swap(position, parent)
      position = parent
    }
  }

  private mutating func sink(_ start: Int) {
    var position = start
    while true {
      var least = position
      for child in [2 * position + 1, 2 * position + 2] where child < entries.count {
        if entries[child].isBefore(entries[least]) { least = child }
      }
      if least == position { return }
      swap(position, least)
      position = least
    }
  }

  private mutating func swap(_ a: Int, _ b: Int) {
    entries.swapAt(a, b)
    positions[entries[a].id] = a
    positions[entries[b].id] = b
  }
}
