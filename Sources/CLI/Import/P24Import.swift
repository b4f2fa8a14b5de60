import Diagnostics
import Language
import Storage

/// A configuration or database of P24_SlotHunter: doctors become watches, subscribers are told on Telegram.
enum P24Import {
  /// Shipped, and read as it is.
  static let site = "paziresh24"
  /// Not below the shipped site's `min_interval`.
  private static let fastest = 60

  static func isConfiguration(_ object: JSONObject) -> Bool {
    object["monitoring"] != nil || object["doctors"] != nil && object["url"] == nil
  }

  // MARK: The configuration

  static func take(_ part: ForeignFile.Part, into imported: inout Imported, _ report: inout ImportReport) {
    imported.usesSites.insert(site)
    let every = interval(part, &report)
    for (name, value) in zip(part.value.names, part.value.values) {
      switch (name, value) {
      case ("telegram", .object(let options)): telegram(options, part, into: &imported, &report)
      case ("monitoring", .object(let options)):
        for option in options.names where option != "check_interval" {
          let advice =
            switch option {
            case "max_retries": "a failed run is tried again at its next time"
            case "timeout": "the shipped site spec says it (15s)"
            case "days_ahead": "all free days are read; narrow it for each subscriber: `when: start < now + 7d`"
            default: "SlotHunter has nothing by that name"
            }
          report.leave(
            part.place("monitoring.\(option)"), "monitoring.\(option)", advice, needless: option == "max_retries")
        }
      case ("doctors", .array(let doctors)):
        for (index, doctor) in doctors.enumerated() {
          take(doctor, "doctors[\(index)]", part, every, into: &imported, &report)
        }
      case ("logging", _): report.leave(part.place(name), name, "logs go to standard error: `run --log info`")
      default: report.leave(part.place(name), name, "SlotHunter has nothing by that name")
      }
    }
  }

  private static func interval(_ part: ForeignFile.Part, _ report: inout ImportReport) -> String {
    guard case .object(let monitoring)? = part.value["monitoring"],
      let seconds = monitoring.plain("check_interval").flatMap({ Int($0) })
    else { return "\(fastest)s" }
    if seconds < fastest {
      report.leave(
        part.place("monitoring.check_interval"), "monitoring.check_interval",
        "\(seconds) s is below the site's min_interval of \(fastest) s: every: \(fastest)s is written")
    }
    return "\(max(seconds, fastest))s"
  }

  private static func telegram(
    _ options: JSONObject, _ part: ForeignFile.Part, into imported: inout Imported, _ report: inout ImportReport
  ) {
    addChannel(&imported)
    for (name, value) in zip(options.names, options.values) {
      switch name {
      case "bot_token": break
      case "admin_chat_id":
        let text = Value(json: value).plainText
        guard !text.isEmpty else { continue }
        if let variable = variable(text) {
          report.leave(
            part.place("telegram.admin_chat_id"), "telegram.admin_chat_id",
            "write the number that \(variable) holds under `maintainers:` `{ channel: telegram, to: \"…\" }`")
        } else {
          imported.maintainers.append("{ channel: telegram, to: \(FirstSpec.quoted(text)), language: fa }")
        }
      default: report.leave(part.place("telegram.\(name)"), "telegram.\(name)", "SlotHunter has nothing by that name")
      }
    }
  }

  /// The name in `${NAME}`.
  private static func variable(_ text: String) -> String? {
    text.hasPrefix("${") && text.hasSuffix("}") ? String(text.dropFirst(2).dropLast()) : nil
  }

  static func addChannel(_ imported: inout Imported) {
    guard !imported.channels.contains(where: { $0.name == "telegram" }) else { return }
    let token = imported.need("TELEGRAM_BOT_TOKEN", "the bot's token")
    imported.channels.append(("telegram", "telegram: { notifier: telegram, enabled: true, token: \(token) }"))
  }

  private static func take(
    _ doctor: JSON, _ path: String, _ part: ForeignFile.Part, _ every: String, into imported: inout Imported,
    _ report: inout ImportReport
  ) {
    report.jobs += 1
    guard case .object(let object) = doctor, let slug = object.plain("slug"), !slug.isEmpty else {
      return report.leave(part.place(path), path, "a doctor needs `slug`, the part after /dr/ in the link")
    }
    for name in object.names where !["slug", "name", "is_active"].contains(name) {
      report.leave(
        part.place("\(path).\(name)"), "\(path).\(name)", needless[name] ?? "SlotHunter has nothing by that name",
        needless: needless[name] != nil)
    }
    guard object["is_active"] != .bool(false) else {
      return report.leave(part.place(path), path, "it is switched off there: no watch is written")
    }
    imported.watches.append(
      Imported.Watch(site: site, params: [("slug", slug)], every: every, remark: object.plain("name")))
    report.watches += 1
  }

