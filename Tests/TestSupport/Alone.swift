import Synchronization

/// Keeps apart tests that measure the memory of the process and tests that use much of it: they take turns.
public enum Alone {
  private struct State {
    var isTaken = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private static let state = Mutex(State())

  public static func run<Value>(_ work: () async throws -> Value) async rethrows -> Value {
    await withCheckedContinuation { turn in
      let isFree = state.withLock { state in
        if state.isTaken { state.waiting.append(turn) }
        defer { state.isTaken = true }
        return !state.isTaken
      }
      if isFree { turn.resume() }
    }
    defer { end() }
    return try await work()
  }

  private static func end() {
    let next = state.withLock { state in
      if state.waiting.isEmpty { state.isTaken = false }
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.resume()
  }
}
