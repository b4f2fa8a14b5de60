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
  #if compiler(>=6.3)
    @specialized(where ID == String)
  #endif
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
  #if compiler(>=6.3)
    @specialized(where ID == String)
  #endif
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
  #if compiler(>=6.3)
    @specialized(where ID == String)
  #endif
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
    let entry = entries[start]
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      guard entry.isBefore(entries[parent]) else { break }
      put(entries[parent], at: position)
      position = parent
    }
    if position != start { put(entry, at: position) }
  }

  private mutating func sink(_ start: Int) {
    let entry = entries[start]
    var position = start
    while true {
      var least = 2 * position + 1
      guard least < entries.count else { break }
      if least + 1 < entries.count, entries[least + 1].isBefore(entries[least]) { least += 1 }
      guard entries[least].isBefore(entry) else { break }
      put(entries[least], at: position)
      position = least
    }
    if position != start { put(entry, at: position) }
  }

  /// Positions are looked up by id: the costliest part, so what moves is written once, where it comes to lie.
  private mutating func put(_ entry: Entry, at position: Int) {
    entries[position] = entry
    positions[entry.id] = position
  }
}
