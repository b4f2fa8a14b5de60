import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

/// What a strict reader of Telegram's HTML makes of a text: tags it saw, and what is shown.
private struct ShownHTML {
  var tags: [String] = []
  var shown = ""
  var links: [String] = []
  var problem: String?

  init(_ html: String) {
    var rest = Substring(html).unicodeScalars
    var open: [String] = []
    while let scalar = rest.popFirst() {
      if scalar == "<" {
        guard let end = rest.firstIndex(of: ">") else {
          problem = "unclosed tag"
          return
        }
        let tag = String(Substring(rest[..<end]))
        rest = rest[rest.index(after: end)...]
        tags.append(tag)
        if tag.hasPrefix("/") {
          if open.popLast() != String(tag.dropFirst()) { problem = "unmatched \(tag)" }
        } else {
          open.append(String(tag.prefix { $0 != " " }))
          if tag.hasPrefix("a href=\""), tag.hasSuffix("\"") {
            links.append(String(tag.dropFirst(8).dropLast()))
          } else if tag != "b" {
            problem = "tag <\(tag)>"
          }
        }
      } else if scalar == "&" {
        guard let end = rest.firstIndex(of: ";"),
          let character = ["amp": "&", "lt": "<", "gt": ">", "quot": "\""][String(Substring(rest[..<end]))]
        else {
          problem = "bare &"
          return
        }
        shown += character
        rest = rest[rest.index(after: end)...]
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    if !open.isEmpty { problem = "open \(open)" }
  }
}

private func html(_ message: Message, limit: Int? = 4096) -> String {
  TelegramHTMLFormat().render(message, limit: limit).body.plainText
}

struct TelegramHTMLTests {
  @Test func `title bold, lines, link under words`() {
    let text = html(.alert("نوبت خالی: دکتر نمونه", lines: ["شنبه", "یکشنبه"]))
    #expect(
      text
        == "<b>نوبت خالی: دکتر نمونه</b>\nشنبه\nیکشنبه\n<a href=\"https://www.example.com/dr/x/\">باز کردن صفحه</a>")
  }

  @Test(.enabled(if: shared("suites/hostile/text_injection.json") != nil, "needs ../shared/suites/hostile"))
  func `hostile texts come out as data`() throws {
    let suite = try JSON(parsing: try bytes(of: try #require(shared("suites/hostile/text_injection.json"))))
    let cases = try PathSelector("$.telegram_html[*]").select(from: .json(suite))
    #expect(cases.count >= 12)
    for node in cases {
      let input = try #require(try PathSelector("$.in").select(from: node).first?.text)
      let expected = try #require(try PathSelector("$.html_out").select(from: node).first?.text)
      let text = html(.alert("t", lines: [input], link: nil))
      let shown = ShownHTML(text)
      #expect(shown.problem == nil, "\(input.prefix(40))")
      #expect(shown.tags == ["b", "/b"])
      #expect(shown.shown.utf16.count <= 4096)
      guard !expected.hasPrefix("cut"), !expected.hasPrefix("stripped") else { continue }
      #expect(text == "<b>t</b>\n" + (expected.contains("verbatim") ? escaped(input) : expected))
    }
  }

  @Test(.enabled(if: shared("suites/html-injection") != nil, "needs ../shared/suites/html-injection"))
  func `no payload of the injection suite makes a tag or a link`() throws {
    let file = try #require(shared("suites/html-injection/dompurify-payloads.json"))
    let payloads = try PathSelector("$[*].payload").select(from: .json(try JSON(parsing: try bytes(of: file))))
    #expect(payloads.count == 223)
    for payload in payloads.map(\.text) {
      let message = Message.alert(payload, lines: [payload, payload], link: payload)
      for limit in [4096, 200, 33] {
        let shown = ShownHTML(html(message, limit: limit))
        #expect(shown.problem == nil)
        #expect(shown.links.isEmpty)
        #expect(shown.shown.utf16.count <= limit)
      }
    }
  }

  @Test func `only http and https links are links, and quotes end no attribute`() {
    for bad in ["javascript:alert(1)", "tg://user?id=1", "https://a.example/ x", "//a.example", "https://a\u{0}b/"] {
      #expect(ShownHTML(html(.alert(link: bad))).links.isEmpty)
    }
    let shown = ShownHTML(html(.alert(link: "https://a.example/?q=\"><b>&x=1")))
    #expect(shown.links == ["https://a.example/?q=&quot;&gt;&lt;b&gt;&amp;x=1"])
    #expect(shown.problem == nil)
  }

  @Test func `a combining mark after a bracket does not hide it from escaping`() {
    #expect(html(.alert("<\u{301}script>", lines: [], link: nil)) == "<b>&lt;\u{301}script&gt;</b>")
  }

  @Test func `a field can't forge a line or turn the text around`() {
    let text = html(.alert("a\nb\u{2028}c\r\nd", lines: ["\u{202E}evil\u{202C}\u{0}x\ty"], link: nil))
    #expect(text == "<b>a b c d</b>\nevilx y")
  }

  @Test func `whole lines are left out first and counted in the person's language`() {
    let lines = (1...200).map { "line number \($0) with some words" }
    let format = TelegramHTMLFormat()
    for (language, words) in [("en", "more"), ("fa", "مورد دیگر")] {
      let rendered = format.render(.alert("Title", lines: lines, language: language), limit: 400)
      let shown = ShownHTML(rendered.body.plainText)
      #expect(shown.shown.utf16.count <= 400 && shown.shown.utf16.count > 340)
      #expect(rendered.omitted > 150)
      #expect(shown.shown.contains(words))
      let kept = shown.shown.split(separator: "\n").filter { $0.hasPrefix("line number") }
      #expect(kept.count + rendered.omitted == 200)
      #expect(kept.allSatisfy { $0.hasSuffix("words") })
    }
    #expect(format.render(.alert("t", lines: lines), limit: 400).body.plainText.contains("… و ۱"))
  }

  @Test func `limits count what is shown, so tags and entities are free`() {
    let line = String(repeating: "&", count: 4000)
    let rendered = TelegramHTMLFormat().render(.alert("t", lines: [line], link: nil), limit: 4096)
    #expect(rendered.omitted == 0)
    #expect(rendered.body.plainText.contains(String(repeating: "&amp;", count: 4000)))
  }

  @Test func `a long line is cut after a sentence, or a word, and never inside a grapheme`() {
    #expect(cut("One two. Three four five", to: 15) == "One two.…")
    #expect(cut("One two three four", to: 13) == "One two…")
    let family = "👩‍👩‍👧‍👦"
    #expect(cut(String(repeating: family, count: 3), to: 25) == family + family + "…")
    #expect(cut(family, to: 5) == "…")
    for limit in 1...60 {
      let shown = ShownHTML(html(.alert("title", lines: [String(repeating: family, count: 9)]), limit: limit))
      #expect(shown.problem == nil && shown.shown.utf16.count <= limit)
    }
  }

  @Test func `of 10,000 lines as many as fit are shown and the rest is counted`() {
    let message = Message.alert("t", lines: (0..<10_000).map { "line \($0)" })
    let rendered = TelegramHTMLFormat().render(message, limit: 4096)
    #expect(rendered.omitted > 9_000 && rendered.plain.utf16.count <= 4096)
  }

  @Test func `lines that say what went or changed say so`() {
    var message = Message.alert("t", lines: ["a", "b", "c"], link: nil, language: "en")
    message.lines[1].change = .removed
    message.lines[2].change = .updated
    #expect(html(message) == "<b>t</b>\na\nGone: b\nChanged: c")
  }
}
