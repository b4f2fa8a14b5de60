import Testing
import TestSupport

@testable import Extractors

/// The survey in blocks says what the standard library says byte by byte.
struct ByteSurveyTests {
  private func survey(_ bytes: [UInt8]) -> ByteSurvey { bytes.withUnsafeBufferPointer { ByteSurvey($0) } }

  private func isUTF8(_ bytes: [UInt8]) -> Bool { (try? UTF8Span(validating: bytes.span)) != nil }

  private func hasOddCharacters(_ text: String) -> Bool {
    text.unicodeScalars.contains {
      ($0.value < 0x20 && ![9, 10, 13].contains($0.value)) || $0.value == 0xFFFE || $0.value == 0xFFFF
    }
  }

  /// Every sequence of two bytes, and of three and four with the bytes that decide, at every place of a block and its end.
  @Test func `every short sequence is UTF-8 or not at every place`() {
    let marks: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF,
    ]
    var sequences: [[UInt8]] = []
    for first in UInt8.min...UInt8.max where first >= 0x7F {
      for second in marks { sequences.append([first, second]) }
    }
    for first in [0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4] as [UInt8] {
      for second in marks { for third in marks { sequences.append([first, second, third]) } }
    }
    for first in [0xF0, 0xF1, 0xF4] as [UInt8] {
      for second in [0x80, 0x8F, 0x90, 0xBF, 0x41] as [UInt8] {
        for third in [0x80, 0xBF, 0x41] as [UInt8] {
          for last in marks { sequences.append([first, second, third, last]) }
        }
      }
    }
    var wrong: [[UInt8]] = []
    for sequence in sequences {
      for place in [0, 1, 11, 12, 13, 14, 15, 16, 17, 29, 31] {
        for rest in [0, 1, 20] {
          let page = [UInt8](repeating: 0x61, count: place) + sequence + [UInt8](repeating: 0x62, count: rest)
          if survey(page).isUTF8 != isUTF8(page) { wrong.append(page) }
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }

  @Test func `random texts and random breaks of them are judged as by the standard library`() {
    let seed: UInt64 = 1405
    var draw = PageDraw(seed: seed)
    let scalars: [Unicode.Scalar] = [
      "a", " ", "د", "\u{200C}", "é", "€", "😀", "\n", "\u{FFFD}", "\u{10FFFF}", "\u{D7FF}", "\u{FFFE}", "\u{B}",
    ]
    for number in 0..<4000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<draw(60) { text.append(draw.one(of: Array(scalars.prefix(draw.percent(20) ? scalars.count : 11)))) }
      var page = Array(String(text).utf8)
      if draw.percent(50), !page.isEmpty { page[draw(page.count)] = UInt8(truncatingIfNeeded: draw.next()) }
      let survey = survey(page)
      #expect(survey.isUTF8 == isUTF8(page), "seed \(seed), text \(number)")
      if survey.isUTF8 {
        #expect(
          survey.hasOddCharacters == hasOddCharacters(String(decoding: page, as: UTF8.self)),
          "seed \(seed), text \(number)")
      }
    }
  }
}
