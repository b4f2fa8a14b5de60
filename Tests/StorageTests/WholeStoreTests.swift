import Glibc
import Testing

@testable import Storage

/// When a store's file is read whole at a start, and when it need not be.
struct WholeStoreTests {
  private let folder: Folder
  private var lockFile: String { folder.store + ".lock" }

  init() throws { folder = try Folder() }

  private func openAndClose() async throws {
    let store = try Store(path: folder.store)
    try await store.commit(run())
  }

  /// What the lock file says; nil where it says nothing.
  private func left() throws -> WholeStore? {
    try text(of: lockFile).split(separator: "\n").lazy.compactMap { WholeStore(line: String($0)) }.first
  }

  private func text(of path: String) throws -> String {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1000)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// As if it had been read whole that long ago.
  private func age(by seconds: Int64) throws -> Int64 {
    var whole = try #require(try left())
    whole.checkedAt -= seconds
    let text = try text(of: lockFile).split(separator: "\n").dropLast().joined(separator: "\n") + "\n\(whole.line)\n"
    let file = try #require(fopen(lockFile, "w"))
    fputs(text, file)
    fclose(file)
    return whole.checkedAt
  }

  @Test func `a file that was left whole is not read whole again for a day`() async throws {
    try await openAndClose()
    let then = try age(by: 1000)
    try await openAndClose()
    #expect(try left()?.checkedAt == then)
    let old = try age(by: WholeStore.patience)
    try await openAndClose()
    #expect(try #require(try left()).checkedAt > old + 1000)
  }

  @Test func `one that somebody touched is read whole`() async throws {
    try await openAndClose()
    let then = try age(by: 1000)
    var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, folder.store, &times, 0) == 0)
    try await openAndClose()
    #expect(try #require(try left()).checkedAt > then)
  }

  @Test func `while it is open, and after a death, nothing is said`() async throws {
    try await openAndClose()
    #expect(try left() != nil)
    let store = try Store(path: folder.store)
    #expect(try left() == nil)
    await store.abandon()
    #expect(try left() == nil)
  }
}
