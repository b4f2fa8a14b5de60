/// What is due when: a binary heap that knows where each entry is, so adding, moving and removing cost O(log n).
public struct DeadlineHeap<ID: Hashable & Sendable>: Sendable {
  private struct Entry: Sendable {
    var id: ID
    var due: Duration
    /// Entries due at the same time leave in the order they came.
    var order: UInt64
  }

  private var entries: [Entry] = []
  private var places: [ID: Int] = [:]
  private var counter: UInt64 = 0

  public init() {}

  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }

  /// The entry that is due first.
  public var first: (id: ID, due: Duration)? { entries.first.map { ($0.id, $0.due) } }

  public func due(of id: ID) -> Duration? { places[id].map { entries[$0].due } }

  /// Adds `id`, or moves it.
  public mutating func set(_ id: ID, due: Duration) {
    counter += 1
    if let place = places[id] {
      entries[place].due = due
      entries[place].order = counter
      rise(place)
      sink(places[id] ?? place)
      return
    }
    entries.append(Entry(id: id, due: due, order: counter))
    places[id] = entries.count - 1
    rise(entries.count - 1)
  }

  public mutating func remove(_ id: ID) {
    guard let place = places.removeValue(forKey: id) else { return }
    let last = entries.removeLast()
    guard place < entries.count else { return }
    entries[place] = last
    places[last.id] = place
    rise(place)
    sink(places[last.id] ?? place)
  }

  /// Takes the first entry out if it is due at `now`.
  public mutating func popDue(_ now: Duration) -> ID? {
    guard let first = entries.first, first.due <= now else { return nil }
    remove(first.id)
    return first.id
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    (entries[a].due, entries[a].order) < (entries[b].due, entries[b].order)
  }

  private mutating func rise(_ start: Int) {
    var place = start
    while place > 0, isBefore(place, (place - 1) / 2) {
      swap(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < entries.count && isBefore(child, least) {
        least = child
      }
      guard least != place else { return }
      swap(place, least)
      place = least
    }
  }

  private mutating func swap(_ a: Int, _ b: Int) {
    entries.swapAt(a, b)
    places[entries[a].id] = a
    places[entries[b].id] = b
  }
}
