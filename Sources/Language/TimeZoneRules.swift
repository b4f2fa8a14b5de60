/// The offsets of one time zone, past and future. Equal when the identifiers are.
public struct TimeZoneRules: Sendable {
  /// `Asia/Tehran`, `UTC` or `+03:30`.
  public let identifier: String
  private let table: OffsetTable

  /// - Parameter identifier: An IANA name, `UTC` (or `Z`), or a fixed offset as `+03:30`. Names are those of the system's
  ///   tzdata; `Asia/Tehran` is known without it. nil for anything else.
  public init?(identifier: String) {
    if identifier == "UTC" || identifier == "Z" {
      self = .utc
    } else if let seconds = Self.fixedOffset(identifier) {
      self.init(fixedOffset: seconds)
    } else if let table = ZoneCache.shared.table(for: identifier) {
      self.init(identifier: identifier, table: table)
    } else {
      return nil
    }
  }

  public static let utc = TimeZoneRules(identifier: "UTC", table: OffsetTable(fixed: 0))

  /// - Parameter seconds: East of Greenwich; the identifier says it to the minute.
  public init(fixedOffset seconds: Int) {
    self.init(identifier: offsetText(seconds), table: OffsetTable(fixed: seconds))
  }

  init(identifier: String, table: OffsetTable) {
    self.identifier = identifier
    self.table = table
  }

  /// Seconds east of Greenwich at `instant`.
  public func offset(at instant: Instant) -> Int { table.offset(at: instant.seconds) }

  /// `+03:30`, `+0330`, `-08`: up to 18 hours, as ISO 8601 and java.time allow. No sign is no offset.
  static func fixedOffset(_ text: String) -> Int? {
    let sign = text.first == "+" ? 1 : -1
    guard text.first == "+" || text.first == "-" else { return nil }
    let digits = text.dropFirst().replacing(":", with: "")
    let colon = text.dropFirst(3).first == ":"
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.count == (colon ? 6 : digits.count + 1),
      digits.count == 4 || digits.count == 2 && !colon, let number = Int(digits)
    else { return nil }
    let (hours, minutes) = digits.count == 4 ? (number / 100, number % 100) : (number, 0)
    guard minutes < 60, hours * 60 + minutes <= 18 * 60 else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}

extension TimeZoneRules: Hashable {
  public static func == (a: TimeZoneRules, b: TimeZoneRules) -> Bool { a.identifier == b.identifier }
  public func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}

/// `+03:30`, rounded down to minutes (local mean times of the 19th century had seconds).
func offsetText(_ seconds: Int) -> String {
  let minutes = abs(seconds) / 60
  return (seconds < 0 ? "-" : "+") + twoDigits(minutes / 60) + ":" + twoDigits(minutes % 60)
}

extension TimeZoneRules {
  /// What calendar and clock on the wall show at `instant`; parts of a second are left out.
  public func civil(of instant: Instant) -> (date: CivilDate, time: CivilTime) {
    let local = Int(instant.seconds) + offset(at: instant)
    return (
      CivilDate(dayNumber: local.flooredDivision(by: CivilTime.secondsInDay)),
      CivilTime(secondsOfDay: local.flooredRemainder(by: CivilTime.secondsInDay))
    )
  }

  /// The instants at which the wall shows this: none in the gap when clocks go forward, two when they go back, in order.
  public func instants(of date: CivilDate, _ time: CivilTime) -> [Instant] {
    let (local, before, after) = surroundings(of: date, time)
    let candidates = before == after ? [local - before] : [local - max(before, after), local - min(before, after)]
    return candidates.map(Instant.init(seconds:)).filter { Int64(offset(at: $0)) == local - $0.seconds }
  }

  /// The instant at which the wall shows this.
  ///
  /// Twice in the night when clocks go back: the first is taken. Never in the gap when they go forward: then the time is
  /// read with the offset before the gap, so it moves forward by its length (00:30 in Tehran on 2021-03-22 is 01:30), as
  /// java.time and JavaScript's Temporal do.
  public func instant(of date: CivilDate, _ time: CivilTime = .midnight) -> Instant {
    let (local, before, _) = surroundings(of: date, time)
    return instants(of: date, time).first ?? Instant(seconds: local - before)
  }

  /// Local seconds, and the offsets a day earlier and later. No zone changes its offset twice in two days.
  private func surroundings(of date: CivilDate, _ time: CivilTime) -> (local: Int64, before: Int64, after: Int64) {
    let local = Int64(date.dayNumber).multipliedSaturating(by: 86_400).addedSaturating(Int64(time.secondsOfDay))
    let day: Int64 = 86_400
    return (
      local, Int64(table.offset(at: local.subtractedSaturating(day))),
      Int64(table.offset(at: local.addedSaturating(day)))
    )
  }
}
