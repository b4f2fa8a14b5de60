import Glibc
import Language
import PluginHost
import TestSupport
import Testing

@testable import Storage

/// Files that are not what was written. Whatever lies there: a clear word, or what was stored; never a new, empty store.
struct DamageTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  /// 200 items and a delivery; closed, so that all is in the file.
  private func filled() async throws {
    let store = try Store(path: folder.store)
    try await store.commit(run(items: (0..<200).map { life("i\($0)") }, deliveries: [alert("d1")]))
  }

  /// What a start finds: the reason it is refused for, or how many items and deliveries there are.
  private func start(_ mode: Store.Mode = .readWrite) async throws -> (
    refused: StoreError?, items: Int, deliveries: Int
  ) {
    do {
      let store = try Store(path: folder.store, mode: mode)
      return (
        nil, try await store.number("SELECT count(*) FROM items"),
        try await store.number("SELECT count(*) FROM deliveries")
      )
    } catch let error as StoreError {
      #expect(error.description.contains(folder.store) && !error.description.contains("\n"), "\(error)")
      return (error, 0, 0)
    }
  }

  private func expectRefusedOrWhole(_ when: String) async throws {
    for mode in [Store.Mode.readWrite, .readOnly, .beside] {
      let found = try await start(mode)
      if let refused = found.refused {
        #expect([.damaged, .notAStore, .newer, .missing].contains(refused.reason), "\(when): \(refused)")
      } else {
        #expect(found.items > 0 && found.deliveries > 0, "\(when): a store without what was in it")
      }
    }
  }

  @Test(arguments: [0, 1, 99, 100, 101, 4095, 4096, 8192, -1, -2, -4096])
  func `a store that was cut is refused, and its bytes are kept`(_ length: Int) async throws {
    try await filled()
    folder.remove("slothunter.db-wal", "slothunter.db-shm")
    let whole = try folder.read("slothunter.db")
    let cut = Array(whole.prefix(length == -2 ? whole.count / 2 : length < 0 ? whole.count + length : length))
    try folder.write(cut, to: "slothunter.db")
    for mode in [Store.Mode.readWrite, .readOnly, .beside] {
      let refused = try #require(try await start(mode).refused, "\(mode): began anew after \(length) bytes")
      #expect([.damaged, .notAStore, .missing].contains(refused.reason))
    }
    #expect(try folder.read("slothunter.db") == cut)
  }

  /// 1,000 bits for each seed, first alone, then in heaps.
  @Test(arguments: [1, 7, 42, 2026] as [UInt64])
  func `bits that flipped are found, or harm nothing`(_ seed: UInt64) async throws {
    try await filled()
    folder.remove("slothunter.db-wal", "slothunter.db-shm")
    let whole = try folder.read("slothunter.db")
    var random = SplitMix(seed: seed)
    for round in 0..<40 {
      var damaged = whole
      let flips = round < 20 ? 1 : 49
      for _ in 0..<flips {
        let place = random.next(below: whole.count)
        damaged[place] ^= 1 << UInt8(random.next() & 7)
      }
      try folder.write(damaged, to: "slothunter.db")
      try await expectRefusedOrWhole("seed \(seed), round \(round)")
      folder.remove("slothunter.db-wal", "slothunter.db-shm")
    }
  }

  /// While it is open: what a killed process leaves behind.
  private func copyOfOpen(to name: String, _ change: (Store) async throws -> Void) async throws {
    let store = try Store(path: folder.store)
    try await change(store)
    for suffix in ["", "-wal"] { try folder.write(try folder.read("slothunter.db" + suffix), to: name + suffix) }
  }

  @Test func `a log that was deleted costs what was in it, and nothing that was in the file`() async throws {
    try await filled()
    try await copyOfOpen(to: "killed.db") { try await $0.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")])) }
    for (name, deliveries) in [("killed.db-wal", 2), ("nothing", 1)] {
      folder.remove("slothunter.db-wal", "slothunter.db-shm")
      try folder.write(try folder.read("killed.db"), to: "slothunter.db")
      if name != "nothing" { try folder.write(try folder.read(name), to: "slothunter.db-wal") }
      let found = try await start()
      #expect(found.refused == nil && found.items == 200 && found.deliveries == deliveries, "\(name)")
    }
  }

  @Test func `a log that is cut or flipped keeps whole transactions or none`() async throws {
    try await filled()
    try await copyOfOpen(to: "killed.db") { store in
      for number in 2..<8 {
        try await store.commit(run(seconds: Int64(number), deliveries: [alert("d\(number)", to: "r\(number)")]))
      }
    }
    let log = try folder.read("killed.db-wal")
    var random = SplitMix(seed: 11)
    for round in 0..<30 {
      var bad = log
      if round < 15 {
        bad = Array(log.prefix(random.next(below: log.count)))
      } else {
        bad[random.next(below: log.count)] ^= 1 << UInt8(random.next() & 7)
      }
      folder.remove("slothunter.db-shm")
      try folder.write(try folder.read("killed.db"), to: "slothunter.db")
      try folder.write(bad, to: "slothunter.db-wal")
      let found = try await start()
      #expect(found.refused == nil && found.items == 200 && (1...7).contains(found.deliveries), "round \(round)")
    }
  }

  /// A backup was put back and the log of the newer store left beside it.
  @Test func `an older copy with a newer log is refused, or is what one of them was`() async throws {
    try await filled()
    let older = try folder.read("slothunter.db")
    try await copyOfOpen(to: "killed.db") { store in
      try await store.commit(run(seconds: 60, items: (200..<900).map { life("i\($0)") }))
      try await store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
      try await store.commit(
        run(seconds: 120, items: (0..<900).map { life("i\($0)", .gone) }, deliveries: [alert("d2", to: "r2")]))
    }
    folder.remove("slothunter.db-shm")
    try folder.write(older, to: "slothunter.db")
    try folder.write(try folder.read("killed.db-wal"), to: "slothunter.db-wal")
    let found = try await start()
    if let refused = found.refused {
      #expect(refused.reason == .damaged)
    } else {
      #expect([200, 900].contains(found.items) && found.deliveries > 0)
    }
  }

  @Test func `an index that lacks rows of its table is found after a crash`() async throws {
    try await filled()
    try await copyOfOpen(to: "killed.db") { store in
      try await store.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")]))
      // What an old file under a new log looks like: the index is of another moment than its table.
      try await store.execute(
        """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'runs_by_end')
        WHERE name = 'runs_by_watch';
        """)
    }
    folder.remove("slothunter.db-shm")
    for suffix in ["", "-wal"] { try folder.write(try folder.read("killed.db" + suffix), to: "slothunter.db" + suffix) }
    #expect(try await start().refused?.reason == .damaged)
  }

  @Test func `shared memory full of garbage does no harm`() async throws {
    try await filled()
    try await copyOfOpen(to: "killed.db") { try await $0.commit(run(seconds: 60, deliveries: [alert("d2", to: "r2")])) }
    var random = SplitMix(seed: 3)
    for suffix in ["", "-wal"] { try folder.write(try folder.read("killed.db" + suffix), to: "slothunter.db" + suffix) }
    for size in [1, 4096, 32768, 100_000] {
      try folder.write((0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }, to: "slothunter.db-shm")
      let found = try await start()
      #expect(found.refused == nil && found.items == 200 && found.deliveries == 2, "\(size) bytes")
      for suffix in ["", "-wal"] {
        try folder.write(try folder.read("killed.db" + suffix), to: "slothunter.db" + suffix)
      }
    }
  }

  @Test func `a folder where the log should be is refused, with its name`() async throws {
    try await filled()
    folder.remove("slothunter.db-wal", "slothunter.db-shm")
    mkdir(folder.store + "-wal", 0o700)
    defer { rmdir(folder.store + "-wal") }
    let found = try await start()
    #expect(found.refused != nil)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func `a store of another user is refused, also to root`() async throws {
    try await filled()
    chown(folder.store, 65534, 65534)
    let refused = try #require(try await start().refused)
    #expect(refused.reason == .permission && refused.detail.contains("user 65534"))
    // Whoever looks after the service may look and help as root.
    #expect(try await start(.readOnly).items == 200)
    #expect(try await start(.beside).deliveries == 1)
    chown(folder.store, 0, 0)
    #expect(try await start().items == 200)
  }
}
