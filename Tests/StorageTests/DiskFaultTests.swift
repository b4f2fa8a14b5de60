import Language
import PluginHost
import Testing

@testable import Storage

/// SQLite's own method: fail the first, second, third … call to the disk until a run reaches its end without one.
struct DiskFaultTests {
  enum Length: Sendable, CaseIterable { case once, onward }

  /// A store with an alert that waits, closed.
  private static func filled() async throws -> Folder {
    let folder = try Folder()
    let store = try Store(path: folder.store)
    try await store.commit(
      run(items: (0..<40).map { life("i\($0)") }, deliveries: [alert("d1", keys: ["i1"], changes: [0])]) {
        $0.changes = [Change(.added, item("i1"))]
      })
    return folder
  }

  /// What a run, a worker and an operator do; returns what was said to be done.
  private static func work(_ store: Store) async -> (done: Set<String>, errors: [any Error]) {
    var done: Set<String> = []
    var errors: [any Error] = []
    func attempt(_ what: String, _ body: () async throws -> Void) async {
      do {
        try await body()
        done.insert(what)
      } catch {
        errors.append(error)
      }
    }
    await attempt("commit") {
      try await store.commit(
        run(seconds: 60, items: [life("new")], deliveries: [alert("d2", to: "r2", keys: ["new"], changes: [0])]) {
          $0.changes = [Change(.added, item("new"))]
        })
    }
    await attempt("delivered") {
      let leases = try await store.lease(at: 61)
      try await store.record(leases.map { ended($0, .delivered(receipt: "7")) }, now: at(62))
      if !leases.contains(where: { $0.id == "d1" }) { throw StoreError(path: "", reason: .refused, detail: "no d1") }
    }
    await attempt("state") { _ = try await store.state(of: "w1") }
    await attempt("prune") { try await store.prune(now: at(63)) }
    return (done, errors)
  }

  @Test(arguments: FaultyDisk.Fault.allCases, Length.allCases)
  func `a call to the disk that fails loses nothing that was said to be stored`(
    _ fault: FaultyDisk.Fault, _ length: Length
  ) async throws {
    let base = try await Self.filled()
    let disk = FaultyDisk()
    var calls = 0
    repeat {
      calls += 1
      let folder = try Folder()
      try folder.copy(from: base)
      disk.fail(at: calls, with: fault, onward: length == .onward)
      var done: Set<String> = []
      var errors: [any Error] = []
      do {
        (done, errors) = await Self.work(try Store(path: folder.store, mode: .readWrite, vfs: disk.name))
      } catch {
        errors.append(error)
      }
      for error in errors where (error as? StoreError)?.reason != .refused {
        let reason = try #require((error as? StoreError)?.reason, "\(error)")
        #expect([.io, .full, .permission].contains(reason), "call \(calls): \(error)")
      }
      try await Self.expectSound(folder, done, "call \(calls)")
      // From the first call to the last: a hundred calls and more, or the loop tests nothing.
    } while disk.hits > 0
    #expect(calls > 60, "only \(calls) calls went through the faulty disk")
  }

  /// Old or new, nothing between.
  private static func expectSound(_ folder: Folder, _ done: Set<String>, _ when: String) async throws {
    let store = try Store(path: folder.store)
    #expect(try await store.texts("PRAGMA integrity_check") == ["ok"], "\(when)")
    #expect(try await store.texts("PRAGMA foreign_key_check").isEmpty, "\(when)")
    let states = try await store.states()
    let keys = Set(try await store.state(of: "w1").items.map(\.item.key))
    let changes = try await store.number("SELECT count(*) FROM changes WHERE item_key = 'new'")
    #expect(states["d1"] != nil, "\(when)")
    if done.contains("commit") { #expect(states["d2"] != nil, "\(when)") }
    #expect((states["d2"] != nil) == keys.contains("new"), "\(when)")
    #expect((states["d2"] != nil) == (changes == 1), "\(when)")
    if done.contains("delivered") { #expect(states["d1"] == .delivered, "\(when)") }
  }
}

extension Folder {
  /// Files of another folder, in their names.
  func copy(from other: Folder) throws {
    for name in other.names() { try write(try other.read(name), to: name) }
  }
}
