import Glibc

/// Many seeds, and those that once failed.
struct Seeds {
  /// Seeds of one worker: its dead lives stay in memory until it ends.
  private static let perWorker: UInt64 = 10

  let options: Options

  init(_ options: Options) { self.options = options }

  func run() -> Int32 {
    if options.isTracing || options.mutant != nil { return Worker(options).run() }
    let last = options.seed + (options.seeds ?? 1)
    var jobs = KnownSeeds.all.filter { options.seeds != nil && ($0 < options.seed || $0 >= last) }.map { job($0, 1) }
    var next = options.seed
    while next < last {
      let count = min(Seeds.perWorker, last - next)
      jobs.append(job(next, count))
      next += count
    }
    var (seeds, steps, runs, told, doubles, crashes, failures) = (0, 0, 0, 0, 0, 0, 0)
    Pool(size: options.jobs).run(jobs) { job, out, status in
      for line in out.split(separator: "\n") {
        let words = line.split(separator: " ")
        if words[0] == "ok", words.count == 8 {
          let numbers = words[3...].compactMap { Int($0) }
          (seeds, steps, runs) = (seeds + 1, steps + numbers[0], runs + numbers[1])
          (told, doubles, crashes) = (told + numbers[2], doubles + numbers[3], crashes + numbers[4])
        } else {
          failures += 1
          print(line)
        }
      }
      if status > 1 {
        failures += 1
        print("the worker for seeds \(job.tag) died with status \(status): run them one by one")
      }
      return failures < 5
    }
    print(
      "simulated \(seeds) seeds: \(steps) steps, \(runs) runs, \(crashes) crashes, \(told) messages accepted, \(doubles) lines doubled by a crash or a lost answer; \(failures) failed"
    )
    return failures == 0 ? 0 : 1
  }

  private func job(_ seed: UInt64, _ count: UInt64) -> Pool.Job {
    Pool.Job(arguments: ["--worker", "--seed", "\(seed)", "--seeds", "\(count)"], tag: "\(seed)..<\(seed + count)")
  }
}
