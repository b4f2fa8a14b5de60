/// Iran's two units; 1 toman is 10 rial. Values of different units compare after conversion.
public enum MoneyUnit: String, Sendable, Hashable, CaseIterable { case rial, toman }

extension MoneyUnit {
  /// The unit a word names, after folding and in lower case.
  init?(word: some StringProtocol) {
    switch word {
    case "rial", "rials", "irr", "ریال", "﷼": self = .rial
    case "toman", "tomans", "irt", "تومان", "تومن": self = .toman
    default: return nil
    }
  }

  func name(in language: String) -> String {
    switch (self, language) {
    case (.rial, "fa"): "ریال"
    case (.toman, "fa"): "تومان"
    default: rawValue
    }
  }
}

/// An amount as pages write it: `۲۵۰٬۰۰۰ تومان`, `1,200,000 ريال`, `۲۵۰ هزار تومان`, `رایگان`.
struct MoneyText {
  var amount: DecimalNumber
  /// As the text says; nil where it names none.
  var unit: MoneyUnit?

  enum Problem: String, Error {
    case noNumber = "there is no amount in it"
    case severalNumbers = "there is more than one number in it"
    case severalUnits = "it names two units"
    case unknownWord = "it holds a word that is no unit"
    case tooLarge = "the amount is too large"
  }

  private static let freeWords: Set<String> = ["رایگان", "مجانی", "free"]
  private static let multipliers: [String: Int64] = ["هزار": 1000, "میلیون": 1_000_000, "میلیارد": 1_000_000_000]

  init(_ text: String) throws(Problem) {
    let words = Self.words(of: foldedForComparing(text).lowercased())
    if words.count == 1, Self.freeWords.contains(words[0]) {
      self.init(amount: DecimalNumber(units: 0), unit: nil)
      return
    }
    var amount: DecimalNumber?
    var unit: MoneyUnit?
    for word in words {
      if let number = groupedNumber(word, dots: true) {
        guard amount == nil else { throw .severalNumbers }
        amount = number
      } else if let factor = Self.multipliers[word], let sofar = amount {
        guard let product = sofar.multiplied(by: factor) else { throw .tooLarge }
        amount = product
      } else if let named = MoneyUnit(word: word) {
        guard unit == nil || unit == named else { throw .severalUnits }
        unit = named
      } else {
        throw amount == nil && unit == nil && !word.contains(where: \.isNumber) ? .noNumber : .unknownWord
      }
    }
    guard let amount else { throw .noNumber }
    self.init(amount: amount, unit: unit)
  }

  init(amount: DecimalNumber, unit: MoneyUnit?) {
    self.amount = amount
    self.unit = unit
  }

  /// Split at spaces, and where a digit meets a letter (`250000تومان`).
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var kind: Bool?
    for character in text {
      if character == " " {
        kind = nil
        continue
      }
      let isNumeric = character.isNumber || "+-−.,٬،٫".contains(character)
      if kind == isNumeric { words[words.count - 1].append(character) } else { words.append(String(character)) }
      kind = isNumeric
    }
    return words
  }
}

/// A number with or without groups of three: `1,234,567`, `1٬234`, `12٫5`, `-3`; Persian keyboards also group by their
/// comma, `1،234`. Digits are ASCII by now.
///
/// - Parameter dots: Whether points may group, as in `1.200.000`, and `250.000` is a quarter of a million: prices have no
///   thousandths.
func groupedNumber(_ text: String, dots: Bool = false) -> DecimalNumber? {
  var plain = text.replacing("٫", with: ".").replacing("٬", with: ",").replacing("،", with: ",")
    .replacing("−", with: "-")
  if dots, !plain.contains(","), isGrouped(plain, by: ".") { plain = plain.replacing(".", with: ",") }
  guard plain.contains(",") else { return DecimalNumber(plain) }
  let whole = plain.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard isGrouped(String(whole[0]), by: ",") else { return nil }
  return DecimalNumber(plain.replacing(",", with: ""))
}

private func isGrouped(_ text: String, by separator: Character) -> Bool {
  let groups = text.drop { "+-".contains($0) }.split(separator: separator, omittingEmptySubsequences: false)
  return groups.count > 1 && (1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 }
    && groups.joined().allSatisfy { $0.isASCII && $0.isNumber }
}
