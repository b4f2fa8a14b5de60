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

extension CivilTime {
  public static let midnight = CivilTime(secondsOfDay: 0)
  static let secondsInDay = 86_400

  /// nil for numbers that no clock shows; 24:00 and leap seconds are none.
  public init?(validHour hour: Int, minute: Int, second: Int = 0) {
    guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
    self.init(hour: hour, minute: minute, second: second)
  }

  /// `09:05`, and `09:05:30` where there are seconds.
  public var text: String {
    let short = twoDigits(hour) + ":" + twoDigits(minute)
    return second == 0 ? short : short + ":" + twoDigits(second)
  }
}

/// At least two digits, `07`; negative numbers keep their sign before them.
func twoDigits(_ number: Int) -> String { padded(number, to: 2) }

/// Leading zeros up to `width` digits.
func padded(_ number: Int, to width: Int) -> String {
  let digits = String(number.magnitude)
  let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
  return (number < 0 ? "-" : "") + zeros + digits
}
