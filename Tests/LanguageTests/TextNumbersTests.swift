import TestSupport
import Testing

@testable import Language

struct TextNumbersTests {
  /// Both ways to write some letters, marks alone, marks in both orders, other signs for the same letter, and letters of
  /// which there is one.
  private static let parts = [
    "a", "e", "K", "\u{212A}", ";", "\u{37E}", "é", "e\u{301}", "\u{301}", "\u{327}", "آ", "ا\u{653}", "ا", "\u{653}",
    "ئ", "ي\u{654}", "ي", "ک", "ك", "۱", "۲", "١", "٬", "\u{1F}", "\u{200C}", "\u{2000}", "\u{2002}", "가",
    "\u{1100}\u{1161}",
    "Å", "\u{212B}", "A\u{30A}", "中", "\u{F900}", "豈", "e\u{301}\u{327}", "e\u{327}\u{301}", "が", "か\u{3099}", "👨‍👩‍👧", "",
  ]

  @Test func `the same letters have one number, whatever their bytes, as in a dictionary`() {
    var random = SplitMix(seed: 41)
    for round in 0..<3000 {
      // Most rounds know a few parts only, so that all kinds of plain and other texts meet.
      let parts = (0..<(1 + random.next(below: 6))).map { _ in random.one(of: Self.parts) }
      var numbers = TextNumbers(expecting: random.next(below: 3) * 20)
      var known: [String: Int] = [:]
      for _ in 0..<40 {
        let text = (0..<random.next(below: 5)).map { _ in random.one(of: parts) }.joined()
        let expected = known[text] ?? known.count
        known[text] = expected
        #expect(numbers.number(of: text) == expected, "seed 41, round \(round)")
      }
      #expect(numbers.count == known.count)
    }
  }

  @Test func `many texts of any length keep their numbers`() {
    let texts = (0..<5000).map { "\($0)\u{1F}" + String(repeating: "۱", count: $0 % 40) }
    var numbers = TextNumbers()
    for round in 0..<2 {
      #expect(texts.map { numbers.number(of: $0) } == Array(texts.indices), "round \(round)")
    }
    // One that is not plain changes none of them.
    #expect(numbers.number(of: "e\u{301}") == 5000)
    #expect(numbers.number(of: "é") == 5000)
    #expect(texts.map { numbers.number(of: $0) } == Array(texts.indices))
  }

  @Test func `what counts as plain is written in one way and joins nothing`() {
    var count = 0
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value), PlainText.hash(String(scalar)) != nil else { continue }
      count += 1
      let properties = scalar.properties
      #expect(properties.canonicalCombiningClass == .notReordered, "\(scalar.escaped(asASCII: true))")
      // Unicode's name for what is never part of a text in its normal form.
      #expect(!properties.isFullCompositionExclusion, "\(scalar.escaped(asASCII: true))")
      #expect(!properties.isGraphemeExtend || value == 0x200C, "\(scalar.escaped(asASCII: true))")
    }
    // Digits and letters of the keys that are met most, at least.
    #expect(count > 20_000)
    for text in ["1405/10/20\u{1F}12:15\u{1F}۴۲۰٬۰۰۰", "دکتر نمونه", "می\u{200C}شود", "آقای مؤمن", "Zürich", "北京"] {
      #expect(PlainText.hash(text) != nil, "\(text)")
    }
  }
}
