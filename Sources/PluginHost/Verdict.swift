/// How one branch of a run ended, least serious first.
///
/// Only ``items`` and ``empty`` move the snapshot; nothing else can make an end user hear that something came or went.
public enum Verdict: String, Sendable, Hashable, CaseIterable, Comparable {
  /// The typed rows are those of the last good run.
  case unchanged
  /// The site says that there is nothing, in a way the spec recognises.
  case empty
  case items
  /// No answer, 408 or 5xx.
  case failed
  /// 429.
  case throttled
  /// The site answered, and says itself that its answer is not complete.
  case unreadable
  /// The thing watched is no longer there (404, 410 where the spec says so).
  case gone
  /// Read, and not believable: a count outside `expect`.
  case suspicious
  /// A challenge page, 401, 403, 451.
  case blocked
  /// Anchor, required field or rows missing: the spec no longer fits the page.
  case layoutBroken = "layout_broken"

  public static func < (a: Verdict, b: Verdict) -> Bool { a.severity < b.severity }

  /// The place among all cases, which are in this order.
  private var severity: Int {
    switch self {
    case .unchanged: 0
    case .empty: 1
    case .items: 2
    case .failed: 3
    case .throttled: 4
    case .unreadable: 5
    case .gone: 6
    case .suspicious: 7
    case .blocked: 8
    case .layoutBroken: 9
    }
  }

  /// Whether the branch could be read: its part of the snapshot is now known.
  public var isGood: Bool { self <= .items }
}
