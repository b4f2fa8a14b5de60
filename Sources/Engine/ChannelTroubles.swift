import Language
import Notifying
import PluginHost
import Storage

/// What is wrong with a channel, as the store knows it, in words for maintainers. Pure.
public enum ChannelTroubles {
  /// As many faults in a row open the channel's breaker; fewer are a blip.
  public static let faults = 5
  /// A channel that answers nothing for so long is worth a word: found by judgement, most alerts are useful for 15 min.
  static let patience = Duration.seconds(600)

  /// Every kind of incident that is made here, before the `|` of its key.
  static let kinds: Set<String> = ["misconfigured", "paused", "unreachable", "budget"]

  static func trouble(
    _ channel: String, health: ChannelHealth?, report: ChannelReport, now: Instant
  ) -> Trouble? {
    switch health?.state {
    case .misconfigured: return misconfigured(channel, health)
    case .paused where health?.until.map { $0 > now } ?? true:
      return health?.reason == NotifyReason.overBudget.rawValue
        ? budgetSpent(channel, until: health?.until) : paused(channel, health)
    default: break
    }
    guard report.faultsInARow >= faults, let since = report.faultySince, now - since >= patience else { return nil }
    return unreachable(channel, report, since)
  }

  /// Whether what was opened is over: a channel that was stopped for its setup is only proven by a delivery.
  static func isOver(_ key: String, openedAt: Instant, report: ChannelReport) -> Bool {
    if key.hasPrefix("unreachable|") { return report.faultsInARow == 0 }
    return report.lastSuccess.map { $0 > openedAt } ?? false
  }

  static func ending(_ key: String) -> (title: Trouble.Words, channel: String)? {
    let parts = key.split(separator: "|", maxSplits: 1).map(String.init)
    guard parts.count == 2, kinds.contains(parts[0]) else { return nil }
    return (
      Trouble.Words(english: "channel \(parts[1]): works again", persian: "کانال \(parts[1]): دوباره کار می‌کند"),
      parts[1]
    )
  }

  /// The operator's own limit, not the provider's: a pause with another cure.
  private static func budgetSpent(_ channel: String, until: Instant?) -> Trouble {
    let end = until.map { Value.instant($0).plainText } ?? "?"
    return trouble(
      "budget", channel,
      Trouble.Words(
        english: "channel \(channel): its budget of the day is used up",
        persian: "کانال \(channel): سهم امروز تمام شد"),
      reason: nil, words: nil,
      Trouble.Words(
        english: "what waits is kept until \(end) and sent where it is still of use",
        persian: "پیام‌ها تا \(end) نگه داشته می‌شوند"))
  }

  private static func misconfigured(_ channel: String, _ health: ChannelHealth?) -> Trouble {
    trouble(
      "misconfigured", channel,
      Trouble.Words(
        english: "channel \(channel) is set up wrongly: nothing is sent there",
        persian: "تنظیم کانال \(channel) درست نیست: چیزی فرستاده نمی‌شود"),
      reason: health?.reason, words: health?.detail,
      Trouble.Words(
        english: "what waits is kept and goes out when its settings have changed (edit, save; no restart)",
        persian: "پیام‌ها نگه داشته می‌شوند و پس از اصلاح تنظیمات فرستاده می‌شوند"))
  }

  private static func paused(_ channel: String, _ health: ChannelHealth?) -> Trouble {
    trouble(
      "paused", channel,
      Trouble.Words(
        english: "channel \(channel) can't send now", persian: "کانال \(channel) اکنون نمی‌تواند بفرستد"),
      reason: health?.reason, words: health?.detail,
      Trouble.Words(
        english: "what waits is kept; it is tried again by itself",
        persian: "پیام‌ها نگه داشته می‌شوند و فرستادن خودبه‌خود دوباره امتحان می‌شود"))
  }

  private static func unreachable(_ channel: String, _ report: ChannelReport, _ since: Instant) -> Trouble {
    trouble(
      "unreachable", channel,
      Trouble.Words(
        english: "channel \(channel) does not answer since \(Value.instant(since).plainText)",
        persian: "کانال \(channel) از \(Value.instant(since).plainText) پاسخ نمی‌دهد"),
      reason: report.lastFailure?.reason, words: report.lastFailure?.detail,
      Trouble.Words(
        english: "what waits is kept and tried again; what is of no use any more expires and is listed",
        persian: "پیام‌ها نگه داشته و دوباره امتحان می‌شوند؛ آنچه دیگر به کار نیاید منقضی می‌شود و در فهرست می‌ماند"))
  }

  private static func trouble(
    _ kind: String, _ channel: String, _ title: Trouble.Words, reason: String?, words: String?, _ effect: Trouble.Words
  ) -> Trouble {
    var lines: [Trouble.Words] = []
    if let reason { lines.append(Trouble.Words(english: "why: \(reason)", persian: "دلیل: \(reason)")) }
    if let words { lines.append(Trouble.Words(english: "it says: \(words)", persian: "پاسخ: \(words)")) }
    lines.append(effect)
    lines.append(Trouble.Words("slothunter outbox list --channel \(channel)"))
    let key = "\(kind)|\(channel)"
    return Trouble(
      key: key, channel: channel, title: title, lines: lines,
      ending: ending(key)?.title ?? Trouble.Words("\(channel): ok"))
  }
}
