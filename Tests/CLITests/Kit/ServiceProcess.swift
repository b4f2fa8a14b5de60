import Glibc
import Synchronization
import TestSupport

/// A `slothunter` that runs while the test goes on. Its output goes to files, so that nothing has to be drained.
///
/// Killed and reaped by ``end()``, which its last reference calls too.
final class ServiceProcess: Sendable {
  private let number: pid_t
  private let logPath: String
  private let outPath: String
  private let status = Mutex<Int32?>(nil)

  /// - Parameters:
  ///   - name: Of the two files in `folder`; one for each process.
  ///   - wrapper: A program and its arguments that runs ours in turn: strace, env.
  init(
    _ arguments: [String], folder: String, name: String, environment: [String: String], wrapper: [String] = []
  ) throws {
    guard let program = slothunterBinary else { throw SpawnProblem(description: "slothunter is not built") }
    logPath = "\(folder)/\(name).log"
    outPath = "\(folder)/\(name).out"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    closeInherited(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Threads of Dispatch block signals, and a child inherits that: a shell's child would not have it.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // A group of its own: what a wrapper runs must not outlive the test, and talk to the next one's servers.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    var child: pid_t = 0
    var ours = ["SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/bin:/bin"]
    // Under a sanitizer the child is sanitized too, and must be told the same.
    ours["ASAN_OPTIONS"] = getenv("ASAN_OPTIONS").map { String(cString: $0) }
    let variables = environment.merging(ours) { given, _ in given }
    let failure = withCStrings(
      ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, folder] + wrapper + [program] + arguments
    ) { words in
      withCStrings(variables.map { "\($0)=\($1)" }) { posix_spawn(&child, "/bin/sh", &actions, &attributes, words, $0) }
    }
    guard failure == 0 else { throw SpawnProblem(description: "\(program): \(String(cString: strerror(failure)))") }
    number = child
  }

  deinit { end() }

  var log: String { (try? text(of: logPath)) ?? "" }
  var out: String { (try? text(of: outPath)) ?? "" }

  /// Lines of the log that hold all of `parts`.
  func lines(_ parts: String...) -> [Substring] { lines(parts) }

  func signal(_ signal: Int32) {
    status.withLock { known in
      if known == nil { kill(number, signal) }
    }
  }

  /// Waits for lines of the log that hold all of `parts`.
  func logged(_ parts: String..., times: Int = 1, within limit: Duration = .seconds(90)) async throws {
    try await eventually("\(times) lines with \(parts)", within: limit, story: { log }) { lines(parts).count >= times }
  }

  /// Waits for `count` more stored runs with that verdict.
  func runs(_ count: Int, verdict: String = "") async throws {
    let known = lines(" run watch=", "verdict=" + verdict).count
    try await logged(" run watch=", "verdict=" + verdict, times: known + count)
  }

  /// The exit code; 128 + the signal's number where a signal ended it.
  func exit(within limit: Duration = .seconds(90)) async throws -> Int32 {
    try await eventually("the process ends", within: limit, story: { log }) { reap(WNOHANG) != nil }
    return reap(WNOHANG) ?? -1
  }

  func end() {
    status.withLock { known in
      if known == nil { kill(-number, SIGKILL) }
    }
    _ = reap(0)
  }

  private func lines(_ parts: [String]) -> [Substring] {
    log.split(separator: "\n").filter { line in parts.allSatisfy { line.contains($0) } }
  }

  private func reap(_ options: Int32) -> Int32? {
    status.withLock { known in
      if known == nil {
        var raw: Int32 = 0
        guard waitpid(number, &raw, options) == number else { return nil }
        known = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
      }
      return known
    }
  }
}

private func withCStrings<Answer>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Answer
) -> Answer {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
