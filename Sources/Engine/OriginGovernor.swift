import Language
import PluginHost
import Scheduling

/// Politeness, per origin, shared by every spec and worker of the process.
public actor OriginGovernor {
  /// A request that would have to wait longer, because the origin asked for silence or keeps failing, is not sent in
  /// this run. Found by judgement: a third of the shortest interval, so that a run ends before the next is due.
  static let patience = Duration.seconds(20)

  private var budgets: [String: OriginBudget] = [:]
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
  private let time: any TimeSource
  private let random: RandomSource

  public init(time: any TimeSource, random: RandomSource = .system) {
    self.time = time
    self.random = random
  }

  /// Returns when a request to `origin` may start. The strictest limits ever given for an origin hold.
  ///
  /// - Parameter begun: The uptime at which the run of this request began.
  /// - Throws: `.heldBack` where the origin is to be left alone for longer than ``patience``; `.cancelled`.
  func enter(origin: String, limits: Limits, begun: Duration? = nil) async throws(FetchFailure) {
    let strictest = OriginLimits.merge([budgets[origin]?.limits ?? OriginLimits(), OriginLimits(limits)])
    budgets[origin, default: OriginBudget(limits: strictest)].limits = strictest
    while true {
      guard !Task.isCancelled else {
        wakeNext(origin)
        throw FetchFailure(.cancelled, "cancelled while waiting for its turn")
      }
      switch budgets[origin, default: OriginBudget(limits: strictest)].admit(at: time.uptime(), begun: begun) {
      case .go: return
      case .busy: await withCheckedContinuation { waiting[origin, default: []].append($0) }
      case .wait(let wait):
        guard wait <= max(OriginGovernor.patience, strictest.gap ?? .zero) else {
          wakeNext(origin)
          throw FetchFailure(.heldBack, "\(origin) is left alone for another \(wait.components.seconds) s")
        }
        try? await time.sleep(for: wait)
      }
    }
  }

  /// What came back for a request that was let in.
  func leave(origin: String, result: OriginBudget.Result) {
    budgets[origin]?.finished(result, at: time.uptime(), random: random)
    wakeNext(origin)
  }

  /// Origins by how they stand.
  func census() -> [OriginState: Int] { budgets.values.reduce(into: [:]) { $0[$1.state, default: 0] += 1 } }

  private func wakeNext(_ origin: String) {
    guard var queue = waiting[origin], !queue.isEmpty else { return }
    queue.removeFirst().resume()
    waiting[origin] = queue
  }
}

extension OriginBudget {
  fileprivate var state: OriginState {
    switch breaker {
    case .open: .open
    case .halfOpen: .halfOpen
    case .closed: failures > 0 ? .failing : .healthy
    }
  }
}

extension OriginBudget.Result {
  static func of(status: Int, retryAfter: Duration?) -> Self {
    switch status {
    case 429: .throttled(retryAfter: retryAfter)
    case 503 where retryAfter != nil: .throttled(retryAfter: retryAfter)
    case 500...: .failed
    default: .answered
    }
  }

  /// What we refused ourselves says nothing about the origin.
  static func of(_ reason: FetchFailure.Reason) -> Self {
    switch reason {
    case .cancelled, .refusedURL, .refusedNever, .refusedAddress, .heldBack: .cancelled
    case .tooLarge, .tooManyRedirects: .answered
    case .dns, .connect, .tls, .timeout, .reset, .garbled: .failed
    }
  }
}
