// `make bench-meters`: what counting costs, beside an uncontended lock in the same rounds. Built together with
// Sources/Metrics, so that it is optimised as where it is used.

import Synchronization

let rounds = 7
let count = 5_000_000
let registry = Registry()
let counter = registry.counter(.counter("bench_total", [], "Counted."))
let histogram = registry.histogram(
  .histogram("bench_seconds", [], Buckets((0..<13).map { .milliseconds(1 << $0) }), "Measured."))
let lock = Mutex(0)

/// Nanoseconds of one call, the median of rounds.
func cost(_ rounds: [Duration]) -> Double { rounds.sorted()[rounds.count / 2] / .nanoseconds(1) / Double(count) }

let works: [(String, (Int) -> Void)] = [
  ("lock and add", { _ in lock.withLock { $0 &+= 1 } }),
  ("Counter.add", { _ in counter.add() }),
  ("Histogram.observe, first bucket", { _ in histogram.observe(.microseconds(10)) }),
  ("Histogram.observe, beyond the last", { _ in histogram.observe(.seconds(10)) }),
]
var taken = works.map { _ in [Duration]() }
let clock = ContinuousClock()
for _ in 0..<rounds {
  for (index, work) in works.enumerated() {
    taken[index].append(clock.measure { for number in 0..<count { work.1(number) } })
  }
}
let reference = cost(taken[0])
for (work, rounds) in zip(works, taken) {
  let hundredths = Int((cost(rounds) * 100).rounded())
  let ratio = Int((cost(rounds) / reference * 100).rounded())
  print("\(work.0): \(hundredths / 100).\(hundredths % 100 / 10) ns, \(ratio) % of a lock")
}
precondition(counter.count == rounds * count && histogram.count == 2 * rounds * count, "counts were lost")
