import Glibc
import LoopbackServer
import TestSupport
import Testing

@testable import Storage

/// The real process under `strace`, which makes the n-th call to the disk fail, once or from then on.
///
/// The suite tries a few; `make io-faults` sets `IO_FAULTS=50` and tries n = 1 … 50 of each.
@Suite(.serialized, .enabled("needs strace, and leave to trace") { await Strace.isAllowed() })
struct IOFaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var call: String
    var error: String
    var onward: Bool
    var testDescription: String { "\(call) \(error) \(onward ? "from then on" : "once")" }
  }

  /// 0 in the suite.
  static let limit = getenv("IO_FAULTS").flatMap { Int(String(cString: $0)) } ?? 0

  static let faults: [Fault] = {
    if limit == 0 {
      return ["fdatasync", "pwrite64", "openat"].map { Fault(call: $0, error: "EIO", onward: false) }
        + [
          Fault(call: "pwrite64", error: "ENOSPC", onward: true), Fault(call: "fdatasync", error: "EIO", onward: true),
        ]
    }
    return ["fdatasync", "write", "pwrite64", "rename", "openat", "ftruncate", "unlink"].flatMap { call in
      ["EIO", "ENOSPC"].flatMap { error in [false, true].map { Fault(call: call, error: error, onward: $0) } }
    }
  }()

  /// Which calls fail.
  static let numbers = limit > 0 ? Array(1...limit) : [1, 6]

  @Test(arguments: faults) func `a call to the disk that fails ends in exit code 74 or in nothing`(_ fault: Fault)
    async throws
  {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, refresh: "1s")
    #expect(try await end(of: home.launch("--once")) == 0)
    let store = home.path + "/data/store.db"
    for number in Self.numbers {
      world.slots = ["s1": [0, number]]
      let told = world.deliveredPosts.count
      let wrapper =
        [Strace.program, "-f", "-qq", "-o", home.path + "/strace.log"]
        + ["", "-wal", "-shm", ".lock", ".reserve"].flatMap { ["-P", store + $0] }
        + ["-e", "inject=\(fault.call):error=\(fault.error):when=\(number)\(fault.onward ? "+" : "")"]
      let faulty = try home.launch(["--once"], wrapper: wrapper)
      let code = try await end(of: faulty)
      #expect([0, 74].contains(code), "\(fault.testDescription), call \(number): \(faulty.log)")
      if code == 74 { #expect(faulty.log.contains("store.db"), "\(faulty.log)") }

      // The store neither renames nor writes without a place; all else must have met its fault.
      if number == 1, !["rename", "write", "unlink"].contains(fault.call) {
        #expect(try text(of: home.path + "/strace.log").contains("(INJECTED)"), "\(fault.testDescription): never met")
      }

      // Sound, and nothing lost: told under the fault, or by the next run.
      do {
        let db = try Connection(path: store, access: .readWrite)
        #expect(try db.first("PRAGMA integrity_check") { $0.text(0) } == "ok")
      }
      let next = try home.launch("--once")
      #expect(try await end(of: next) == 0, "\(next.log)")
      let news = world.deliveredPosts.dropFirst(told).filter { $0.text.contains(ClinicPage.clock(number)) }
      #expect((1...2).contains(news.count), "\(fault.testDescription), call \(number): told \(news.count) times")
      // One more only where its record was what failed.
      if code == 0, !fault.onward { #expect(news.count == 1 || faulty.log.contains("outbox failed")) }
    }
  }

  /// A run that can't record waits for the drain's end, twice.
  private func end(of process: ServiceProcess) async throws -> Int32 { try await process.exit() }

  /// Also in memory, with a clock of its own: `SickDiskTests`.
  @Test(.enabled(if: limit > 0, "takes a minute: make io-faults"))
  func `a disk that takes seconds for each write loses nothing, and is said`() async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("1001")])
    let store = home.path + "/data/store.db"
    let wrapper =
      [Strace.program, "-f", "-qq", "-o", "/dev/null"] + ["", "-wal"].flatMap { ["-P", store + $0] }
      + ["-e", "inject=fdatasync:delay_enter=2500000"]
    let service = try home.launch(["--log=info"], wrapper: wrapper)
    defer { service.end() }
    try await service.logged(" run watch=")
    try await service.logged("store degraded reason=slow")
    world.slots = ["s1": [0, 1]]
    try await eventually("the alert", story: { service.log }) { !world.deliveredPosts.isEmpty }
    try await eventually("the maintainers' message", story: { service.log }) {
      world.maintainerPosts.count == 1
    }
    #expect(world.maintainerPosts[0].title == "the store's disk is slow (slow)")
    #expect(world.deliveredPosts.count == 1)
  }
}

enum Strace {
  static let program = "/usr/bin/strace"

  /// Asked once: containers often refuse to trace.
  static func isAllowed() async -> Bool { await asked.value }
  private static let asked = Task {
    let words = ["-f", "-qq", "-o", "/dev/null", "-e", "inject=rename:error=EIO", "/bin/true"]
    return (try? await runProgram(program, words, timeout: .seconds(10)))?.status == 0
  }
}
