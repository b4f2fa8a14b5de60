import Language
import PluginHost

/// The few words that layouts add to a message, in the person's language. Persian is the default.
enum Wording {
  static func omitted(_ count: Int, _ language: String) -> String {
    language == "en" ? "… and \(count) more" : "… و \(persianDigits(count)) مورد دیگر"
  }

  /// What stands before a line that is not about something new.
  static func prefix(_ change: Change.Kind?, _ language: String) -> String {
    switch change {
    case .removed: language == "en" ? "Gone: " : "دیگر نیست: "
    case .updated: language == "en" ? "Changed: " : "تغییر کرد: "
    case .added, nil: ""
    }
  }

  static func linkLabel(_ language: String) -> String { language == "en" ? "Open the page" : "باز کردن صفحه" }

  static func persianDigits(_ number: Int) -> String {
    String(
      String.UnicodeScalarView(
        String(number).unicodeScalars.map { digit in
          // U+06F0 is Persian zero.
          ("0"..."9").contains(digit) ? Unicode.Scalar(digit.value - 0x30 + 0x6F0) ?? digit : digit
        }))
  }
}
