/// A type as documentation shows it.
public struct TypeInfo: Sendable, Hashable {
  public struct Example: Sendable, Hashable {
    public var text: String
    /// What stands beside `as:` for it, as `calendar: jalali`; empty where nothing does.
    public var options: String
    /// The value in Tehran, as text.
    public var value: String
  }

  public var type: ValueType
  /// One line.
  public var summary: String
  public var examples: [Example]
}

extension TypeSpec {
  /// Every type that can stand after `as:`, in the order of documentation; a test reads the examples.
  public static let catalog: [TypeInfo] = [
    TypeInfo(
      type: .text, summary: "Text without the spaces around it.", examples: [example(" دکتر نمونه ", "دکتر نمونه")]),
    TypeInfo(
      type: .integer, summary: "A whole number; digits of every script, thousands set apart or not.",
      examples: [example("۱٬۲۳۴٬۵۶۷", "1234567"), example("12.0", "12")]),
    TypeInfo(
      type: .decimal, summary: "A number without rounding.",
      examples: [example("۱۲٫۵", "12.5"), example("1,234.50", "1234.5")]),
    TypeInfo(
      type: .boolean, summary: "true or false, yes or no, 1 or 0, بله or خیر.",
      examples: [example("بله", "true"), example("0", "false")]),
    TypeInfo(
      type: .instant,
      summary:
        "A day and a time: unix seconds or milliseconds, ISO 8601, or a `format`; on the wall of the site's zone "
        + "where the text names none.",
      examples: [
        example("1791286200", "2026-10-06T11:30:00Z"),
        example("۱۴۰۵/۰۷/۱۴ ۱۵:۰۰", "2026-10-06T11:30:00Z", "calendar: jalali, format: \"yyyy/MM/dd HH:mm\""),
      ]),
    TypeInfo(
      type: .date, summary: "A day.",
      examples: [
        example("2026/10/6", "2026-10-06"),
        example("14 مهر 1405", "2026-10-06", "calendar: jalali, format: \"d MMMM yyyy\""),
      ]),
    TypeInfo(type: .time, summary: "A time of day.", examples: [example("۹:۰۵", "09:05"), example("3 عصر", "15:00")]),
    TypeInfo(
      type: .duration, summary: "A length of time; a number alone is seconds.",
      examples: [example("۱ ساعت و ۳۰ دقیقه", "1h30m"), example("PT15M", "15m")]),
    TypeInfo(
      type: .url, summary: "An absolute http or https address.",
      examples: [example("https://shop.example/item/7", "https://shop.example/item/7")]),
    TypeInfo(
      type: .money, summary: "An amount with its unit, which is `unit` where the text names none.",
      examples: [
        example("۲۵۰ هزار تومان", "250000 toman"), example("۱۲۰۰۰", "12000 rial", "unit: rial"),
        example("رایگان", "0 rial"),
      ]),
  ]

  private static func example(_ text: String, _ value: String, _ options: String = "") -> TypeInfo.Example {
    TypeInfo.Example(text: text, options: options, value: value)
  }
}
