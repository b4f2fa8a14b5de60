/// What the process says when it ends; documented in `slothunter --help` and the README.
public enum ExitCode: Int32, Sendable, CaseIterable {
  case success = 0
  /// The answer is "no": nothing matched, a verdict that is not good, a send refused, a file that is there already.
  case negative = 1
  /// A spec, expression or configuration is wrong.
  case invalid = 2
  case usage = 64
  /// A file that is no store, or is damaged.
  case dataFormat = 65
  case noInput = 66
  case unavailable = 69
  case internalError = 70
  case cannotStore = 74
  /// Another process holds the store.
  case tryLater = 75
  case interrupted = 130

  var meaning: String {
    switch self {
    case .success: "done"
    case .negative:
      "the answer is no: nothing matched, a verdict that is not good, a send refused, a file there already"
    case .invalid: "a spec, an expression or the configuration is wrong; every problem was printed"
    case .usage: "the command line is wrong"
    case .dataFormat: "the store is damaged, or no store of ours"
    case .noInput: "a file or folder that was named is not there"
    case .unavailable: "a service that is needed does not answer"
    case .internalError: "a bug in slothunter; please report it"
    case .cannotStore: "the store or a file can't be written"
    case .tryLater: "another slothunter holds the store"
    case .interrupted: "stopped by a signal before it was done"
    }
  }
}

/// Ends a command with a message on standard error.
struct CommandFailure: Error {
  var code: ExitCode
  var message: String
  var help: String?

  init(_ code: ExitCode, _ message: String, help: String? = nil) {
    self.code = code
    self.message = message
    self.help = help
  }
}
