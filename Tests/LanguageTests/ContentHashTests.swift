import Language
import Testing

struct ContentHashTests {
  private func hash(_ bytes: [UInt8]) -> String {
    var hash = ContentHash()
    hash.combine(bytes)
    return hash.text
  }

  @Test func `what is stored is recognised by later versions`() {
    #expect(hash([]) == "670527f286862c693334e1ed6f0abb18")
    #expect(hash(Array("نوبت خالی، ساعت ۱۰".utf8)) == "54278bac3271d843804ff66a8b37464b")
    #expect(hash((0..<100).map { UInt8($0) }) == "832d6bdfde013c61fb2b47666b1863f4")
  }

  @Test func `content of every length is recognised by later versions`() {
    var hash = ContentHash()
    for length in 0...40 { hash.combine((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }) }
    #expect(hash.text == "57c7fbda3d4f2cd22ed2b243fc38e994")
  }

  @Test func `any byte that differs is seen, at every length`() {
    for length in 0...100 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      var seen: Set<String> = [hash(bytes), hash(bytes + [0])]
      for index in bytes.indices {
        for bit in 0..<8 {
          var other = bytes
          other[index] ^= 1 << bit
          seen.insert(hash(other))
        }
      }
      #expect(seen.count == 2 + length * 8)
    }
  }

  @Test(arguments: [16, 40]) func `two bits that differ are seen, and hide each other nowhere`(_ length: Int) {
    var seen: Set<String> = []
    for first in 0..<(length * 8) {
      for second in first..<(length * 8) {
        var bytes = [UInt8](repeating: 0x5A, count: length)
        bytes[first / 8] ^= 1 << (first % 8)
        bytes[second / 8] ^= 1 << (second % 8)
        seen.insert(hash(bytes))
      }
    }
    // Where both are the same bit, nothing differs: one hash for all of those.
    #expect(seen.count == length * 8 * (length * 8 - 1) / 2 + 1)
  }

  @Test func `where one text ends and the next begins is seen`() {
    func hash(_ texts: String...) -> String {
      var hash = ContentHash()
      for text in texts { hash.combine(text) }
      return hash.text
    }
    #expect(Set([hash("ab", "c"), hash("a", "bc"), hash("abc"), hash("abc", "")]).count == 4)
  }

  @Test func `what is added in any order is the same in any order, and counted`() {
    let parts = (0..<20).map { number in
      var part = ContentHash()
      part.combine(Int64(number))
      return part
    }
    func sum(_ parts: [ContentHash]) -> String {
      var all = ContentHash()
      for part in parts { all.add(unordered: part) }
      return all.text
    }
    #expect(sum(parts) == sum(parts.reversed()))
    #expect(sum(parts) != sum(parts + [parts[0]]))
    #expect(sum(parts) != sum(Array(parts.dropLast())))
  }

  @Test func `values of different kinds differ, and equal ones do not`() {
    func hash(_ value: Value) -> String {
      var hash = ContentHash()
      hash.combine(value)
      return hash.text
    }
    let values: [Value] = [
      .null, .text(""), .text("1"), .integer(1), .boolean(true), .url("1"), .instant(Instant(milliseconds: 1)),
      .time(CivilTime(secondsOfDay: 1)), .date(CivilDate(year: 2026, month: 1, day: 1)), .json(.integer(1)),
      .duration(.milliseconds(1)),
    ]
    #expect(Set(values.map(hash)).count == values.count)
    #expect(values.map(hash) == values.map(hash))
  }
}
