import Glibc

/// Many seeds, and before them those that once failed.
struct Seeds {
  /// Seeds of one worker: its dead lives stay in memory until it ends.
  private static let perWorker: UInt64 = 10
  /// So many seeds are told twice: the same seed must tell the same story in another process.
  private static let twice: UInt64 = 4
  /// After so many failures there is enough to look at.
  private static let enough = 5

  let options: Options

  init(_ options: Options) { self.options = options }

  private struct Sums {
    var seeds = 0
    var steps = 0
    var runs = 0
    var told = 0
    var doubles = 0
    var crashes = 0
    var failures = 0
    /// By seed.
    var stories: [UInt64: Substring] = [:]
  }

  func run() -> Int32 {
    if options.isTracing || options.mutant != nil { return Worker(options).run() }
    let start = uptime()
    let last = options.seed + (options.seeds ?? 1)
    let again = min(options.seed + Seeds.twice, last)
    var jobs = KnownSeeds.all.map { job($0..<$0 + 1) } + [job(options.seed..<again)]
    for first in stride(from: options.seed, to: last, by: Int(Seeds.perWorker)) {
      jobs.append(job(first..<min(first + Seeds.perWorker, last)))
    }
    var sums = Sums()
    Pool(size: options.jobs).run(jobs) { job, out, status in
      for line in out.split(separator: "\n") { take(line, &sums) }
      if status > 1 {
        sums.failures += 1
        print("the worker for the seeds \(job.tag) died with status \(status): run them one by one")
      }
      fflush(nil)
      return sums.failures < Seeds.enough
    }
    print(
      "simulate: \(sums.seeds) seeds of 30 days, \(sums.failures) failed; \(sums.steps) steps, \(sums.runs) runs, "
        + "\(sums.told) messages, \(sums.crashes) crashes, \(sums.doubles) lines doubled by a crash or a lost answer; "
        + "\(uptime() - start) s")
    return sums.failures == 0 ? 0 : 1
  }

  /// What ``Worker`` prints.
  private func take(_ line: Substring, _ sums: inout Sums) {
    let words = line.split(separator: " ")
    guard words.count == 8, words[0] == "ok", let seed = UInt64(words[1]) else {
      sums.failures += 1
      print(line)
      return
    }
    if let other = sums.stories[seed] {
      guard other != line else { return }
      sums.failures += 1
      print("FAIL \(seed) tells another story in another process: '\(other)', '\(line)'")
      return
    }
    sums.stories[seed] = line
    let numbers = words[3...].compactMap { Int($0) }
    sums.seeds += 1
    sums.steps += numbers[0]
    sums.runs += numbers[1]
    sums.told += numbers[2]
    sums.doubles += numbers[3]
    sums.crashes += numbers[4]
  }

  private func job(_ seeds: Range<UInt64>) -> Pool.Job {
    Pool.Job(
      arguments: ["--worker", "--seed", "\(seeds.lowerBound)", "--seeds", "\(seeds.count)"],
      tag: "\(seeds.lowerBound)..<\(seeds.upperBound)")
  }
}

/// Whole seconds of a clock that nobody sets.
func uptime() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec
}
