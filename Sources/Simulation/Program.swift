import Glibc

/// `simulate [--seed N] [--seeds K] [--jobs J] [--mutants [--tell]] [--trace]`: see docs/simulation.md.
@main
enum Program {
  static let help = """
    usage: simulate [--seed N] [--seeds K] [--jobs J]   K seeds from N (1), and those of the list, J at once
           simulate --seed N --trace                    one seed, every line
           simulate --mutants [--tell] [--seeds K] [--jobs J]   every planted mistake must be caught within K seeds
           simulate --mutant NAME --seed N --trace      one mistake in one seed, every line
    """

  static func main() {
    makeRepeatable()
    var options = Options()
    guard options.read(Array(CommandLine.arguments.dropFirst())) else {
      print(help)
      exit(64)
    }
    if options.isWorker {
      exit(Worker(options).run())
    } else if options.wantsMutants {
      exit(Mutants(options).run())
    } else {
      exit(Seeds(options).run())
    }
  }

  /// Sets and dictionaries must be walked in the same order each time, which Swift decides when the process starts.
  private static func makeRepeatable() {
    let name = "SWIFT_DETERMINISTIC_HASHING"
    guard getenv(name) == nil else { return }
    setenv(name, "1", 1)
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
    halt("can't start again with \(name)=1")
  }
}

struct Options {
  var seed: UInt64 = 1
  var seeds: UInt64?
  var jobs = 2
  var wantsMutants = false
  var isTracing = false
  /// Says of each mutant what caught it.
  var isTalkative = false
  var isWorker = false
  var mutant: Mutation?

  /// - Returns: False for what there is not.
  mutating func read(_ arguments: [String]) -> Bool {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      switch name {
      case "--mutants": wantsMutants = true
      case "--trace": isTracing = true
      case "--tell": isTalkative = true
      case "--worker": isWorker = true
      case "--seed", "--seeds", "--jobs", "--mutant":
        guard let value = rest.popFirst(), take(name, value) else { return false }
      default: return false
      }
    }
    return true
  }

  private mutating func take(_ name: String, _ value: String) -> Bool {
    if name == "--mutant" {
      mutant = Mutation(rawValue: value)
      return mutant != nil
    }
    guard let number = UInt64(value) else { return false }
    switch name {
    case "--seed": seed = number
    case "--seeds": seeds = number
    default: jobs = max(1, Int(clamping: number))
    }
    return true
  }
}
