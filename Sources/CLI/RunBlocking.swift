import Dispatch
import SiteSpecs
import Synchronization

/// Runs async work from the synchronous main thread: an async `main` makes callbacks of C libraries main-actor isolated,
/// and valgrind can't follow it.
public func runBlocking(_ work: @escaping @Sendable () async -> Int32) -> Int32 {
  SpareMemory.shareHeaps()
  let done = DispatchSemaphore(value: 0)
  let result = Mutex<Int32>(0)
  Task {
    let code = await work()
    result.withLock { $0 = code }
    done.signal()
  }
  done.wait()
  return result.withLock { $0 }
}
