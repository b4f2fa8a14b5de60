import Language
import PluginHost
import TestSupport

/// Conditions and items made by chance, of every kind of field and comparison that there is.
struct ConditionMaker {
  private var random: SplitMix

  init(seed: UInt64) { random = SplitMix(seed: seed) }

  static let zone = TimeZoneRules(identifier: "Asia/Tehran") ?? .utc
  static let now = Instant(seconds: 1_795_000_000)

  static let names: [String: ValueType] = [
    "start": .instant, "day": .date, "clock": .time, "price": .money, "count": .integer, "rate": .decimal,
    "center": .text, "length": .duration, "free": .boolean, "page": .url, "any": .unknown, "site": .text,
  ]

  mutating func next(_ bound: Int) -> Int { random.next(below: bound) }

  private mutating func pick<T>(_ all: [T]) -> T { random.one(of: all) }

  private mutating func number() -> String { pick(["\(next(12))", "\(next(12)).5", "0.1", "12", "-3"]) }
  private mutating func word() -> String {
    pick(["'alef'", "'علي'", "'5'", "'۷'", "'05'", "'7.0'", "'ب پ'", "'https://a.example/5'"])
  }
  private mutating func day() -> String { "2026-11-\(18 + next(5))" }
  private mutating func clock() -> String { pick(["08:00", "11:30", "00:00", "23:59", "12:00"]) }
  private mutating func amount() -> String { pick(["\(next(9) * 100) rial", "\(next(9) * 10) toman", "30.5 toman"]) }
  private mutating func span() -> String { pick(["90s", "15m", "2h", "1d", "3d"]) }
  private mutating func moment() -> String {
    pick([day(), day() + "T" + clock(), "now", "now + \(span())", "now - \(span())", "\(span()) + now"])
  }
  private mutating func order() -> String { pick(["==", "!=", "<", "<=", ">", ">="]) }

  private mutating func list(_ one: (inout ConditionMaker) -> String) -> String {
    "[" + (0..<(1 + next(3))).map { _ in one(&self) }.joined(separator: ", ") + "]"
  }

  private mutating func compared(_ field: String, _ one: (inout ConditionMaker) -> String) -> String {
    switch next(8) {
    case 0: "\(field) in \(list(one))"
    case 1: "\(field) not in \(list(one))"
    case 2: "\(one(&self)) \(order()) \(field)"
    case 3: pick(["\(field) == null", "\(field) != null"])
    default: "\(field) \(order()) \(one(&self))"
    }
  }

  private mutating func comparison() -> String {
    switch next(16) {
    case 0: compared("start") { $0.moment() }
    case 1: compared(pick(["start.hour", "start.minute", "clock.hour", "count"])) { $0.number() }
    case 2: compared(pick(["start.weekday", "day.weekday"])) { $0.pick(["saturday", "thu", "1", "5"]) }
    case 3: compared(pick(["start.date", "day"])) { $0.day() }
    case 4: compared("day") { $0.moment() }
    case 5: compared(pick(["clock", "start.time"])) { $0.clock() }
    case 6: compared("price") { $0.amount() }
    case 7: compared("rate") { $0.number() }
    case 8, 9: compared(pick(["center", "site"])) { $0.word() }
    case 10: compared("length") { $0.span() }
    case 11: pick(["free", "free == true", "free == false", "not free", "true", "false"])
    case 12: pick(["page == 'https://a.example/5'", "page in ['5', 'x']", "center matches 'ع'"])
    case 13: pick(["start - now < 2h", "rate == count", "count > rate", "count < rate or center == '5'"])
    default:
      compared("any") { maker in
        switch maker.next(7) {
        case 0: maker.number()
        case 1: maker.word()
        case 2: maker.day()
        case 3: maker.clock()
        case 4: maker.amount()
        case 5: maker.span()
        default: maker.moment()
        }
      }
    }
  }

  /// A condition of up to so many levels.
  mutating func condition(depth: Int = 2) -> String {
    if depth == 0 || next(3) == 0 { return comparison() }
    let word = pick([" and ", " and ", " or "])
    let parts = (0..<(2 + next(2))).map { _ in "(" + condition(depth: depth - 1) + ")" }
    return (next(12) == 0 ? "not (" + parts.joined(separator: word) + ")" : parts.joined(separator: word))
  }

  /// nil where chance joined what has no meaning together.
  mutating func expression() -> Expression? { try? Expression(condition(), names: Self.names) }

  mutating func value(of name: String) -> Value {
    if next(8) == 0 { return .null }
    return switch name == "any" || next(12) == 0 ? pick(Self.names.keys.sorted()) : name {
    case "start": .instant(Self.now + .seconds(Int64(next(400_000)) - 200_000))
    case "day": .date(CivilDate(year: 2026, month: 11, day: 17 + next(7)))
    case "clock": .time(CivilTime(hour: next(24), minute: pick([0, 30, 59])))
    case "price":
      .money(DecimalNumber(units: Int64(next(90)), scale: next(2)), unit: pick([.rial, .toman]))
    case "count": .integer(Int64(next(14)) - 1)
    case "rate":
      pick([.decimal(DecimalNumber(units: Int64(next(120)), scale: 1)), .decimal(DecimalNumber(units: 1, scale: 1))])
    case "length": .duration(pick([.seconds(90), .seconds(900), .seconds(7200), .seconds(86_400)]))
    case "free": .boolean(next(2) == 0)
    case "page": .url(pick(["https://a.example/5", "5", "x"]))
    case "any": pick([.list([.integer(5), .text("alef")]), .integer(5), .text("5.0"), .text("05"), .text("12")])
    default: .text(pick(["alef", "علی", "علي", "5", "۵", "7", "ب‌پ", " 5 "]))
    }
  }

  mutating func item(_ key: String) -> Item {
    let fields = Self.names.keys.sorted().filter { $0 != "site" && next(15) > 0 || $0 == "start" }
    return Item(key: key, branch: .root, fields: fields.map { name in Item.Field(name, value(of: name)) })
  }
}
