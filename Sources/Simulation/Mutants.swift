import Glibc

/// Every planted mistake must be caught within so many seeds, by the invariant it breaks.
struct Mutants {
  static let within: UInt64 = 40

  let options: Options

  init(_ options: Options) { self.options = options }

  func run() -> Int32 {
    let within = options.seeds ?? Mutants.within
    let start = uptime()
    let jobs = Mutation.allCases.map { mutant in
      Pool.Job(
        arguments: [
          "--worker", "--mutant", mutant.rawValue, "--seed", "\(options.seed)", "--seeds", "\(within)",
        ], tag: mutant.rawValue)
    }
    var survivors: [String] = []
    var seeds: UInt64 = 0
    Pool(size: options.jobs).run(jobs) { job, out, status in
      let (line, isCaught, seed) = judge(job.tag, out, status)
      if !isCaught { survivors.append(job.tag) }
      if !isCaught || options.isTalkative { print(line) }
      seeds += (seed ?? options.seed + within - 1) - options.seed + 1
      fflush(nil)
      return true
    }
    print(
      "mutants: \(jobs.count - survivors.count) of \(jobs.count) planted mistakes caught within \(within) seeds, "
        + "\(seeds) seeds in all; \(uptime() - start) s")
    return survivors.isEmpty ? 0 : 1
  }

  private func judge(_ name: String, _ out: String, _ status: Int32) -> (line: String, isCaught: Bool, seed: UInt64?) {
    guard status == 1, let line = out.split(separator: "\n").last(where: { $0.hasPrefix("FAIL ") }) else {
      return ("SURVIVES \(name) (status \(status))", false, nil)
    }
    let words = line.split(separator: " ", maxSplits: 3)
    let isMeant = Mutation(rawValue: name)?.breaks.contains { $0.rawValue == words[2] } == true
    let text = "\(name) by \(words[2]) in seed \(words[1]): \(words[3])"
    return ((isMeant ? "caught " : "CAUGHT BY ACCIDENT: ") + text, isMeant, UInt64(words[1]))
  }
}
