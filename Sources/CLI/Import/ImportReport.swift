import Diagnostics
import Language

/// What was carried over, and every key that was not, with what to do instead.
struct ImportReport {
  struct Left {
    var place: SpecLocation
    /// As written, with the path to it: `filter[1].grep`.
    var key: String
    /// What to do instead, or why nothing is needed.
    var advice: String
    /// Nothing is lost: SlotHunter does it anyway.
    var isNeedless = false
  }

  var written: [String] = []
  private(set) var left: [Left] = []
  var jobs = 0
  var sites = 0
  var watches = 0

  mutating func leave(_ place: SpecLocation, _ key: String, _ advice: String, needless: Bool = false) {
    left.append(Left(place: place, key: key, advice: advice, isNeedless: needless))
  }

  func print(_ terminal: Terminal) {
    for entry in left.sorted(by: { $0.place < $1.place }) {
      let mark = entry.isNeedless ? "not needed" : "not carried over"
      terminal.out("\(entry.place): \(terminal.styled(entry.key, .bold)): \(mark): \(entry.advice)")
    }
    if !left.isEmpty { terminal.out("") }
    for file in written { terminal.out("written: \(file)") }
    let lost = left.count { !$0.isNeedless }
    terminal.out(
      "\(jobs) entries read: \(sites) sites, \(watches) watches; \(lost) keys not carried over, \(left.count - lost) not needed"
    )
  }

  var json: JSON {
    .object(
      JSONObject([
        ("entries", .integer(Int64(jobs))), ("sites", .integer(Int64(sites))), ("watches", .integer(Int64(watches))),
        ("written", .array(written.map(JSON.string))),
        (
          "left",
          .array(
            left.sorted { $0.place < $1.place }.map { entry in
              .object(
                JSONObject([
                  ("file", .string(entry.place.file)), ("line", .integer(Int64(entry.place.line))),
                  ("column", .integer(Int64(entry.place.column))), ("key", .string(entry.key)),
                  ("advice", .string(entry.advice)), ("needless", .bool(entry.isNeedless)),
                ]))
            })
        ),
      ]))
  }
}

/// What an import comes to: site specs and a configuration.
struct Imported {
  struct Watch {
    var site: String
    var params: [(String, String)] = []
    /// As it is written: `30m`.
    var every: String
    /// Lines of `notify:`, each a mapping.
    var notify: [String] = []
    var remark: String?
  }

  /// Text by id.
  var sites: [(id: String, text: String)] = []
  /// Sites that are shipped, by id.
  var usesSites: Set<String> = []
  var watches: [Watch] = []
  /// Lines under `channels:`, each `name: { … }`.
  var channels: [(name: String, line: String)] = []
  var maintainers: [String] = []
  /// Names of environment variables that have to be set, with what they hold.
  var secrets: [(name: String, what: String)] = []
  var userAgent: String?
  /// Names of variables by the values they stand for, which are never written.
  private var named: [String: String] = [:]

  mutating func need(_ name: String, _ what: String) -> String {
    if !secrets.contains(where: { $0.name == name }) { secrets.append((name, what)) }
    return "\"${\(name)}\""
  }

  /// Another name for each value: `SITE_PROXY`, `SITE_PROXY_2`.
  mutating func need(_ name: String, _ what: String, value: String) -> String {
    let own =
      named["\(name)=\(value)"]
      ?? {
        let used = named.keys.count { $0.hasPrefix(name + "=") }
        return used == 0 ? name : "\(name)_\(used + 1)"
      }()
    named["\(name)=\(value)"] = own
    return need(own, what)
  }
}
