import Language
import PluginHost
import Testing

@testable import CLI

/// What may be in no recording. Every person and number here is invented.
struct ScrubbingTests {
  private static let now = Instant(seconds: 1_791_264_900)

  private func finds(_ text: String) -> [PersonalData.Find] { PersonalData.finds(in: text, now: ScrubbingTests.now) }

  @Test(arguments: [
    "09123456789", "+989123456789", "00989123456789", "989123456789", "9123456789", "0912 345 6789", "0912-345-67-89",
    "+98 912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "٠٩١٢٣٤٥٦٧٨٩", "+۹۸۹۱۲۳۴۵۶۷۸۹",
  ])
  func `an Iranian mobile is found however it is written, and all ways are one number`(number: String) {
    for text in [number, "تلفن: \(number).", "{\"phone\":\"\(number)\"}", "tel:\(number)\""] {
      let found = finds(text)
      #expect(found.map(\.kind) == [.phone], "\(text)")
      #expect(found.first?.text == number && found.first?.identity == "9123456789", "\(text)")
    }
  }

  @Test(arguments: ["021-12345678", "02112345678", "(021) 12345678"]) func `an office's number is one too`(text: String)
  {
    #expect(finds(text).map(\.identity) == ["2112345678"])
  }

  @Test(arguments: [
    "1791262800", "\"1791286200\": 0", "2026-10-06T15:00:00", "5b9b-5fd4-bc69-125ee40f6a74", "1791262800000",
    "1٬234٬000",
    "13900000005", "3.14159265358", "version 10.20.30.40",
  ])
  func `times, ids and prices are nobody's`(text: String) {
    #expect(finds(text).isEmpty, "\(finds(text))")
  }

  @Test func `a national id is known by its check digit, and a time by its day`() {
    #expect(PersonalData.isNationalID("0076229645") && !PersonalData.isNationalID("0076229646"))
    #expect(finds("کد ملی 0076229645").map(\.kind) == [.nationalID])
    #expect(finds("۰۰۷۶۲۲۹۶۴۵").map(\.identity) == ["0076229645"])
    #expect(finds("1111111111").isEmpty)
  }

  @Test func `e-mail addresses are found, and what only looks like one is not`() {
    #expect(finds("mail to info.n@clinic.example, please").map(\.text) == ["info.n@clinic.example"])
    #expect(finds("@media (x) { a: b@c }").isEmpty)
  }

  @Test func `tokens are found by the name they stand under`() {
    let text = """
      <a href="/x?token=abcdef123456&page=2"> {"access_token": "Zyx987654", "key": "services", "title":"token"}
      <input name="csrf_token" value="q1w2e3r4t5"> Bearer aaaabbbbcccc
      """
    #expect(Set(Tokens.finds(in: text)) == ["abcdef123456", "Zyx987654", "q1w2e3r4t5", "aaaabbbbcccc"])
  }

  @Test func `stand-ins have the shape of what they stand for, and are nobody's`() {
    #expect(StandIn.phone("0912 345 67 89", 1) == "0900 000 00 01")
    #expect(StandIn.phone("+۹۸۹۱۲۳۴۵۶۷۸۹", 2) == "+۹۸۹۰۰۰۰۰۰۰۰۲")
    let id = StandIn.nationalID("0076229645", 1)
    #expect(id.count == 10 && !PersonalData.isNationalID(id))
    for word in ["رضایی", "Ahmadi", "x7Y"] {
      let other = StandIn.word(word, 3)
      #expect(other.count == word.count && other != word)
      #expect(zip(word, other).allSatisfy { $0.isLetter == $1.isLetter && $0.isUppercase == $1.isUppercase })
    }
    #expect(StandIn.token("abc-DEF-123456", 1).count == 14)
  }

  @Test func `a name goes in every dress, as a word and not as a part of one`() throws {
    var scrubbing = Scrubbing(now: ScrubbingTests.now, spec: try SamplesTests.spec(of: "paziresh24/with-slots"))
    scrubbing.add(secrets: [], names: ["رضا احمدی"])
    let escaped = "\\u0631\\u0636\\u0627 \\u0627\\u062d\\u0645\\u062f\\u06cc"
    let encoded = percentEncoded("دکتر-رضا-احمدی")
    let text = "دکتر رضا‌احمدی، رضا احمدي، رضایت، \(escaped) /dr/\(encoded)/ \\nرضا &#1585;&#1590;&#1575;"
    let clean = scrubbing.scrubbed(text, at: "page")
    for name in ["رضا‌", "احمدی", "احمدي", "\\u0631\\u0636\\u0627", percentEncoded("رضا"), "&#1585;&#1590;&#1575;"] {
      #expect(!clean.contains(name), "\(name) in \(clean)")
    }
    #expect(clean.contains("رضایت") && clean.contains(percentEncoded("دکتر")))
    #expect(scrubbing.residue(in: text) == [.name] && scrubbing.residue(in: clean).isEmpty)
    #expect(scrubbing.tally.map(\.place) == ["page"])
  }

  @Test func `secrets go as they are and as they stand in URLs`() throws {
    var scrubbing = Scrubbing(now: ScrubbingTests.now, spec: try SamplesTests.spec(of: "paziresh24/with-slots"))
    scrubbing.add(secrets: [Secret("s3cr/t+key")], names: [])
    let clean = scrubbing.scrubbed("a s3cr/t+key b s3cr%2Ft%2Bkey", at: "page")
    #expect(!clean.contains("s3cr"))
    #expect(scrubbing.residue(in: clean).isEmpty)
  }

