import Glibc
import Synchronization

/// A server that speaks HTTP/2 over TLS, as far as one request at a time goes: `openssl s_server` for the TLS, and the few
/// frames of RFC 9113 that an answer needs. libmicrohttpd speaks HTTP/1.1 only.
public final class HTTP2StandIn: Sendable {
  public enum Behaviour: Sendable {
    /// 200 with this text.
    case answer(String)
    /// 200, then RST_STREAM with INTERNAL_ERROR.
    case resetStream
    /// The connection is given up (GOAWAY) without an answer.
    case goAway
    /// Silence.
    case stall
  }

  public let port: UInt16
  public var origin: String { "https://127.0.0.1:\(port)" }
  private let process: pid_t
  private let input: Int32
  private let output: Int32
  private let shared: Shared
  private let thread: Mutex<TestThread?>

  private final class Shared: Sendable {
    let requests = Mutex(0)
  }

  public init(_ certificates: TestCertificates, _ behaviour: Behaviour) throws {
    let files = certificates.files(.good)
    (process, input, output) = try Self.spawn([
      "/usr/bin/env", "openssl", "s_server", "-alpn", "h2", "-key", files.key, "-cert", files.certificate,
      "-accept", "127.0.0.1:0",
    ])
    var said = ""
    while !said.contains("ACCEPT 127.0.0.1:") || !said.hasSuffix("\n") {
      let bytes = Self.read(output)
      guard !bytes.isEmpty else { throw SpawnProblem(description: "openssl s_server ended: \(said)") }
      said += String(decoding: bytes, as: UTF8.self)
    }
    port = said.split(separator: "ACCEPT 127.0.0.1:").last.flatMap { UInt16($0.prefix { $0.isNumber }) } ?? 0
    let shared = Shared()
    self.shared = shared
    thread = Mutex(
      TestThread { [input, output] in
        var frames = Frames()
        while case let bytes = Self.read(output), !bytes.isEmpty {
          for stream in frames.requests(in: bytes) {
            shared.requests.withLock { $0 += 1 }
            _ = Self.write(frames.answer(behaviour, to: stream), to: input)
          }
        }
      })
  }

  public var requests: Int { shared.requests.withLock { $0 } }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    thread.withLock { $0?.join() }
    close(input)
    close(output)
  }

  static func read(_ descriptor: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : []
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    Glibc.write(descriptor, bytes, bytes.count) == bytes.count
  }

  static func spawn(_ words: [String]) throws -> (pid_t, input: Int32, output: Int32) {
    var (input, output): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard pipe(&input) == 0, pipe(&output) == 0 else {
      throw SpawnProblem(description: String(cString: strerror(errno)))
    }
    for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[0], 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    closeInherited(&actions)
    var child: pid_t = 0
    let copies = words.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let failed = posix_spawn(&child, words[0], &actions, nil, copies + [nil], environ)
    close(input[0])
    close(output[1])
    guard failed == 0 else { throw SpawnProblem(description: String(cString: strerror(failed))) }
    return (child, input[1], output[0])
  }
}

/// The frames of one connection after the other, amid what `s_server` prints of its own.
private struct Frames {
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  private var pending: [UInt8] = []
  private var isGreeted = false
  private var saidHello = false

  /// The streams of requests that are complete with these bytes.
  mutating func requests(in bytes: [UInt8]) -> [UInt32] {
    pending += bytes
    if let preface = pending.firstRange(of: Self.preface) {
      pending.removeSubrange(..<preface.upperBound)
      (isGreeted, saidHello) = (true, false)
    }
    guard isGreeted else { return [] }
    var complete: [UInt32] = []
    while pending.count >= 9 {
      let length = Int(pending[0]) << 16 | Int(pending[1]) << 8 | Int(pending[2])
      guard pending.count >= 9 + length else { break }
      let (type, flags) = (pending[3], pending[4])
      let stream = pending[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
      pending.removeSubrange(..<(9 + length))
      // DATA or HEADERS with END_STREAM.
      if type <= 1, flags & 1 == 1 { complete.append(stream) }
    }
    return complete
  }

  mutating func answer(_ behaviour: HTTP2StandIn.Behaviour, to stream: UInt32) -> [UInt8] {
    defer { saidHello = true }
    // Ours, and the acknowledgement of theirs.
    let hello = saidHello ? [] : frame(4, 0, 0, []) + frame(4, 1, 0, [])
    // `:status: 200` is entry 8 of HPACK's table.
    let head = frame(1, 4, stream, [0x88])
    switch behaviour {
    case .answer(let text): return hello + head + frame(0, 1, stream, Array(text.utf8))
    case .resetStream: return hello + head + frame(3, 0, stream, [0, 0, 0, 2])
    case .goAway: return hello + frame(7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 2])
    case .stall: return hello
    }
  }

  private func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let length = UInt32(payload.count)
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
      + [24, 16, 8, 0].map { UInt8(stream >> $0 & 255) } + payload
  }
}
