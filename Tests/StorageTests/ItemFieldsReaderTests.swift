import Language
import PluginHost
import TestSupport
import Testing

@testable import Storage

struct ItemFieldsReaderTests {
  private static let values: [Value] = [
    .null, .text(""), .text("۱۴:۳۰"), .text("a \"quoted\" \\ line\n"), .text("\u{7F}"), .text("e\u{301}"), .integer(0),
    .integer(-1), .integer(42), .integer(.max), .integer(.min), .integer(999_999_999_999_999_999), .boolean(true),
    .boolean(false), .instant(Instant(milliseconds: 1_791_232_200_000)), .instant(Instant(milliseconds: -5)),
    .date(CivilDate(year: 1405, month: 10, day: 20)), .time(CivilTime(secondsOfDay: 45_000)),
    .duration(.milliseconds(-1500)), .url("https://x.example/?a=b"), .decimal(DecimalNumber(units: -125, scale: 2)),
    .money(DecimalNumber(units: 420_000, scale: 0), unit: .rial), .list([]), .list([.integer(1), .integer(2)]),
    .list([.text("a"), .null]), .json(.integer(5)), .json(.array([])), .json(.object(JSONObject([("b", .null)]))),
    .json(.number(1.5, lexeme: "1.5")), .json(.string("x")),
  ]
  private static let names = ["date", "time", "قیمت", "a\"b", "", "long_name_of_a_field", "x", "instant"]

  private func read(_ text: [UInt8], with reader: inout ItemFieldsReader) -> [Item.Field]? {
    text.withUnsafeBufferPointer { text in try? reader.fields(in: text) }
  }

  /// With different bytes for the same letters told apart, which equality does not.
  private func exactly(_ fields: [Item.Field]?) -> [UInt8]? { fields.map { Array(ItemJSON.text(of: $0).utf8) } }

  @Test func `fields come back as they were written, whatever was read before`() {
    var random = SplitMix(seed: 51)
    for round in 0..<400 {
      var reader = ItemFieldsReader(path: "test")
      var names = Self.names.filter { _ in random.next(below: 2) == 0 }
      for _ in 0..<8 {
        if random.next(below: 4) == 0 { names.shuffle(using: &random) }
        let fields = names.map { Item.Field($0, random.one(of: Self.values)) }
        let text = ItemJSON.text(of: fields)
        let found = read(Array(text.utf8), with: &reader)
        #expect(found == fields, "seed 51, round \(round): \(text)")
        #expect(exactly(found) == Array(text.utf8), "seed 51, round \(round): \(text)")
      }
    }
  }

  @Test func `a text that nobody wrote is read as JSON, or is damage`() {
    var random = SplitMix(seed: 52)
    let bytes = Array("{}[],:\"\\ 0123456789-.etrufalsn\u{1}".utf8) + [0x80, 0xFF]
    for round in 0..<20_000 {
      var reader = ItemFieldsReader(path: "test")
      let names = ["a", "b", "c"]
      _ = read(Array(ItemJSON.text(of: names.map { Item.Field($0, .null) }).utf8), with: &reader)
      var text = Array(ItemJSON.text(of: names.map { Item.Field($0, random.one(of: Self.values)) }).utf8)
      for _ in 0...random.next(below: 3) {
        let place = random.next(below: text.count)
        switch random.next(below: 3) {
        case 0: text[place] = random.one(of: bytes)
        case 1: text.insert(random.one(of: bytes), at: place)
        default: text.remove(at: place)
        }
      }
      let expected = try? ItemJSON.fields(in: String(decoding: text, as: UTF8.self), path: "test")
      let found = read(text, with: &reader)
      #expect(
        exactly(found) == exactly(expected), "seed 52, round \(round): \(String(decoding: text, as: UTF8.self))")
    }
  }
}
