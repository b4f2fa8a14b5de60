import Language
import PluginHost
import Testing

@testable import Notifying

struct ReadableLinkTests {
  @Test(arguments: [
    (
      "https://x.example/dr/%D8%AF%DA%A9%D8%AA%D8%B1-%D9%86%D9%85%D9%88%D9%86%D9%87/",
      "https://x.example/dr/دکتر-نمونه/"
    ),
    ("https://x.example/a%20b%2Fc?d=%26", "https://x.example/a%20b%2Fc?d=%26"),
    ("https://x.example/%D8", "https://x.example/%D8"), ("https://x.example/%", "https://x.example/%"),
    ("https://x.example/%E2%80%AEgnp", "https://x.example/%E2%80%AEgnp"),
    ("https://x.example/%E2%80%A8x", "https://x.example/%E2%80%A8x"), ("", ""),
  ]) func `letters are written out, everything else stays encoded`(link: String, readable: String) {
    #expect(readableLink(link) == readable)
  }

  @Test func `an SMS spends its parts on slots, not on escapes`() {
    let lines = (1...3).map { Message.Line(change: .added, text: "سه‌شنبه ۱۴ مهر ساعت ۱۵:\($0)۰، مطب دکتر نمونه") }
    let message = Message(
      kind: .alert, site: "s", watch: "w", language: "fa", title: "نوبت خالی: دکتر نمونه", lines: lines,
      link: "https://x.example/dr/%D8%AF%DA%A9%D8%AA%D8%B1-%D9%86%D9%85%D9%88%D9%86%D9%87/", at: Instant(seconds: 0))
    let text = SMSFormat().render(message, limit: nil)
    #expect(text.omitted == 0)
    #expect(text.plain.hasSuffix("https://x.example/dr/دکتر-نمونه/"))
  }
}
