import Language
import PluginHost
import Scheduling

/// Which watch is to run now: one heap of times, and of those whose time has come one by priority. Every change costs
/// O(log n).
struct DueRuns {
  /// The next to run, and when it was due.
  struct Run {
    var watch: Watch
    var planned: Duration
  }

  private(set) var watches: [String: Watch] = [:]
  private var later = DeadlineHeap<String>()
  /// Due, by the time less their priority's head start.
  private var ready = DeadlineHeap<String>()
  /// Due, and waiting for a place of their site.
  private var parked: [String: DeadlineHeap<String>] = [:]
  private var planned: [String: Duration] = [:]
  /// When the wall is to show what is waited for, of watches that go by the calendar.
  private var targets: [String: Instant] = [:]

  var count: Int { watches.count }
  /// Due, and not begun for want of a place.
  var waitingCount: Int { ready.count + parked.values.reduce(0) { $0 + $1.count } }

  /// Watches that go by the calendar are looked at this often: the wall clock may be set, and the machine may sleep.
  static let longestCalendarWait = Duration.seconds(900)

  mutating func define(_ watch: Watch) { watches[watch.id] = watch }

  mutating func remove(_ id: String) {
    takeBack(id)
    watches[id] = nil
  }

  /// It is not due any more.
  private mutating func takeBack(_ id: String) {
    later.remove(id)
    ready.remove(id)
    if let site = watches[id]?.spec.id { parked[site]?.remove(id) }
    planned[id] = nil
    targets[id] = nil
  }

  mutating func set(_ id: String, at moment: Moment, now: Duration) {
    takeBack(id)
    targets[id] = moment.wall
    later.set(id, at: moment.wall == nil ? moment.uptime : min(moment.uptime, now + DueRuns.longestCalendarWait))
  }

  /// When a watch runs next: in uptime, and for the calendar what the wall is to show.
  struct Moment: Sendable {
    var uptime: Duration
    var wall: Instant?
  }

  /// How long until something may be due; nil where nothing ever is.
  func wait(at now: Duration) -> Duration? {
    ready.isEmpty ? later.next.map { max(.zero, $0 - now) } : .zero
  }

  /// The next watch whose site has a place; those that find none are parked.
  ///
  /// - Parameter reopened: When a watch may run whose hours were over when its time came.
  mutating func take(
    now: Duration, wall: Instant, reopened: (Watch) -> Moment, hasPlace: (String) -> Bool
  ) -> Run? {
    collect(now: now, wall: wall, reopened)
    while let (id, key) = ready.popDue(at: .seconds(Int64.max >> 2)) {
      guard let watch = watches[id] else { continue }
      if hasPlace(watch.spec.id) { return Run(watch: watch, planned: planned.removeValue(forKey: id) ?? key) }
      parked[watch.spec.id, default: DeadlineHeap()].set(id, at: key)
    }
    return nil
  }

  /// A place of a site is free: it goes to its longest waiting watch, if there is one.
  mutating func unpark(_ site: String) {
    guard var heap = parked[site], let (id, key) = heap.popDue(at: .seconds(Int64.max >> 2)) else { return }
    parked[site] = heap.isEmpty ? nil : heap
    ready.set(id, at: key)
  }

  private mutating func collect(now: Duration, wall: Instant, _ reopened: (Watch) -> Moment) {
    while let (id, deadline) = later.popDue(at: now) {
      guard let watch = watches[id] else { continue }
      if let target = targets[id] {
        // Not yet by the wall: the clock was set back, or it was only looked at.
        if target > wall {
          later.set(id, at: now + min(target - wall, DueRuns.longestCalendarWait))
          continue
        }
        guard watch.timing.isOpen(at: wall) else {
          set(id, at: reopened(watch), now: now)
          continue
        }
      }
      targets[id] = nil
      planned[id] = deadline
      ready.set(id, at: deadline - watch.timing.priority.headStart)
    }
  }
}
