import Glibc
import Language
import PluginHost

@testable import Storage

/// A folder of the test's own, removed with it.
final class Folder: Sendable {
  let path: String

  init() throws {
    var template = Array(
      ((getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp") + "/slothunter-store-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw StoreError(errno: errno, path: "/tmp", doing: "make a folder for a test")
    }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    // Our own folder, one level deep.
    for name in names() { _ = unlink(path + "/" + name) }
    rmdir(path)
  }

  func names() -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  var store: String { path + "/slothunter.db" }
}

func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_790_000_000 + seconds) }

func memoryStore() throws -> Store { try Store(path: "test", mode: .inMemory) }

func item(_ key: String, branch: BranchName = .root, price: Int64 = 100) -> Item {
  Item(
    key: key, branch: branch,
    fields: [
      .init("start", .instant(at(9000))), .init("doctor", .text("دکتر نمونه")), .init("price", .integer(price)),
      .init("none", .null),
    ])
}

func life(_ key: String, _ state: ItemRecord.State = .open, branch: BranchName = .root, since: Int64 = 0) -> ItemRecord
{
  ItemRecord(
    item: item(key, branch: branch), state: state, since: at(since), firstSeen: at(0), lastSeen: at(since), lives: 1)
}

func message(
  _ keys: [String] = [], kind: Message.Kind = .alert, change: Change.Kind? = .added, watch: String = "w1"
) -> Message {
  Message(
    kind: kind, site: "site", watch: watch, language: "fa", title: "نوبت خالی",
    lines: keys.map { Message.Line(change: change, text: "line \($0)", itemKey: $0, item: .string($0)) }, at: at(0))
}

func alert(
  _ id: String, to recipient: String = "r1", channel: String = "telegram", keys: [String] = [],
  kind: Message.Kind = .alert, change: Change.Kind? = .added, changes: [Int] = [], notBefore: Instant? = nil,
  expires: Instant? = nil
) -> NewDelivery {
  NewDelivery(
    id: id, channel: channel, recipient: recipient, subscription: "\(channel)|\(recipient)",
    message: message(keys, kind: kind, change: change), changes: changes, notBefore: notBefore, expiresAt: expires,
    rule: "notify[0]")
}

func run(
  watch: String = "w1", verdict: Verdict = .items, seconds: Int64 = 0, items: [ItemRecord] = [],
  deliveries: [NewDelivery] = [], edit: (inout RunCommit) -> Void = { _ in }
) -> RunCommit {
  var commit = RunCommit(
    watch: watch, site: "site", specVersion: "v1", startedAt: at(seconds), endedAt: at(seconds), verdict: verdict,
    keyFields: ["start"])
  commit.items = items
  commit.deliveries = deliveries
  commit.outcomes = [
    BranchOutcome(name: .root, verdict: verdict, itemCount: items.count, detail: nil, trace: .object(JSONObject()))
  ]
  edit(&commit)
  return commit
}

func ended(
  _ lease: LeasedDelivery, _ outcome: AttemptOutcome, next: Instant? = nil, status: Int? = 200, reason: String = "test"
) -> AttemptRecord {
  AttemptRecord(
    delivery: lease.id, attempt: lease.attempt, startedAt: at(0), endedAt: at(1), outcome: outcome, status: status,
    reason: reason, detail: "the provider's words", nextAt: next)
}

extension Store {
  func lease(_ channel: String = "telegram", limit: Int = 10, at now: Int64 = 0, holds seconds: Int64 = 60) throws
    -> [LeasedDelivery]
  { try lease(channel: channel, limit: limit, now: at(now), until: at(now + seconds)) }

  func states() throws -> [String: DeliveryRecord.State] {
    Dictionary(try deliveries(DeliveryFilter(limit: .max)).map { ($0.id, $0.state) }) { _, last in last }
  }

  /// Whether it was possible.
  func retry(delivery id: String, now: Instant) throws -> Bool {
    try retry(deliveries: [id], now: now).allSatisfy { $0.refusal == nil }
  }

  /// Whether it was possible.
  func drop(delivery id: String, now: Instant) throws -> Bool {
    try drop(deliveries: [id], now: now).allSatisfy { $0.refusal == nil }
  }

  func execute(_ script: String) throws { try db.execute(script) }
  func number(_ sql: String) throws -> Int { try db.first(sql) { $0.int(0) } ?? 0 }
  func texts(_ sql: String, column: Int32 = 0) throws -> [String] { try db.rows(sql) { $0.text(column) } }
}
