import Glibc

/// Runs seeds in this process, one after the other, a line for each on standard output:
/// `ok SEED DIGEST STEPS RUNS TOLD DOUBLES CRASHES`, or `FAIL SEED INVARIANT text` with the last steps on standard error.
struct Worker {
  let options: Options

  init(_ options: Options) { self.options = options }

  func run() -> Int32 {
    let folder = Worker.makeFolder()
    defer { rmdir(folder) }
    var status: Int32 = 0
    for seed in options.seed..<options.seed + (options.seeds ?? 1) {
      let trial = Trial(
        seed: seed, mutation: options.mutant, folder: folder, isPrinting: options.isTracing)
      let result = trial.run()
      if let violation = result.violation {
        status = 1
        report(seed, violation, result)
        // The caught mistake is what was looked for.
        if options.mutant != nil { break }
      } else {
        print(
          "ok \(seed) \(String(result.digest, radix: 16)) \(result.steps) \(result.runs) \(result.told) \(result.doubles) \(result.crashes)"
        )
      }
      fflush(nil)
    }
    return status
  }

  private func report(_ seed: UInt64, _ violation: Violation, _ result: Trial.Result) {
    print("FAIL \(seed) \(violation.invariant.rawValue) \(violation.text)")
    guard !options.isTracing, !(options.isWorker && options.mutant != nil) else { return }
    var text = "seed \(seed) breaks \(violation.invariant.rawValue): \(violation.text)\nits last steps:\n"
    text += result.last.suffix(History.kept).map { "  \($0)\n" }.joined()
    text +=
      "every line of it: make simulate SEED=\(seed) TRACE=1\(options.mutant.map { " MUTANT=" + $0.rawValue } ?? "")\n"
    text += "mended, it stays a test: add \(seed) to Sources/Simulation/KnownSeeds.swift\n"
    let bytes = Array(text.utf8)
    _ = write(2, bytes, bytes.count)
  }

  /// In memory where the machine has a folder for that: a commit then costs no disk.
  private static func makeFolder() -> String {
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array((base + "/slothunter-simulation-XXXXXX").utf8CString)
    guard mkdtemp(&name) != nil else { halt("can't make a folder in \(base)") }
    return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
