/// Something that one subscriber should hear: the oracle's side of every alert.
struct Notice {
  struct Key: Hashable {
    var subscriber: Int
    var item: String
    var gen: Int
    /// That it is there, by an alert or a summary; else that it went.
    var isUp: Bool
  }

  enum State {
    case waiting
    /// Accepted by the channel; doubtful while the answer may not have been recorded.
    case told(id: String, isCertain: Bool)
    /// Nobody need hear of it any more.
    case excused(String)
  }

  var key: Key
  var service: String
  /// In the order in which things became news.
  var serial: Int
  var state = State.waiting
  /// Whether it must be told; else it may be (a reload was under way, or the branch could not be read).
  var isOwed: Bool
  let madeAt: Moment
  /// The same on the wall; moves with a clock that is set.
  var madeWall: Int64
  /// The last moment at which something stood in its way.
  var clearSince: Moment
  var wasBlocked = false
  let tier: Int
  /// Wall milliseconds from which it may be told: the end of a digest's window, of quiet hours, of a snooze.
  var notBefore: Int64
  /// Wall milliseconds after which it is of no use whatever is seen of the item: its start.
  var start: Int64

  var isExcused: Bool { if case .excused = state { true } else { false } }
  var isWaiting: Bool { if case .waiting = state { true } else { false } }
}
