import Language
import TestSupport
import Testing

struct TextFoldingTests {
  @Test(arguments: [
    ("۱۲۳۴۵۶۷۸۹۰", "1234567890"), ("٠١٢٣٤٥٦٧٨٩", "0123456789"), ("ريال", "ریال"), ("كتاب", "کتاب"),
    ("مصطفى", "مصطفی"), ("فاطمة", "فاطمه"), ("أحمد إسلام ٱلله", "احمد اسلام الله"), ("مؤمن", "مومن"),
    ("خانۀ ما", "خانه ما"), ("مسئول", "مسیول"), ("آذرمِه", "آذرمه"), ("بهـــار", "بهار"), ("سه\u{200C}شنبه", "سه شنبه"),
    ("\u{FEFF}\u{200F}دکتر\u{00A0}\u{00A0} رضایی\u{200E} ", "دکتر رضایی"), ("  a \n\t b  ", "a b"), ("", ""),
    ("   ", ""),
    ("\u{2067}متن\u{2069}", "متن"), ("Plain-Text_1", "Plain-Text_1"), ("ABC", "ABC"),
  ])
  func `one spelling for what readers take for the same`(_ text: String, _ folded: String) {
    #expect(Array(foldedForComparing(text).unicodeScalars) == Array(folded.unicodeScalars))
  }

  @Test func `composed and decomposed letters fold alike`() {
    for (composed, decomposed) in [("ئ", "ی\u{0654}"), ("ؤ", "و\u{0654}"), ("أ", "ا\u{0654}"), ("ۀ", "ە\u{0654}")] {
      #expect(foldedForComparing(composed) == foldedForComparing(decomposed))
    }
  }

  @Test func `folding what is folded changes nothing`() {
    var random = SplitMix(seed: 1)
    for _ in 0..<2000 {
      let text = random.text(upTo: 20)
      let once = foldedForComparing(text)
      #expect(foldedForComparing(once) == once, "\(text.debugDescription)")
    }
  }

  @Test func `digits alone are folded where letters must stay`() {
    #expect(foldDigits("كد ۱۲٣\u{200C}") == "كد 123\u{200C}")
    #expect(persianDigits("15:30") == "۱۵:۳۰")
  }

  @Test func `trimming keeps what is inside and joins nothing`() {
    #expect(trimmed("\u{00A0} \u{200F}دکتر  رضایی\n") == "دکتر  رضایی")
    #expect(trimmed(" \u{FEFF} ") == "")
  }

  @Test func `what is taken for trimmed at a glance is what trimming leaves`() {
    var taken = 0
    for value in UInt32(0)...0xFFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      for text in ["\(scalar)", "\(scalar)x", "x\(scalar)", "\(scalar)\(scalar)"] {
        guard Array(text.utf8).withUnsafeBufferPointer(isTrimmed) else { continue }
        taken += 1
        // The space before it has it trimmed letter by letter.
        #expect(trimmed(" " + text).unicodeScalars.elementsEqual(text.unicodeScalars), "U+\(String(value, radix: 16))")
      }
    }
    #expect(taken > 4 * 200)
    for usual in ["۲۵۰٬۰۰۰", "دکتر رضایی", "1405/09/11", "(+98)", "ۀ", ""] {
      #expect(Array(usual.utf8).withUnsafeBufferPointer(isTrimmed), "\(usual)")
    }
  }
}
