extension FilterKind {
  static let numberFilters: [FilterKind] = [
    FilterKind(
      "number", 0...0, "number", "groups of three digits, in the reader's digits",
      make: { _ in { value, context in number(of: value).map { .text(grouped($0, context)) } ?? value } }),
    FilterKind(
      "toman", 0...0, "toman", "an amount in toman with its unit; a bare number counts as toman",
      make: { _ in { value, context in amount(value, in: .toman, context) } }),
    FilterKind(
      "rial", 0...0, "rial", "an amount in rial with its unit; a bare number counts as rial",
      make: { _ in { value, context in amount(value, in: .rial, context) } }),
    FilterKind(
      "digits", 1...1, "digits: 'en'", "digits as Persian ('fa') or ASCII ('en') ones",
      make: { (arguments) throws(SyntaxError) in
        switch arguments.first {
        case "fa": return { value, _ in value.mappingText(persianDigits) }
        case "en": return { value, _ in value.mappingText(foldDigits) }
        default:
          throw SyntaxError(
            "'\(arguments.first ?? "")' names no digits", offset: 0, help: "digits: 'fa' or digits: 'en'")
        }
      }),
  ]

  private static func number(of value: Value) -> DecimalNumber? {
    switch value {
    case .integer(let number): DecimalNumber(units: number)
    case .decimal(let number), .money(let number, _): number
    case .text(let text): groupedNumber(foldDigits(trimmed(text)))
    default: nil
    }
  }

  private static func grouped(_ number: DecimalNumber, _ context: RenderContext) -> String {
    guard context.language == "fa" else { return number.grouped }
    return persianDigits(number.grouped).replacing(",", with: "٬").replacing(".", with: "٫")
  }

  private static func amount(_ value: Value, in unit: MoneyUnit, _ context: RenderContext) -> Value {
    // Money keeps its own unit; anything else is read as a page would write it.
    let typed = try? TypeSpec(.money, unit: unit).convert(value, context)
    guard case .money(let number, let given)? = typed, let converted = convert(number, from: given, to: unit) else {
      return value
    }
    return .text(grouped(converted, context) + " " + unit.name(in: context.language))
  }

  private static func convert(_ number: DecimalNumber, from: MoneyUnit, to: MoneyUnit) -> DecimalNumber? {
    switch (from, to) {
    case (.toman, .rial): number.multiplied(by: 10)
    case (.rial, .toman): number.tenth
    default: number
    }
  }
}
