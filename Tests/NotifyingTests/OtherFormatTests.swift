import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

struct OtherFormatTests {
  @Test func `every format keeps its limit, says what it left out and is well formed`() throws {
    let lines = (0..<300).map { "شنبه \($0) ساعت ۹:۳۰، درمانگاه <نمونه> & \"دیگر\" 👩‍👩‍👧‍👦" }
    for format in Notifiers.catalog.formats {
      #expect(!type(of: format).summary.isEmpty && !type(of: format).lengthUnit.isEmpty)
      for limit in [300, 500, 1300, 4096] {
        let rendered = format.render(.alert(lines: lines), limit: limit)
        let isObject = type(of: format).kind == "json"
        let text = rendered.body.plainText
        #expect((isObject ? text.utf8.count : rendered.plain.utf16.count) <= limit, "\(type(of: format).kind) \(limit)")
        #expect(rendered.omitted > 0)
      }
    }
  }

  @Test func `plain text holds title, lines and the address`() {
    let text = TextFormat().render(.alert("Title", lines: ["a < b"], language: "en"), limit: nil).body
    #expect(text == .text("Title\na < b\nhttps://www.example.com/dr/x/"))
  }

  @Test func `an SMS stays within four parts, its link counted`() {
    let rendered = SMSFormat().render(.alert(lines: (0..<40).map { "شنبه \($0) مهر ساعت ۹:۳۰" }), limit: nil)
    let parts = SMSParts.count(rendered.plain)
    #expect(parts.encoding == .ucs2 && parts.parts == 4 && parts.units <= 268)
    #expect(rendered.plain.hasSuffix("https://www.example.com/dr/x/"))
  }

  @Test(.enabled(if: shared("suites/hostile/sms.json") != nil, "needs ../shared/suites/hostile"))
  func `parts are counted as operators count them`() throws {
    let suite = try JSON(parsing: try bytes(of: try #require(shared("suites/hostile/sms.json"))))
    let cases = try PathSelector("$.length[*]").select(from: .json(suite))
    #expect(cases.count == 5)
    for node in cases {
      let text = try #require(try PathSelector("$.text").select(from: node).first?.text)
      let parts = try #require(try PathSelector("$.parts").select(from: node).first?.text)
      #expect(String(SMSParts.count(text).parts) == parts)
    }
  }

  @Test func `parts at every border`() {
    #expect(SMSParts.count("") == SMSParts(encoding: .gsm7, units: 0, parts: 1))
    #expect(SMSParts.count("سلام\u{200C}۱") == SMSParts(encoding: .ucs2, units: 6, parts: 1))
    #expect(SMSParts.count("😀") == SMSParts(encoding: .ucs2, units: 2, parts: 1))
    #expect(SMSParts.count("a{€") == SMSParts(encoding: .gsm7, units: 5, parts: 1))
    for (units, parts) in [(70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4), (268, 4), (269, 5)] {
      #expect(SMSParts.count(String(repeating: "ا", count: units)).parts == parts)
    }
    for (units, parts) in [(160, 1), (161, 2), (306, 2), (307, 3)] {
      #expect(SMSParts.count(String(repeating: "a", count: units)).parts == parts)
    }
  }

  @Test func `the JSON object has type, timestamp and data`() throws {
    var message = Message.alert(lines: ["a", "b"])
    message.lines[0].item = .object(JSONObject([("start", .string("2026-10-06T09:30:00+03:30"))]))
    let body = Notifying.JSONFormat().render(message, limit: nil).body
    guard case .json(let json) = body else {
      Issue.record("not an object")
      return
    }
    for (path, expected) in [
      ("$.type", "slot.alert"), ("$.timestamp", "2026-10-05T20:30:00Z"), ("$.data.site", "paziresh24"),
      ("$.data.changes[0].change", "added"), ("$.data.changes[0].item.start", "2026-10-06T09:30:00+03:30"),
      ("$.data.changes[1].text", "b"), ("$.data.changes[1].key", "k1"), ("$.data.omitted", "0"),
      ("$.data.link", "https://www.example.com/dr/x/"),
    ] {
      #expect(try PathSelector(path).select(from: .json(json)).first?.text == expected, "\(path)")
    }
  }

  @Test func `the test message shows one example of each change, in both languages`() {
    for language in ["fa", "en"] {
      let message = Message.test(language: language, at: Instant(seconds: 0))
      #expect(message.kind == .test && Set(message.lines.compactMap(\.change)) == Set(Change.Kind.allCases))
    }
  }
}
