import Glibc
import Synchronization

/// The program under test, as a process of its own; its output goes to a file.
final class Child: Sendable {
  /// How a process ended.
  enum End: Equatable, Sendable, CustomStringConvertible {
    case exited(Int32), signalled(Int32)
    var description: String {
      switch self {
      case .exited(let code): "exit code \(code)"
      case .signalled(let signal): "signal \(signal)"
      }
    }
  }

  /// The one that runs now, for the end of the harness itself.
  private static let current = Mutex<pid_t>(0)

  let number: pid_t
  let started = ContinuousClock.now
  private let end = Mutex<End?>(nil)

  init(_ program: String, _ arguments: [String], folder: String, log: String, environment: [String: String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // The harness's listening sockets, held open in a child, would outlive it.
    _ = closeFrom?(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Threads of Dispatch block signals, and a child inherits that.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let variables = environment.merging(["SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/bin:/bin"]) { given, _ in given }
    // glibc hides posix_spawn's own chdir from Swift.
    let words = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, folder, program] + arguments
    var child: pid_t = 0
    let failure = withCStrings(words) { words in
      withCStrings(variables.map { "\($0)=\($1)" }) { posix_spawn(&child, "/bin/sh", &actions, &attributes, words, $0) }
    }
    guard failure == 0 else { throw HarnessFailure(description: "\(program): \(String(cString: strerror(failure)))") }
    number = child
    Child.current.withLock { $0 = child }
  }

  deinit {
    signal(SIGKILL)
    _ = reap(0)
  }

  var age: Duration { ContinuousClock.now - started }

  /// nil while it runs.
  var ended: End? { reap(WNOHANG) }

  func signal(_ signal: Int32) {
    end.withLock { known in
      if known == nil { kill(number, signal) }
    }
  }

  /// Whether SIGHUP would not end it: a program can't say so before it has begun.
  var minds: Bool {
    guard let status = try? shipped("/proc/\(number)/status") else { return false }
    let masks = status.split(separator: "\n").filter { $0.hasPrefix("SigIgn:") || $0.hasPrefix("SigCgt:") }
    // The lowest bit is signal 1.
    return masks.contains { ($0.last?.hexDigitValue ?? 0) & 1 == 1 }
  }

  /// Ends it as a power cut of the process would, and waits for it to be gone.
  func killNow() -> End? {
    signal(SIGKILL)
    return reap(0)
  }

  /// nil where it did not end in time.
  func end(within limit: Duration) async -> End? {
    _ = await wait(atMost: limit) { ended != nil }
    return ended
  }

  /// For the harness's own signal handlers: nothing may be left running.
  static func killCurrent() {
    current.withLock { number in
      if number > 0 { kill(number, SIGKILL) }
    }
  }

  private func reap(_ options: Int32) -> End? {
    end.withLock { known in
      if known == nil {
        var raw: Int32 = 0
        guard waitpid(number, &raw, options) == number else { return nil }
        known = raw & 0x7F == 0 ? .exited((raw >> 8) & 0xFF) : .signalled(raw & 0x7F)
        Child.current.withLock { if $0 == number { $0 = 0 } }
      }
      return known
    }
  }
}

private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

/// glibc has it and hides it from Swift.
private let closeFrom: CloseFrom? = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
  // Its type as in spawn.h.
  unsafeBitCast($0, to: CloseFrom.self)
}

private func withCStrings<Answer>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Answer
) -> Answer {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
