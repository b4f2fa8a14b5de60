import Glibc
import Language
import PluginHost
import Testing

@testable import Storage

struct FileTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func reason(_ mode: Store.Mode = .readWrite) -> StoreError.Reason? {
    do {
      _ = try Store(path: folder.store, mode: mode)
      return nil
    } catch let error as StoreError {
      #expect(error.path == folder.store)
      #expect(error.description.contains(folder.store))
      return error.reason
    } catch {
      Issue.record("\(error) is no StoreError")
      return nil
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "wb"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  private func read(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { all += chunk[..<count] }
    return all
  }

  private func filled() async throws {
    let store = try Store(path: folder.store)
    try await store.commit(run(items: (0..<200).map { life("i\($0)") }, deliveries: [alert("d1")]))
  }

  @Test func `what was stored is there after reopening, and only its owner may read it`() async throws {
    try await filled()
    let store = try Store(path: folder.store)
    #expect(try await store.state(of: "w1").items.count == 200)
    var found = stat()
    #expect(stat(folder.store, &found) == 0)
    #expect(found.st_mode & 0o777 == 0o600)
    #expect(try await store.texts("PRAGMA journal_mode") == ["wal"])
  }

  @Test func `folders on the way are made`() throws {
    let nested = folder.path + "/data"
    _ = try Store(path: nested + "/s.db")
    for name in ["/s.db", "/s.db.lock", "/s.db-wal", "/s.db-shm"] { unlink(nested + name) }
    rmdir(nested)
  }

  @Test func `leases of a process that is gone are given back at the start`() async throws {
    try await filled()
    do {
      let store = try Store(path: folder.store)
      #expect(try await store.lease(at: 0, holds: 3600).count == 1)
    }
    let lease = try #require(try await Store(path: folder.store).lease(at: 1).first)
    #expect(lease.unsure)
    #expect(lease.attempt == 2)
  }

  @Test func `a transaction that was never ended has changed nothing`() async throws {
    try await filled()
    do {
      let store = try Store(path: folder.store)
      try await store.execute("BEGIN IMMEDIATE; DELETE FROM items; DELETE FROM deliveries")
    }
    let store = try Store(path: folder.store)
    #expect(try await store.state(of: "w1").items.count == 200)
    #expect(try await store.states() == ["d1": .pending])
  }

  @Test func `a second process is refused, and told who holds the store`() throws {
    let first = try Store(path: folder.store)
    #expect(throws: StoreError.self) { try Store(path: folder.store) }
    do { _ = try Store(path: folder.store) } catch let error as StoreError {
      #expect(error.reason == .inUse)
      #expect(error.detail.contains("pid \(getpid())"))
    }
    _ = first.path
  }

  @Test func `commands read and write beside the process that runs`() async throws {
    let owner = try Store(path: folder.store)
    try await owner.commit(run(deliveries: [alert("d1")]))
    let reader = try Store(path: folder.store, mode: .readOnly)
    #expect(try await reader.deliveries().map(\.id) == ["d1"])
    await #expect(throws: StoreError.self) { try await reader.drop(delivery: "d1", now: at(1)) }
    let beside = try Store(path: folder.store, mode: .beside)
    #expect(try await beside.drop(delivery: "d1", now: at(1)))
    #expect(try await owner.states() == ["d1": .dropped])
  }

  @Test func `a store beside or for reading is never made`() {
    #expect(reason(.readOnly) == .missing)
    #expect(reason(.beside) == .missing)
    #expect(folder.names().isEmpty)
  }

  @Test func `a closed store in a folder where nothing may be written can be read`() async throws {
    try await filled()
    for name in ["-wal", "-shm"] { unlink(folder.store + name) }
    chmod(folder.store, 0o400)
    chmod(folder.path, 0o500)
    defer { chmod(folder.path, 0o700) }
    #expect(try await Store(path: folder.store, mode: .readOnly).deliveries().count == 1)
    #expect(reason() == .readOnly)
  }

  @Test func `a file that may not be written is refused`() async throws {
    try await filled()
    chmod(folder.store, 0o400)
    #expect(reason() == .readOnly)
  }

  @Test func `a folder, a pipe and a text are no stores`() throws {
    mkdir(folder.store, 0o700)
    #expect(reason() == .notAStore)
    #expect(reason(.readOnly) == .notAStore)
    rmdir(folder.store)
    mkfifo(folder.store, 0o600)
    #expect(reason() == .notAStore)
    unlink(folder.store)
    let text = Array(String(repeating: "sites: [sites]\n", count: 300).utf8)
    try write(text, to: folder.store)
    #expect(reason() == .notAStore)
    try write(Array(text.prefix(15)), to: folder.store)
    #expect(reason() == .notAStore)
    #expect(try read(folder.store) == Array(text.prefix(15)))
  }

  @Test func `another program's database is left alone`() throws {
    _ = try? Store(path: folder.store)
    unlink(folder.store + ".lock")
    let other = try Connection(path: folder.store, access: .readWrite)
    try other.execute("PRAGMA application_id = 7; PRAGMA user_version = 3")
    #expect(reason() == .notAStore)
  }

  @Test func `a newer store is refused, and an older one where nothing is migrated`() throws {
    _ = try Store(path: folder.store)
    let db = try Connection(path: folder.store, access: .readWrite)
    try db.execute("PRAGMA user_version = \(Schema.version + 1)")
    #expect(reason() == .newer)
    #expect(reason(.readOnly) == .newer)
  }

  @Test func `a store that is gone or emptied is never begun anew in silence`() async throws {
    try await filled()
    for name in folder.names() where !name.hasSuffix(".lock") { unlink(folder.path + "/" + name) }
    #expect(reason() == .missing)
    try write([], to: folder.store)
    #expect(reason() == .missing)
    unlink(folder.store)
    unlink(folder.store + ".lock")
    #expect(reason() == nil)
  }

  @Test func `a log without its store is no new store`() throws {
    try write([1, 2, 3], to: folder.store + "-wal")
    #expect(reason() == .missing)
  }

  @Test func `a store whose making was interrupted is made`() throws {
    try write([], to: folder.store)
    #expect(reason() == nil)
    #expect(reason(.readOnly) == nil)
  }

  @Test(arguments: [1, 100, 4095, -1, -2])
  func `a store that was cut is refused, and its bytes are kept`(_ length: Int) async throws {
    try await filled()
    for name in ["-wal", "-shm"] { unlink(folder.store + name) }
    let whole = try read(folder.store)
    let cut = Array(whole.prefix(length == -2 ? whole.count / 2 : length < 0 ? whole.count - 1 : length))
    try write(cut, to: folder.store)
    let found = reason()
    #expect(found == .damaged || found == .notAStore)
    #expect(try read(folder.store) == cut)
  }

  @Test func `flipped bits are found, or harm nothing`() async throws {
    try await filled()
    for name in ["-wal", "-shm"] { unlink(folder.store + name) }
    let whole = try read(folder.store)
    var state: UInt64 = 5
    for _ in 0..<60 {
      var damaged = whole
      for _ in 0..<20 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        damaged[Int(state >> 33) % damaged.count] ^= 1 << (state >> 29 & 7)
      }
      try write(damaged, to: folder.store)
      do {
        let store = try Store(path: folder.store)
        _ = try await store.state(of: "w1")
        _ = try await store.deliveries()
        #expect(try await store.number("SELECT count(*) FROM items") > 0)
      } catch let error as StoreError {
        #expect([.damaged, .notAStore, .newer].contains(error.reason), "\(error)")
      }
      for name in ["-wal", "-shm"] { unlink(folder.store + name) }
    }
  }
}
