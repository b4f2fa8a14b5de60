/// Integers, decimals, booleans, durations, URLs and money.
extension TypeSpec {
  /// `۱٬۲۳۴`, `1,234`, `12.0`.
  func readInteger(_ reading: Reading) throws(Misreading) -> Value {
    let number = try numberValue(reading)
    guard let integer = number.integer else { throw Misreading("it has a fraction") }
    return .integer(integer)
  }

  /// `12.5`, `۱۲٫۵`, `1,234.5`.
  func readDecimal(_ reading: Reading) throws(Misreading) -> Value { .decimal(try numberValue(reading)) }

  private func numberValue(_ reading: Reading) throws(Misreading) -> DecimalNumber {
    switch reading.value {
    case .integer(let number): return DecimalNumber(units: number)
    case .decimal(let number): return number
    case .text:
      if let text = reading.folded, let number = groupedNumber(text) { return number }
      throw Misreading("it is no number, or one of more digits than 64 bits hold")
    case .json(.number): throw Misreading("the number has more digits than 64 bits hold")
    default: throw Misreading("it is no number")
    }
  }

  private static let yes: Set<String> = ["true", "yes", "on", "1", "بله", "بلی", "آری"]
  private static let no: Set<String> = ["false", "no", "off", "0", "خیر", "نه"]

  /// `true`, `1`, `yes`, `بله` and their opposites; no other number or word.
  func readBoolean(_ reading: Reading) throws(Misreading) -> Value {
    if case .boolean = reading.value { return reading.value }
    let word = foldedForComparing(reading.value.plainText).lowercased()
    if Self.yes.contains(word) { return .boolean(true) }
    if Self.no.contains(word) { return .boolean(false) }
    throw Misreading("it is neither yes nor no")
  }

  /// Numbers, bare ones in text too, are seconds.
  func readDuration(_ reading: Reading) throws(Misreading) -> Value {
    if case .duration = reading.value { return reading.value }
    if let number = try? numberValue(reading) {
      let text = number.text + "s"
      if let duration = DurationText.parse(text) { return .duration(duration) }
      throw Misreading("a duration is from 0 to 10,000 days")
    }
    guard let text = reading.folded, let duration = DurationText.parse(text) else {
      throw Misreading("it is no duration such as 15m, 00:20:00 or ۲۰ دقیقه")
    }
    return .duration(duration)
  }

  /// An absolute http or https URL with a host; relative ones are resolved by who knows the page.
  func readURL(_ reading: Reading) throws(Misreading) -> Value {
    if case .url = reading.value { return reading.value }
    guard case .text(let raw) = reading.value else { throw Misreading("it is no text") }
    let url = trimmed(raw)
    guard url.utf8.count <= 8192 else { throw Misreading("it is longer than 8 KiB") }
    guard !url.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F || $0 == "\\" }) else {
      throw Misreading("it holds white space, a control character or a backslash")
    }
    let lower = url.prefix(8).lowercased()
    guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else {
      throw Misreading("it does not begin with http:// or https://")
    }
    let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    guard !authority.isEmpty, !authority.hasPrefix(":") else { throw Misreading("it has no host") }
    guard !authority.contains("@") else { throw Misreading("it holds a user name") }
    return .url(url)
  }

  /// The unit named in the text, else `unit:`; free of charge needs none.
  func readMoney(_ reading: Reading) throws(Misreading) -> Value {
    if case .money = reading.value { return reading.value }
    let money: MoneyText
    if case .text(let text) = reading.value {
      do { money = try MoneyText(text) } catch { throw Misreading(error.rawValue) }
    } else {
      money = MoneyText(amount: try numberValue(reading), unit: nil)
    }
    let free = money.amount.units == 0 ? MoneyUnit.rial : nil
    guard let unit = money.unit ?? self.unit ?? free else {
      throw Misreading("it names no unit; add 'unit: rial' or 'unit: toman'")
    }
    return .money(money.amount, unit: unit)
  }
}
