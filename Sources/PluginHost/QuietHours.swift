import Language

/// Hours of each day in which somebody wants to hear nothing, on the wall of a zone; over midnight where `from` > `to`.
/// One rule for whoever plans a delivery and whoever is about to send it.
public struct QuietHours: Sendable, Hashable {
  public var from: CivilTime
  public var to: CivilTime
  public var zone: TimeZoneRules

  public init(from: CivilTime, to: CivilTime, zone: TimeZoneRules) {
    self.from = from
    self.to = to
    self.zone = zone
  }

  public init(_ quiet: Subscription.ClosedQuiet, zone: TimeZoneRules) {
    self.init(from: quiet.from, to: quiet.to, zone: zone)
  }

  /// When the quiet hours that `now` lies in end; nil outside them.
  public func end(at now: Instant) -> Instant? {
    guard from != to else { return nil }
    let (date, time) = zone.civil(of: now)
    guard from < to ? (from..<to).contains(time) : time >= from || time < to else { return nil }
    let end = zone.instant(of: time < to ? date : date.adding(days: 1), to)
    // The clock on the wall shows the end twice where it goes back: the second time is the end then.
    return end > now ? end : zone.instants(of: zone.civil(of: now).date, to).last { $0 > now }
  }

  /// `82800-25200 Asia/Tehran`: seconds of the day, as a delivery keeps it.
  public var text: String { "\(from.secondsOfDay)-\(to.secondsOfDay) \(zone.identifier)" }

  /// nil for what ``text`` never gives, and for a zone this machine does not know.
  public init?(text: String) {
    let parts = text.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let zone = TimeZoneRules(identifier: String(parts[1])) else { return nil }
    let hours = parts[0].split(separator: "-").compactMap { Int($0) }
    guard hours.count == 2, hours.allSatisfy((0..<86_400).contains) else { return nil }
    self.init(
      from: CivilTime(secondsOfDay: hours[0]), to: CivilTime(secondsOfDay: hours[1]), zone: zone)
  }
}
