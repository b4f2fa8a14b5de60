import Diagnostics
import Testing

@testable import SiteSpecs

struct YAMLReaderTests {
  private func read(_ text: String) -> YAMLReader.Reading { YAMLReader().read(file: "a.yaml", bytes: Array(text.utf8)) }

  /// `line:column message` of everything found.
  private func problems(_ text: String) -> [String] {
    read(text).diagnostics.map { "\($0.location.line):\($0.location.column) \($0.message)" }
  }

  @Test func `keys, values and their places are kept in file order`() throws {
    let reading = read("on: yes\n\"b\": [1, 'x']\nفارسی: {c: ~}\n")
    guard case .mapping(let members)? = reading.root?.content else {
      Issue.record("not a mapping")
      return
    }
    #expect(members.map(\.name) == ["on", "b", "فارسی"])
    #expect(members[0].value.scalar?.resolved(tag: nil) == .text("yes"))
    #expect(reading.source.location(members[2].value.start) == SpecLocation(file: "a.yaml", line: 3, column: 8))
  }

  @Test(arguments: [
    ("true", ResolvedScalar.boolean(true)), ("False", .boolean(false)), ("yes", .text("yes")), ("off", .text("off")),
    ("~", .null), ("", .null), ("Null", .null), ("12", .integer(12)), ("-0", .integer(0)), ("0o17", .integer(15)),
    ("0x1F", .integer(31)), ("1.50", .decimal(1.5, "1.50")), ("1e3", .decimal(1000, "1e3")), ("1_000", .text("1_000")),
    ("0b11", .text("0b11")), ("12:30", .text("12:30")), ("2026-10-06", .text("2026-10-06")),
    ("+.5", .decimal(0.5, "+.5")),
    (".", .text(".")), ("1.2.3", .text("1.2.3")), ("0x", .text("0x")), ("0x-1", .text("0x-1")), ("nan", .text("nan")),
    ("99999999999999999999", .decimal(1e20, "99999999999999999999")),
  ])
  func `plain scalars mean what YAML 1.2's core schema says`(text: String, meaning: ResolvedScalar) {
    #expect(YAMLScalar(text: text, style: .plain).resolved(tag: nil) == meaning)
    #expect(YAMLScalar(text: text, style: .singleQuoted).resolved(tag: nil) == .text(text))
    #expect(YAMLScalar(text: text, style: .plain).isNull(tag: nil) == (meaning == .null))
    #expect(!YAMLScalar(text: text, style: .singleQuoted).isNull(tag: nil))
    #expect(!YAMLScalar(text: text, style: .plain).isNull(tag: "tag:yaml.org,2002:str"))
  }

  @Test(arguments: [2, 11, 12, 13, 14, 40])
  func `a key that is there twice is found in a mapping of any length, with its path and the first`(count: Int) {
    for twice in [0, count / 2, count - 1] {
      let keys = (0..<count).map { "      k\($0): \($0)\n" } + ["      k\(twice): again\n", "      last: 1\n"]
      let found = read("a:\n  - 1\n  - b:\n" + keys.joined()).diagnostics
      #expect(found.map(\.message) == ["the key 'k\(twice)' is here twice"])
      #expect(found.first?.keyPath == "a[1].b.k\(twice)")
      #expect(found.first?.location == SpecLocation(file: "a.yaml", line: 4 + count, column: 7))
      #expect(found.first?.notes.first?.location?.line == 4 + twice)
    }
  }

  @Test func `a list that is kept apart has the same elements and the same mistakes`() {
    let text = "a: [0]\nlong:\n  - { x: 1, y: [2, 3] }\n  - { x: 1, x: 2 }\n  - [{ z: 1, z: 2 }]\nb: { long: [1] }\n"
    let whole = read(text)
    let apart = YAMLReader().read(file: "a.yaml", bytes: Array(text.utf8), detaching: "long")
    guard case .mapping(let members)? = apart.root?.content, case .mapping(let all)? = whole.root?.content,
      case .sequence(let elements) = all[1].value.content
    else {
      Issue.record("not a mapping")
      return
    }
    #expect(members.map(\.name) == ["a", "long", "b"])
    #expect("\(apart.elements)" == "\(elements)" && elements.count == 3)
    #expect("\(members[0])\(members[2])" == "\(all[0])\(all[2])")
    #expect(apart.diagnostics == whole.diagnostics)
    #expect(apart.diagnostics.map(\.keyPath) == ["long[1].x", "long[2][0].z"])
  }

