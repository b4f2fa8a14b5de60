import Storage
import Synchronization

/// Runs that end while a commit is under way are stored together in the next one: one transaction and one wait for the
/// disk for all of them. None waits for company: where nobody is storing, a run is stored at once.
///
/// Whoever finds nobody storing leads: it stores what waits with its own, then hands the lead to one that came meanwhile.
/// So no task is started here, and a simulator's order stays its own.
final class CommitQueue: Sendable {
  /// Bounds the memory of a transaction, and how long the first of it waits for the last: about 5 ms.
  static let longest = 64

  private enum Turn {
    case ended(Result<CommitResult?, any Error>)
    case lead
  }

  private struct Waiting {
    var run: StorableRun
    var turn: CheckedContinuation<Turn, Never>
  }

  private struct State {
    var isStoring = false
    var waiting: [Waiting] = []
  }

  private let store: Store
  private let state = Mutex(State())

  init(store: Store) { self.store = store }

  /// Returns when the run is stored; throws where it is not. What is wrong with one run is no other's trouble.
  func commit(_ run: RunCommit) async throws -> CommitResult {
    try await commit(.full(run)) ?? CommitResult()
  }

  /// - Returns: False where it is not quiet any more, and was not stored.
  func commit(_ run: QuietRun) async throws -> Bool { try await commit(.quiet(run)) != nil }

  private func commit(_ run: StorableRun) async throws -> CommitResult? {
    let leads = state.withLock { state in
      defer { state.isStoring = true }
      return !state.isStoring
    }
    if leads { return try await lead(run).get() }
    let turn = await withCheckedContinuation { continuation in
      // The one who stored may have ended since.
      let leads = state.withLock { state in
        if state.isStoring { state.waiting.append(Waiting(run: run, turn: continuation)) }
        defer { state.isStoring = true }
        return !state.isStoring
      }
      if leads { continuation.resume(returning: .lead) }
    }
    return switch turn {
    case .lead: try await lead(run).get()
    case .ended(let result): try result.get()
    }
  }

  private func lead(_ run: StorableRun) async -> Result<CommitResult?, any Error> {
    let others = state.withLock { state in
      let others = Array(state.waiting.prefix(CommitQueue.longest - 1))
      state.waiting.removeFirst(others.count)
      return others
    }
    var results = await stored([run] + others.map(\.run))[...]
    let own = results.removeFirst()
    for (waiting, result) in zip(others, results) { waiting.turn.resume(returning: .ended(result)) }
    let next = state.withLock { state in
      state.isStoring = !state.waiting.isEmpty
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.turn.resume(returning: .lead)
    return own
  }

  private func stored(_ runs: [StorableRun]) async -> [Result<CommitResult?, any Error>] {
    if runs.count > 1, let all = try? await store.commit(runs) { return all.map { .success($0) } }
    // One at a time: one that can't be stored must not take the others with it.
    var results: [Result<CommitResult?, any Error>] = []
    for run in runs {
      do {
        results.append(.success(try await store.commit([run])[0]))
      } catch {
        results.append(.failure(error))
      }
    }
    return results
  }
}
