import Language

/// Finds the line of a value in the text of a JSON document that is known to be well formed.
struct JSONLines {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// nil where the location leads nowhere.
  mutating func line(of location: JSONLocation) -> Int? {
    var index = skipSpace(0)
    for step in location.steps {
      guard let next = enter(index, step) else { return nil }
      index = next
    }
    return bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1
  }

  /// From the first byte of a value to that of one of its members.
  private func enter(_ start: Int, _ step: JSONLocation.Step) -> Int? {
    guard start < bytes.count else { return nil }
    var index = skipSpace(start + 1)
    switch (bytes[start], step) {
    case (UInt8(ascii: "["), .index(let wanted)):
      for _ in 0..<wanted {
        guard let end = skipValue(index), bytes[end] == UInt8(ascii: ",") else { return nil }
        index = skipSpace(end + 1)
      }
      return index
    case (UInt8(ascii: "{"), .name(let wanted)):
      // Of members with one name the last counts.
      var found: Int?
      while index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
        let end = skipString(index)
        let name = try? JSON(parsing: Array(bytes[index..<end]))
        let value = skipSpace(skipSpace(end) + 1)
        if name == .string(wanted) { found = value }
        guard let after = skipValue(value), bytes[after] == UInt8(ascii: ",") else { break }
        index = skipSpace(after + 1)
      }
      return found
    default: return nil
    }
  }

  /// To the byte after a value and the space behind it.
  private func skipValue(_ start: Int) -> Int? {
    var index = start
    var depth = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index = skipString(index)
        if depth == 0 { return within(skipSpace(index)) }
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if depth == 0 { return index }
        depth -= 1
        if depth == 0 { return within(skipSpace(index + 1)) }
      case UInt8(ascii: ","): if depth == 0 { return index }
      default: break
      }
      index += 1
    }
    return nil
  }

  private func within(_ index: Int) -> Int? { index < bytes.count ? index : nil }

  private func skipString(_ start: Int) -> Int {
    var index = start + 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, bytes.count)
  }

  private func skipSpace(_ start: Int) -> Int {
    var index = start
    while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    return index
  }
}
