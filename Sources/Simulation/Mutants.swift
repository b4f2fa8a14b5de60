/// Every planted mistake must be caught within so many seeds.
struct Mutants {
  static let within: UInt64 = 40

  let options: Options

  init(_ options: Options) { self.options = options }

  func run() -> Int32 {
    let within = options.seeds ?? Mutants.within
    let jobs = Mutation.allCases.map { mutant in
      Pool.Job(
        arguments: [
          "--worker", "--mutant", mutant.rawValue, "--seed", "\(options.seed)", "--seeds", "\(within)",
        ], tag: mutant.rawValue)
    }
    var survivors: [String] = []
    Pool(size: options.jobs).run(jobs) { job, out, status in
      if let line = out.split(separator: "\n").last(where: { $0.hasPrefix("FAIL ") }), status == 1 {
        let words = line.split(separator: " ", maxSplits: 3)
        if Mutation(rawValue: job.tag)?.breaks.contains(where: { $0.rawValue == words[2] }) != true {
          survivors.append(job.tag)
          print("BY ACCIDENT: ", terminator: "")
        }
        print("caught \(job.tag) by \(words[2]) in seed \(words[1]): \(words[3])")
      } else {
        survivors.append(job.tag)
        print("SURVIVES \(job.tag) (status \(status))")
      }
      return true
    }
    print("\(jobs.count - survivors.count) of \(jobs.count) planted mistakes caught within \(within) seeds")
    return survivors.isEmpty ? 0 : 1
  }
}
