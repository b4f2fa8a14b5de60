import CLibSQLite3
import Glibc
import Language
import LoopbackServer
import Synchronization
import TestSupport

@testable import CLI

/// Sites whose rows name every version of a spec that may read them: which version a run was of shows in what it stored.
final class HallWorld: Sendable {
  static let markers = 64
  private struct Times {
    var last: [String: Duration] = [:]
    var longest: [String: Duration] = [:]
  }
  private final class Shared: Sendable {
    let times = Mutex(Times())
    let started = ContinuousClock.now
  }
  private let shared = Shared()
  let server: LoopbackServer

  init() throws {
    let members = (0..<HallWorld.markers).map { #""v\#($0)":"m\#($0)""# }.joined(separator: ",")
    let rows = (1...5).map { #"{"id":"r\#($0)",\#(members)}"# }.joined(separator: ",")
    server = try LoopbackServer { [shared] request in
      let at = ContinuousClock.now - shared.started
      shared.times.withLock { times in
        let gap = at - (times.last.updateValue(at, forKey: request.path) ?? at)
        times.longest[request.path] = max(gap, times.longest[request.path] ?? .zero)
      }
      return .json(#"{"rows":[\#(rows)]}"#)
    }
  }

  /// Of each watch, between two of its requests.
  var longestGaps: [String: Duration] { shared.times.withLock { $0.longest } }
}

/// A folder with three sites, ten watches each.
final class HallHome: Sendable {
  static let sites = ["hall-a", "hall-b", "hall-c"]
  static let perSite = 10
  static let watches = sites.count * perSite
  static let every = Duration.seconds(1)

  private let world: HallWorld
  private let folder: TemporaryFolder
  /// Every valid text that was ever saved, by version.
  private let versions = Mutex<[String: String]>([:])
  var path: String { folder.path }

  init(_ world: HallWorld) throws {
    self.world = world
    folder = try TemporaryFolder()
    try folder.write(bytes(of: packageRoot + "/notifiers/webhook.yaml"), to: "notifiers/webhook.yaml")
    var text = "sites: [sites]\nnotifiers: [notifiers]\nstore: data/store.db\nwatches:\n"
    for site in HallHome.sites {
      try save(valid(0, of: site), of: site)
      for number in 1...HallHome.perSite {
        text += "  - { site: \(site), params: { n: \"\(number)\" }, every: 1s, jitter: 0% }\n"
      }
    }
    try folder.write(text, to: "slothunter.yaml")
  }

  func launch() throws -> ServiceProcess {
    try ServiceProcess(
      ["run", "--log=info"] + HallHome.sites.flatMap { ["--origin", "https://\($0).example=\(world.server.origin)"] },
      folder: path, name: "run", environment: [:])
  }

  func file(of site: String) -> String { path + "/sites/\(site).yaml" }
  func note(_ text: String) { versions.withLock { $0[fingerprint(text)] = text } }
  func save(_ text: String, of site: String) throws {
    note(text)
    try folder.write(text, to: "sites/\(site).yaml")
  }

  func write(_ text: String, to name: String) throws { try folder.write(text, to: name) }
  func text(version: String) -> String? { versions.withLock { $0[version] } }

  /// A spec whose every field of a row names the same marker, and the marker itself in its title.
  func valid(_ marker: Int, of site: String) -> String {
    """
    site: \(site)
    title: Hall marker \(marker)
    timezone: UTC
    links: [ "https://\(site).example/\(site)/{n}" ]
    limits: { rate: 200/s, burst: 50, concurrency: 16, min_interval: 1s }
    steps:
      - step: list
        get: https://\(site).example/\(site)/{n}
        anchor: $.rows
        rows:
          each: $.rows[*]
          fields: { id: $.id, first: $.v\(marker), second: $.v\(marker), third: { json: $.v\(marker), required: true } }
    items: { key: [id], track: [first, second, third], expect: { count: 0..50 } }
    alert: { on: [added], title: { en: "Hall {n}" }, line: { en: "{first} {second}" } }

    """
  }
}

/// What the store holds of runs, once the service has ended.
struct HallRecord {
  private(set) var runs = 0
  private(set) var changes = 0
  private(set) var problems: [String] = []
  private(set) var unanswered: [String] = []
  private(set) var versionsRun: [String: Set<String>] = [:]

  init(_ home: HallHome) throws {
    let path = home.path + "/data/store.db"
    let all = """
      SELECT watch, spec_version, site, r.verdict, (SELECT max(detail) FROM run_branches b WHERE b.run = r.id) FROM runs r
      """
    for row in try HallRecord.rows(path, all) {
      runs += 1
      versionsRun[row[2], default: []].insert(row[1])
      if home.text(version: row[1]) == nil { problems.append("\(row[0]) ran version \(row[1]), which nobody saved") }
      // No answer, as of a connection that a loaded machine drops, says nothing of versions.
      if row[3] == "failed" {
        unanswered.append("\(row[0]): \(row[4])")
      } else if row[3] != "items", row[3] != "unchanged" {
        problems.append("\(row[0]) ended as \(row[3]): \(row[4])")
      }
    }
    let changed = """
      SELECT r.watch, r.spec_version, c.fields, c.kind FROM changes c JOIN runs r ON r.id = c.run
      """
    for row in try HallRecord.rows(path, changed) {
      changes += 1
      guard let text = home.text(version: row[1]), let marker = HallRecord.marker(of: text) else { continue }
      let shown = ["first", "second", "third"].map { name in HallRecord.field(name, in: row[2]) }
      if shown != Array(repeating: marker, count: 3) || row[3] == "removed" {
        problems.append("\(row[0]) of version \(row[1]) (\(marker)): \(row[3]) \(shown)")
      }
    }
    // What is held in the end is of the last run's version too.
    let held = """
      SELECT i.watch, r.spec_version, i.fields FROM items i JOIN watch_states s ON s.watch = i.watch
      JOIN runs r ON r.id = s.last_run WHERE i.state = 'open'
      """
    for row in try HallRecord.rows(path, held) {
      let marker = home.text(version: row[1]).flatMap(HallRecord.marker)
      if HallRecord.field("first", in: row[2]) != marker { problems.append("\(row[0]) holds \(row[2])") }
    }
  }

  private static func marker(of text: String) -> String? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("title:") }) else { return nil }
    return line.split(separator: " ").last.map { "m\($0)" }
  }

