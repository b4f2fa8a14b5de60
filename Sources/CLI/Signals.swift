@preconcurrency import Dispatch
import Glibc

/// Signals as a stream. A free place for the handlers: made inside `main` they would be main-actor isolated and trap.
enum Signals {
  static func stream(_ numbers: [Int32]) -> AsyncStream<Int32> {
    AsyncStream { continuation in
      var sources: [any DispatchSourceSignal] = []
      for number in numbers {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { continuation.yield(number) }
        source.resume()
        sources.append(source)
      }
      let kept = sources
      continuation.onTermination = { _ in kept.forEach { $0.cancel() } }
    }
  }
}
