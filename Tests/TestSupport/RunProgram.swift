import Dispatch
import Glibc
import Synchronization

/// What a child process printed and how it ended.
public struct ProgramResult: Sendable, CustomStringConvertible {
  /// Its exit code; 128 + the signal's number where a signal ended it.
  public var status: Int32
  public var out: String
  public var err: String

  /// Of standard output, without empty ones.
  public var lines: [String] { out.split(separator: "\n").map(String.init) }

  public var description: String { "exit \(status)\n--- out\n\(out)--- err\n\(err)" }
}

public struct SpawnProblem: Error, CustomStringConvertible {
  public var description: String
  public init(description: String) { self.description = description }
}

/// Runs a program to its end, on a thread of its own so that no task waits.
///
/// - Parameters:
///   - folder: Where it runs; here where nil.
///   - environment: Added to this process's.
///   - timeout: Then it is killed, which shows as status 137.
public func runProgram(
  _ program: String, _ arguments: [String], input: String = "", folder: String? = nil,
  environment: [String: String] = [:], timeout: Duration = .seconds(180)
) async throws -> ProgramResult {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(
        with: Result {
          try Child(program, arguments, folder: folder, environment: environment)
            .finish(input: Array(input.utf8), timeout: timeout)
        })
    }
  }
}

/// The built `slothunter`: `$SLOTHUNTER_BINARY`, else beside the test bundle, else in the package's build folder.
public let slothunterBinary: String? = {
  var places: [String] = []
  if let named = getenv("SLOTHUNTER_BINARY") { places.append(String(cString: named)) }
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let count = buffer.withUnsafeMutableBytes { bytes -> Int in
    guard let start = bytes.baseAddress else { return -1 }
    return readlink("/proc/self/exe", start.assumingMemoryBound(to: CChar.self), bytes.count)
  }
  if count > 0 {
    let parts = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "/").dropLast()
    places.append("/" + parts.joined(separator: "/") + "/slothunter")
  }
  places.append(packageRoot + "/.build/debug/slothunter")
  return places.first { access($0, X_OK) == 0 }
}()

/// Runs the built `slothunter`, in the package's folder where no other is given.
public func slothunter(
  _ arguments: String..., input: String = "", folder: String = packageRoot, environment: [String: String] = [:]
) async throws -> ProgramResult {
  try await slothunter(arguments, input: input, folder: folder, environment: environment)
}

public func slothunter(
  _ arguments: [String], input: String = "", folder: String = packageRoot, environment: [String: String] = [:]
) async throws -> ProgramResult {
  guard let binary = slothunterBinary else { throw SpawnProblem(description: "slothunter is not built") }
  // A crash must show as a signal at once, not as a minute of symbolication.
  let environment = environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { mine, _ in mine }
  return try await runProgram(binary, arguments, input: input, folder: folder, environment: environment)
}

private struct Child {
  private let process: pid_t
  private let input: Int32
  private let output: Int32
  private let errors: Int32

  /// One child at a time is started, so that none inherits the ends of another's pipes.
  private static let starting = Mutex(())

  init(_ program: String, _ arguments: [String], folder: String?, environment: [String: String]) throws {
    self = try Child.starting.withLock { _ in
      // glibc hides posix_spawn's own chdir from Swift.
      guard let folder else { return try Child(starting: program, arguments, environment) }
      return try Child(starting: "/bin/sh", ["-c", #"cd "$0" && exec "$@""#, folder, program] + arguments, environment)
    }
  }

  private init(starting program: String, _ arguments: [String], _ environment: [String: String]) throws {
    let pipes = try [Child.pipe(), Child.pipe(), Child.pipe()]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes[0].read, 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[1].write, 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[2].write, 2)
    closeInherited(&actions)
    var names = Child.environment.merging(environment) { _, mine in mine }
    names["NO_COLOR"] = "1"
    var number: pid_t = 0
    let failure = Child.withStrings([program] + arguments) { words in
      Child.withStrings(names.map { "\($0)=\($1)" }) { posix_spawn(&number, program, &actions, nil, words, $0) }
    }
    for descriptor in [pipes[0].read, pipes[1].write, pipes[2].write] { close(descriptor) }
    (process, input, output, errors) = (number, pipes[0].write, pipes[1].read, pipes[2].read)
    if failure != 0 {
      for descriptor in [input, output, errors] { close(descriptor) }
      throw SpawnProblem(description: "\(program): \(String(cString: strerror(failure)))")
    }
  }

  func finish(input bytes: [UInt8], timeout: Duration) -> ProgramResult {
    let deadline = ContinuousClock.now + timeout
    feed(bytes)
    var texts: [Int32: [UInt8]] = [output: [], errors: []]
    var open = [output, errors]
    var isKilled = false
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while !open.isEmpty {
      var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      poll(&polled, nfds_t(polled.count), 100)
      for item in polled where item.revents != 0 {
        let count = read(item.fd, &chunk, chunk.count)
        if count > 0 { texts[item.fd, default: []] += chunk[..<count] } else { open.removeAll { $0 == item.fd } }
      }
      if !isKilled, ContinuousClock.now > deadline {
        kill(process, SIGKILL)
        isKilled = true
      }
    }
    close(output)
    close(errors)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    let signal = status & 0x7F
    return ProgramResult(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      out: String(decoding: texts[output] ?? [], as: UTF8.self),
      err: String(decoding: texts[errors] ?? [], as: UTF8.self))
  }

  /// Small inputs only: all of it must fit the pipe (64 KiB), as nothing is read meanwhile.
  private func feed(_ bytes: [UInt8]) {
    precondition(bytes.count <= 1 << 16, "the input of a child process must fit its pipe")
    if !bytes.isEmpty { write(input, bytes, bytes.count) }
    close(input)
  }

  /// Closed on exec: a child gets its own ends by `dup2`.
  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw SpawnProblem(description: String(cString: strerror(errno))) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static var environment: [String: String] {
    var all: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { all[String(parts[0])] = String(parts[1]) }
      next += 1
    }
    return all
  }

  private static func withStrings<Answer>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Answer
  ) -> Answer {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