  private static let needless = Dictionary(
    [
      "center_id", "service_id", "user_center_id", "terminal_id", "specialty", "center_name", "center_address",
      "center_phone",
    ]
    .map { ($0, "every center and service is read from the doctor's page") }
  ) { first, _ in first }

  // MARK: The database

  static func take(database path: String, into imported: inout Imported, _ report: inout ImportReport) throws {
    let db = try ForeignDatabase(path: path)
    let tables = Set(try db.tables())
    // A database has no lines.
    let place = SpecLocation(file: path, line: 1, column: 1)
    guard tables.contains("doctors") else {
      throw CommandFailure(.invalid, "\(path): a database without a table 'doctors' is none of P24_SlotHunter")
    }
    imported.usesSites.insert(site)
    addChannel(&imported)
    let people = try users(db, tables)
    imported.maintainers += people.values.filter(\.isAdmin).map(\.chat).sorted()
      .map { "{ channel: telegram, to: \(FirstSpec.quoted($0)), language: fa }" }
    let followers = try subscriptions(db, tables)
    for row in try select(db, "doctors", ["id", "slug", "name", "is_active"]) {
      report.jobs += 1
      guard let slug = row[1], !slug.isEmpty else {
        report.leave(place, "doctors id=\(row[0] ?? "?")", "it has no slug")
        continue
      }
      guard row[3] != "0" else {
        report.leave(place, "doctors id=\(row[0] ?? "?")", "it is switched off there: no watch is written")
        continue
      }
      let notify = (followers[row[0] ?? ""] ?? []).compactMap { people[$0] }.filter(\.isActive).map {
        "{ channel: telegram, to: \(FirstSpec.quoted($0.chat)), language: fa, first: none }"
      }
      imported.watches.append(
        Imported.Watch(site: site, params: [("slug", slug)], every: "\(fastest)s", notify: notify, remark: row[2]))
      report.watches += 1
    }
    leaveRest(db, tables, place, &report)
  }

  private struct Person {
    var chat: String
    var isActive: Bool
    var isAdmin: Bool
  }

  private static func users(_ db: ForeignDatabase, _ tables: Set<String>) throws -> [String: Person] {
    guard tables.contains("users") else { return [:] }
    var people: [String: Person] = [:]
    for row in try select(db, "users", ["id", "telegram_id", "is_active", "is_admin"]) {
      guard let id = row[0], let chat = row[1] else { continue }
      people[id] = Person(chat: chat, isActive: row[2] != "0", isAdmin: row[3] == "1")
    }
    return people
  }

  /// Users by doctor.
  private static func subscriptions(_ db: ForeignDatabase, _ tables: Set<String>) throws -> [String: [String]] {
    guard tables.contains("subscriptions") else { return [:] }
    var followers: [String: [String]] = [:]
    for row in try select(db, "subscriptions", ["doctor_id", "user_id", "is_active"]) where row[2] != "0" {
      guard let doctor = row[0], let user = row[1], followers[doctor]?.contains(user) != true else { continue }
      followers[doctor, default: []].append(user)
    }
    return followers
  }

  /// As `rows`, with nil for columns that this version of the program does not have.
  private static func select(_ db: ForeignDatabase, _ table: String, _ columns: [String]) throws -> [[String?]] {
    let known = Set(try db.columns(of: table))
    let asked = columns.filter(known.contains)
    return try db.rows(of: table, asked).map { row in
      let values = Dictionary(zip(asked, row)) { first, _ in first }
      return columns.map { values[$0] ?? nil }
    }
  }

  private static func leaveRest(
    _ db: ForeignDatabase, _ tables: Set<String>, _ place: SpecLocation, _ report: inout ImportReport
  ) {
    for column in (try? db.columns(of: "doctors")) ?? [] where needless[column] != nil {
      report.leave(place, "doctors.\(column)", needless[column] ?? "", needless: true)
    }
    for table in tables.subtracting(["doctors", "users", "subscriptions", "alembic_version"]).sorted() {
      let count = (try? db.count(of: table)) ?? 0
      report.leave(
        place, table, "\(count) rows of history stay where they are; the first reading is the baseline")
    }
  }
}
