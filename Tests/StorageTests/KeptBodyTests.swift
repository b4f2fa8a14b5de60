import Language
import PluginHost
import Testing

@testable import Storage

/// Answers that are kept for whoever mends the spec.
struct KeptBodyTests {
  private func run(_ at: Int64, _ steps: [String], isGood: Bool = true, size: Int = 100) -> KeptRun {
    KeptRun(
      isGood: isGood, specVersion: "v1", at: Instant(seconds: at),
      bodies: steps.map { step in
        KeptBody(
          step: step, request: "\(step) GET https://desk.example/\(step)/\(at)", status: 200, url: "", contentType: nil,
          size: size, body: [UInt8](repeating: 7, count: size))
      })
  }

  private func store(_ run: KeptRun, of watch: String, in store: isolated Store, mostBytes: Int = Store.keptBytes)
    throws
  {
    try store.db.transaction(durable: false) {
      try KeptBodyStoring(db: store.db, watch: watch, site: "desk", mostBytes: mostBytes).store(run)
    }
  }

  @Test func `a good run replaces the answers of the steps it asked, a break the one before it`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    try await self.store(run(1, ["page", "days"]), of: "w", in: store)
    try await self.store(run(2, ["days"]), of: "w", in: store)
    #expect(
      try await store.keptRun(of: "w", isGood: true)?.bodies.map(\.request).sorted() == [
        "days GET https://desk.example/days/2", "page GET https://desk.example/page/1",
      ])
    try await self.store(run(3, ["page", "days"], isGood: false), of: "w", in: store)
    try await self.store(run(4, ["page"], isGood: false), of: "w", in: store)
    let broken = try #require(try await store.keptRun(of: "w", isGood: false))
    #expect(broken.at == Instant(seconds: 4) && broken.bodies.map(\.step) == ["page"])
    #expect(try await store.keptRun(of: "w", isGood: true)?.bodies.count == 2)
  }

  @Test func `what is over the bound goes, the oldest first`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    for number in 1...5 {
      try await self.store(run(Int64(number), ["page"], size: 400), of: "w\(number)", in: store, mostBytes: 1000)
    }
    var left: [Int] = []
    for number in 1...5 where try await store.keptRun(of: "w\(number)", isGood: true) != nil { left.append(number) }
    #expect(left == [4, 5])
  }

  @Test func `what they take is known without a sum over them, and the oldest is found without a sort`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    func isCounted() async throws -> Bool {
      try await store.number("SELECT (SELECT bytes FROM kept_size) = (SELECT total(bytes) FROM kept_bodies)") == 1
    }
    var twice = run(1, ["page", "days"])
    twice.bodies.append(twice.bodies[0])
    try await self.store(twice, of: "a", in: store)
    #expect(try await store.keptRun(of: "a", isGood: true)?.bodies.count == 2)
    try await self.store(run(2, ["page"], size: 300), of: "a", in: store)
    try await self.store(run(3, ["page"], size: 500), of: "b", in: store, mostBytes: 600)
    #expect(try await store.number("SELECT bytes FROM kept_size") == 500)
    #expect(try await isCounted())
    try await store.prune(now: Instant(seconds: 4) + .seconds(40 * 86_400))
    #expect(try await store.number("SELECT count(*) FROM kept_bodies") == 0)
    #expect(try await isCounted())
    for sql in [KeptBodyStoring.size, KeptBodyStoring.oldest] {
      let plan = try await store.texts("EXPLAIN QUERY PLAN " + sql, column: 3)
      #expect(plan.allSatisfy { !$0.contains("TEMP B-TREE") }, "\(plan)")
    }
    #expect(
      try await store.texts("EXPLAIN QUERY PLAN " + KeptBodyStoring.oldest, column: 3).allSatisfy {
        $0.contains("kept_bodies_by_age")
      })
  }

  @Test func `answers of a watch that is defined stay, those of one that is gone do not`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    let watch = WatchRecord(
      id: "a", site: "desk", params: [:], every: .seconds(60), origin: .config, addedAt: Instant(seconds: 1))
    try await store.upsertWatch(watch)
    for name in ["a", "b"] { try await self.store(run(1, ["page"]), of: name, in: store) }
    try await store.prune(now: Instant(seconds: 1) + .seconds(20 * 86_400))
    #expect(try await store.number("SELECT count(*) FROM kept_bodies") == 2)
    try await store.prune(now: Instant(seconds: 1) + .seconds(40 * 86_400))
    #expect(try await store.texts("SELECT watch FROM kept_bodies") == ["a"])
  }

  @Test func `a step's good answer is the watch's own, else the newest of the site`() async throws {
    let store = try Store(path: "", mode: .inMemory)
    try await self.store(run(1, ["page"]), of: "a", in: store)
    try await self.store(run(2, ["page"]), of: "b", in: store)
    func found(_ watch: String) async throws -> String? {
      try await store.keptGood(site: "desk", step: "page", watch: watch)?.body.request
    }
    #expect(try await found("a") == "page GET https://desk.example/page/1")
    #expect(try await found("c") == "page GET https://desk.example/page/2")
    #expect(try await store.keptGood(site: "desk", step: "days", watch: "a") == nil)
  }
}
