import Glibc
import TestSupport

/// A small disk of the test's own, in memory; gone with its last reference.
final class Tmpfs: Sendable {
  private let folder: TemporaryFolder
  var path: String { folder.path + "/disk" }

  /// - Throws: Where mounting is refused: containers often do.
  init(megabytes: Int) async throws {
    folder = try TemporaryFolder()
    mkdir(path, 0o700)
    let words = ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path]
    let result = try await runProgram("/usr/bin/mount", words, timeout: .seconds(10))
    guard result.status == 0 else { throw SpawnProblem(description: "mount: \(result.err)") }
  }

  deinit {
    // At once for everybody, and for good when the last file is closed.
    umount2(path, Int32(MNT_DETACH))
  }

  /// Asked once.
  static func isAllowed() async -> Bool { await asked.value }
  private static let asked = Task { (try? await Tmpfs(megabytes: 1)) != nil }

  /// Takes all that is left, to the last byte.
  func fill() throws {
    let descriptor = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileProblem(path: path + "/filler", number: errno) }
    defer { close(descriptor) }
    for size in [1 << 16, 4096, 1] {
      let zeros = [UInt8](repeating: 0, count: size)
      while write(descriptor, zeros, size) == size {}
    }
  }

  func empty() { unlink(path + "/filler") }
}
