import Diagnostics
import Language

/// Names of time zones that people mean when they mistype one.
enum ZoneNames {
  /// Those of the sites this is made for and of their neighbours, and the best known ones: to list all 600 helps nobody.
  static let known = [
    "Asia/Tehran", "UTC", "Asia/Kabul", "Asia/Baghdad", "Asia/Dubai", "Asia/Istanbul", "Europe/Istanbul", "Asia/Baku",
    "Asia/Yerevan", "Asia/Karachi", "Asia/Kolkata", "Asia/Qatar", "Asia/Riyadh", "Asia/Tashkent", "Asia/Tokyo",
    "Asia/Shanghai", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Vienna", "Europe/Moscow",
    "America/New_York", "America/Toronto", "America/Los_Angeles", "Australia/Sydney",
  ]

  private static let meant = [
    "IRST": "Asia/Tehran", "IRDT": "Asia/Tehran", "TEHRAN": "Asia/Tehran", "IRAN": "Asia/Tehran", "GMT": "UTC",
  ]

  static func help(for text: String) -> String {
    guard let guess = meant[text.uppercased()] ?? didYouMean(text, among: known) else {
      return "write an IANA name such as Asia/Tehran, UTC, or a difference such as +03:30"
    }
    return "did you mean '\(guess)'? write an IANA name such as Asia/Tehran, or UTC"
  }
}
