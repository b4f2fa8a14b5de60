import Language
import PluginHost
import Scheduling

/// Politeness, per origin, shared by every spec and worker of the process.
public actor OriginGovernor {
  /// A request that would have to wait longer because of silence is not sent in this run.
  static let patience = Duration.seconds(5)

  private var budgets: [String: OriginBudget] = [:]
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
  private let time: any TimeSource
  private let random: RandomSource

  public init(time: any TimeSource, random: RandomSource = .system) {
    self.time = time
    self.random = random
  }

  /// Returns when a request to `origin` may start.
  ///
  /// - Throws: `.heldBack` where the origin is to be left alone for longer than ``patience``; `.cancelled`.
  func enter(origin: String, limits: Limits) async throws(FetchFailure) {
    budgets[origin, default: OriginBudget()].tighten(limits)
    while true {
      guard !Task.isCancelled else { throw FetchFailure(.cancelled, "cancelled while waiting for its turn") }
      switch budgets[origin, default: OriginBudget()].enter(now: time.uptime()) {
      case .go: return
      case .full: await withCheckedContinuation { waiting[origin, default: []].append($0) }
      case .wait(let wait): await sleep(wait)
      case .held(let wait):
        guard wait <= OriginGovernor.patience else {
          throw FetchFailure(.heldBack, "\(origin) is left alone for another \(wait.components.seconds) s")
        }
        await sleep(wait)
      }
    }
  }

  /// What came back for a request that was let in.
  func leave(origin: String, answer: OriginBudget.Answer) {
    budgets[origin]?.leave(answer, now: time.uptime(), chance: random.fraction())
    guard var queue = waiting[origin], !queue.isEmpty else { return }
    queue.removeFirst().resume()
    waiting[origin] = queue
  }

  /// For `status`: origins that are being left alone, and for how long.
  public var held: [(origin: String, remaining: Duration)] {
    let now = time.uptime()
    return budgets.compactMap { origin, budget in
      budget.heldUntil.flatMap { $0 > now ? (origin, $0 - now) : nil }
    }.sorted { $0.origin < $1.origin }
  }

  private func sleep(_ wait: Duration) async { try? await time.sleep(for: wait) }
}
