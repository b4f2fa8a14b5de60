import Language
import Testing

struct KeyTextTests {
  @Test func `texts are equal when their bytes are, whatever they are made of`() {
    let joined = ["نوبت", "۱۴۰۵/۰۹/۱۲", "", "a", String(repeating: "x", count: 40)]
    for text in joined {
      // Not stored in one piece of UTF-8 at first.
      let copy = KeyText(text.reversed().reversed().map(String.init).joined())
      #expect(copy == KeyText(text))
      #expect(copy.hashValue == KeyText(text).hashValue)
      #expect(Set([copy, KeyText(text)]).count == 1)
    }
    // One letter to a reader, two texts to a store.
    let (composed, decomposed) = ("\u{0622}", "\u{0627}\u{0653}")
    #expect(composed == decomposed)
    #expect(KeyText(composed) != KeyText(decomposed))
    #expect(KeyText("a") != KeyText("ab"))
  }
}
