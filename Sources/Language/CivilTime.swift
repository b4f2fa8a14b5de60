/// A day of the proleptic Gregorian calendar, without a place.
public struct CivilDate: Sendable, Hashable, Comparable {
  public var year: Int
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int

  public init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  public static func < (a: CivilDate, b: CivilDate) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }
}

/// A time of day, without a place: 00:00:00 to 23:59:59.
public struct CivilTime: Sendable, Hashable, Comparable {
  /// 0 to 86,399.
  public var secondsOfDay: Int

  public init(secondsOfDay: Int) { self.secondsOfDay = secondsOfDay }
  public init(hour: Int, minute: Int, second: Int = 0) { secondsOfDay = hour * 3600 + minute * 60 + second }

  public var hour: Int { secondsOfDay / 3600 }
  public var minute: Int { secondsOfDay / 60 % 60 }
  public var second: Int { secondsOfDay % 60 }

  public static func < (a: CivilTime, b: CivilTime) -> Bool { a.secondsOfDay < b.secondsOfDay }
}