  @Test(arguments: [
    "{\"t\":\"تلفن:\\n09121234567\"}", "a\\u003a09121234567", "a\\\\n09121234567", "/x%3A09121234567",
    "q=%2B989121234567",
    "q=a%200912%20123%204567&x", "call+09121234567", "call+%2B989121234567", "0912–123–4567", "0912/123/4567",
    "0912 - 123 - 4567", "0912\\/123\\/4567", "0912&nbsp;123&nbsp;4567", "0912%E2%80%93123%E2%80%934567",
    "50%09121234567",
    "تماس.09121234567", "tel۰۹۱۲۱۲۳۴۵۶۷", "\u{202A}0912\u{200C}123\u{200C}4567\u{202C}",
  ]) func `a number is found behind every escape, and its stand-in breaks none`(text: String) throws {
    let found = finds(text)
    #expect(found.map(\.kind) == [.phone] && found.first?.identity == "9121234567", "\(text): \(found)")
    var scrubbing = Scrubbing(now: ScrubbingTests.now, spec: try SamplesTests.spec(of: "paziresh24/with-slots"))
    #expect(scrubbing.residue(in: text) == [.phone])
    scrubbing.find(in: text)
    let clean = scrubbing.scrubbed(text, at: nil)
    #expect(scrubbing.residue(in: clean).isEmpty, "\(clean)")
    // All but the number's digits is as it was.
    #expect(clean.filter { !$0.isNumber } == text.filter { !$0.isNumber } && clean.count == text.count, "\(clean)")
    #expect(finds(clean).map(\.identity) == ["9000000001"], "\(clean)")
  }

  @Test(arguments: ["021 - 88776655", "021/88776655", "021—8877 6655", "021%20-%2088776655"])
  func `an office's number has up to three separators`(text: String) {
    #expect(finds(text).map(\.identity) == ["2188776655"], "\(finds(text))")
  }

  @Test(arguments: [
    "06/10/2026 100", "1405/07/14 09 00", "2026-10-06T09:00:00+03:30", "%D9%81%20%41", "\\u0631\\u0636\\u0627",
  ])
  func `days and escapes are no numbers`(text: String) {
    #expect(finds(text).isEmpty, "\(finds(text))")
  }

  @Test(arguments: [
    ("{\"a\":\"\\nali@x.example\"}", "ali@x.example", "{\"a\":\"\\nperson1@mail.example\"}"),
    ("?m=ali%40x.example&b=1", "ali%40x.example", "?m=person1%40mail.example&b=1"),
    ("\\u003cali\\u0040x.example\\u003e", "ali\\u0040x.example", "\\u003cperson1\\u0040mail.example\\u003e"),
    ("to%3Aali@x.example%0A", "ali@x.example", "to%3Aperson1@mail.example%0A"),
  ]) func `an address is found behind an escape, which stays whole`(text: String, address: String, clean: String) throws
  {
    #expect(finds(text).map(\.text) == [address])
    #expect(finds(text).map(\.identity) == ["ali@x.example"])
    var scrubbing = Scrubbing(now: ScrubbingTests.now, spec: try SamplesTests.spec(of: "paziresh24/with-slots"))
    #expect(scrubbing.residue(in: text) == [.email])
    scrubbing.find(in: text)
    #expect(scrubbing.scrubbed(text, at: nil) == clean)
    #expect(scrubbing.residue(in: clean).isEmpty)
  }

  @Test(arguments: [
    "?auth_token=Abc123xyz", "&api_token=Abc123xyz", "#access_token=Abc123xyz", "?next=%2Fa%3Ftoken%3DAbc123xyz",
    "<input name='authenticity_token' type=hidden value='Abc123xyz'>",
    "<input value=Abc123xyz name=csrfmiddlewaretoken>",
    "<input name=\"__RequestVerificationToken\" type=\"hidden\" value=\"Abc123xyz\" />",
    "<meta content=\"Abc123xyz\" name=\"_csrf\">", "<div data-csrf-token='Abc123xyz'>",
    "<div data-x=\"{&quot;token&quot;:&quot;Abc123xyz&quot;}\">", "{\"x\":\"{\\\"token\\\":\\\"Abc123xyz\\\"}\"}",
    "var csrfToken = 'Abc123xyz';", "{apiKey: \"Abc123xyz\"}", "{\"X-Amz-Signature\": \"Abc123xyz\"}",
    "{\"user_pwd\":\"Abc123xyz\"}", "{\"client_secret\" : \"Abc123xyz\"}", "{\"PHPSESSID\":\"Abc123xyz\"}",
  ]) func `a token is found under every name and in every dress`(text: String) throws {
    #expect(Tokens.finds(in: text) == ["Abc123xyz"])
    var scrubbing = Scrubbing(now: ScrubbingTests.now, spec: try SamplesTests.spec(of: "paziresh24/with-slots"))
    #expect(scrubbing.residue(in: text) == [.token])
    scrubbing.find(in: text)
    let clean = scrubbing.scrubbed(text, at: nil)
    #expect(!clean.contains("Abc123") && scrubbing.residue(in: clean).isEmpty, "\(clean)")
  }

  @Test(arguments: [
    "<meta name=\"csrf-param\" content=\"authenticity_token\">", "{\"token_type\": \"Bearer\"}",
    "{\"author\": \"Somebody1\"}",
    "{\"session_day\": \"2026-10-06T09:00\"}", "{\"session_kind\": \"morning\"}",
    "<input type=\"password\" name=\"password\">",
    "a;this.token=getToken(1)",
  ]) func `what only tells of a token stays`(text: String) {
    #expect(Tokens.finds(in: text).isEmpty, "\(Tokens.finds(in: text))")
  }
}