  /// Wherever the store's JSON keeps it: `["first", "m7"]`.
  private static func field(_ name: String, in json: String) -> String {
    guard let start = json.firstRange(of: "\"\(name)\"")?.upperBound else { return "" }
    return String(json[start...].drop { $0 != "m" }.prefix { $0.isLetter || $0.isNumber })
  }

  private static func rows(_ path: String, _ sql: String) throws -> [[String]] {
    var db: OpaquePointer?
    guard sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      throw SpawnProblem(description: "the store does not open")
    }
    defer { sqlite3_close(db) }
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(db, sql, -1, &statement, nil) == SQLITE_OK else {
      throw SpawnProblem(description: String(cString: sqlite3_errmsg(db)))
    }
    defer { sqlite3_finalize(statement) }
    var found: [[String]] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      found.append(
        (0..<sqlite3_column_count(statement)).map { column in
          sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
        })
    }
    return found
  }
}

/// What a process holds.
struct ProcessState: CustomStringConvertible {
  var descriptors: Int
  var threads: Int
  var residentKiB: Int

  init(_ pid: pid_t) throws {
    descriptors = try Files.list("/proc/\(pid)/fd").count
    let status = try TestSupport.text(of: "/proc/\(pid)/status")
    func number(_ name: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
      return line.split(whereSeparator: { $0 == "\t" || $0 == " " }).compactMap { Int($0) }.first ?? -1
    }
    threads = number("Threads:")
    residentKiB = number("VmRSS:")
  }

  var description: String { "\(descriptors) descriptors, \(threads) threads, \(residentKiB >> 10) MiB" }
}