  @Test(arguments: [
    ("k: abcdef", 3, 7), ("k: 'abcdef'", 3, 8), ("k: \"abcdef\"", 3, 8), ("k: 'it''s'", 3, 5), ("k: \"a\\tbcd\"", 3, 5),
    ("k: >\n  abcdef", 3, 4), ("k: \"ab\n  cd\"", 3, 5),
  ])
  func `a place inside a scalar is exact where the file shows its text`(text: String, offset: Int, column: Int) throws {
    let reading = read(text)
    guard case .mapping(let members)? = reading.root?.content else {
      Issue.record("not a mapping")
      return
    }
    let place = members[0].value.position(ofOffset: offset, in: reading.source)
    #expect(reading.source.location(place).column == column)
    #expect(reading.source.location(place).line == 1)
  }

  @Test func `lines are the editor's, not YAML 1.1's`() {
    // U+2028 and U+0085 are breaks to libyaml and none to an editor; \r\n is one.
    #expect(problems("a: \"\u{2028}\u{85}\"\r\nb: 1\r\nb: 2") == ["3:1 the key 'b' is here twice"])
    #expect(problems("\u{FEFF}b: 1\nb: 2") == ["2:1 the key 'b' is here twice"])
  }

  @Test func `an alias keeps the place of its anchor`() {
    let reading = read("a: &x [1, 2]\nb: *x\n")
    guard case .mapping(let members)? = reading.root?.content else {
      Issue.record("not a mapping")
      return
    }
    #expect(members[0].value.start == members[1].value.start)
  }

  @Test(arguments: [
    ("a: *a", "1:4 no anchor named 'a' stands before this alias"),
    ("a: &a [*a]", "1:8 the alias 'a' stands inside what it stands for"),
    ("a: 1\n---\nb: 2", "2:1 a second document begins here"),
    ("? [x]\n: 1", "1:3 a key must be text, found a list"),
    ("a: \u{1}", "1:4 the control character U+0001 can't stand here"),
    ("a: [1, 2", "1:4 this list, or a quote in it, is never closed"),
    ("a: {b: 1\nc: 2", "1:4 this mapping, or a quote in it, is never closed"),
    ("a: \"b", "1:4 this quote is never closed"),
    ("a: @b", "1:4 a value can't begin with this character"),
    ("a: b: c", "1:5 a ': ' can't stand here"),
    ("a: \"\\q\"", "1:5 this escape does not exist"),
    ("a: &a {x: 1}\nb: {<<: *a, y: 2}", "2:5 merge keys are not part of YAML 1.2"),
  ])
  func `what is wrong is said where it is`(text: String, problem: String) {
    #expect(problems(text) == [problem])
  }

  @Test func `bytes that are no UTF-8 are refused at their place`() {
    let bytes = Array("a: 1\nbc: ".utf8) + [0xC3, 0x28] + Array("\n".utf8)
    let found = YAMLReader().read(file: "a.yaml", bytes: bytes).diagnostics
    #expect(found.map(\.location) == [SpecLocation(file: "a.yaml", line: 2, column: 5)])
    #expect(found.map(\.message) == ["this byte is not UTF-8"])
  }

  @Test(arguments: [[0xFF, 0xFE, 0x61, 0x00] as [UInt8], [0xFE, 0xFF, 0x00, 0x61], [0x61, 0x00], [0x00, 0x61]])
  func `UTF-16 is refused by name`(bytes: [UInt8]) {
    let found = YAMLReader().read(file: "a.yaml", bytes: bytes).diagnostics
    #expect(found.count == 1)
    #expect(found.first?.message.contains("UTF-16") == true)
  }
}
