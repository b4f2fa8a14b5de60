import Engine
import Glibc
import PluginHost

/// What it costs to hand a piece of work to the pool and to come back, beside doing it in place.
enum Hop {
  static let count = 100_000

  static func measure() async throws {
    let pool = ExtractionPool(time: SystemTime())
    for width in [1, 8, 64] {
      for name in ["in place", "pool"] {
        let (wall, processor) = (SystemTime().uptime(), used())
        await withTaskGroup(of: Int.self) { group in
          for _ in 0..<width {
            group.addTask {
              var sum = 0
              for number in 0..<(count / width) {
                if name == "pool" {
                  sum += (try? await pool.run(owner: "bench") { number }) ?? 0
                } else {
                  await Task.yield()
                  sum += number
                }
              }
              return sum
            }
          }
          for await _ in group {}
        }
        let (took, cost) = (SystemTime().uptime() - wall, used() - processor)
        print(
          "\(width) at once, \(name): \(Int(cost / .nanoseconds(count))) ns of processor, \(Int(took / .nanoseconds(count))) ns each"
        )
      }
    }
  }

  private static func used() -> Duration {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(.zero) {
      $0 + .seconds($1.tv_sec) + .microseconds(Int64($1.tv_usec))
    }
  }
}
