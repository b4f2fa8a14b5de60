import Language
import PluginHost

/// Reads the fields of one stored item after the other.
///
/// Items of a watch have the same names in the same order, and values of few kinds: after the first, only its values are
/// read, in one pass over the bytes. Whatever looks otherwise is read as the JSON it is.
struct ItemFieldsReader {
  let path: String
  /// Of the last item that was read as JSON.
  private var names: [String] = []
  /// What stands in the text before each value: `{"date":`, `,"time":`.
  private var leads: [[UInt8]] = []

  init(path: String) { self.path = path }

  /// - Throws: ``StoreError`` `damaged`, as ``ItemJSON/fields(in:path:)``.
  mutating func fields(in text: UnsafeBufferPointer<UInt8>) throws -> [Item.Field] {
    if let fields = valuesOnly(text) { return fields }
    let fields = try ItemJSON.fields(in: String(decoding: text, as: UTF8.self), path: path)
    names = fields.map(\.name)
    leads = names.enumerated().map { index, name in
      Array("\(index == 0 ? "{" : ",")\(JSONText.write(.string(name))):".utf8)
    }
    return fields
  }

  /// nil for text of other names, or with a value of a rare kind.
  private func valuesOnly(_ text: UnsafeBufferPointer<UInt8>) -> [Item.Field]? {
    guard !names.isEmpty else { return nil }
    var text = StoredValues(text)
    var fields: [Item.Field] = []
    fields.reserveCapacity(names.count)
    for index in names.indices {
      guard text.skip(leads[index]), let value = text.value() else { return nil }
      fields.append(Item.Field(names[index], value))
    }
    return text.skip("}") && text.isAtEnd ? fields : nil
  }
}

/// A walk over the values of a text that ``ItemJSON`` wrote. Every step says nil, or false, where the text may be something
/// else than it looks like.
private struct StoredValues {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func skip(_ expected: [UInt8]) -> Bool { expected.withUnsafeBufferPointer { skip(bytes: $0) } }

  private mutating func skip(word: StaticString) -> Bool {
    skip(bytes: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  private mutating func skip(bytes expected: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count - at >= expected.count else { return false }
    for index in expected.indices where bytes[at + index] != expected[index] { return false }
    at += expected.count
    return true
  }

  mutating func skip(_ expected: Unicode.Scalar) -> Bool {
    guard at < bytes.count, bytes[at] == UInt8(ascii: expected) else { return false }
    at += 1
    return true
  }

  mutating func value() -> Value? {
    guard at < bytes.count else { return nil }
    if bytes[at] != UInt8(ascii: "{") { return scalar().flatMap(Value.init(encoded:)) }
    // `{"instant":1791232200000}`, `{"date":[2026,10,9]}`
    at += 1
    guard let tag = string(), skip(":"), let content = startsList ? numbers() : scalar(), skip("}") else { return nil }
    if case .integer(let milliseconds) = content, tag == "instant" {
      return .instant(Instant(milliseconds: milliseconds))
    }
    return Value(encoded: .object(JSONObject([(tag, content)])))
  }

  private var startsList: Bool { at < bytes.count && bytes[at] == UInt8(ascii: "[") }

  private mutating func scalar() -> JSON? {
    guard at < bytes.count else { return nil }
    return switch bytes[at] {
    case UInt8(ascii: "\""): string().map(JSON.string)
    case UInt8(ascii: "n"): skip(word: "null") ? .null : nil
    case UInt8(ascii: "t"): skip(word: "true") ? .bool(true) : nil
    case UInt8(ascii: "f"): skip(word: "false") ? .bool(false) : nil
    default: integer().map(JSON.integer)
    }
  }

  /// A list of integers.
  private mutating func numbers() -> JSON? {
    guard skip("[") else { return nil }
    var all: [JSON] = []
    repeat {
      guard let number = integer() else { return nil }
      all.append(.integer(number))
    } while skip(",")
    return skip("]") ? .array(all) : nil
  }

  /// One without an escape.
  private mutating func string() -> String? {
    guard skip("\"") else { return nil }
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      if bytes[at] < 0x20 || bytes[at] == UInt8(ascii: "\\") { return nil }
      at += 1
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    return skip("\"") ? text : nil
  }

  /// One of at most 18 digits, which always fits.
  private mutating func integer() -> Int64? {
    let isNegative = skip("-")
    let start = at
    var number: Int64 = 0
    while at < bytes.count, at - start < 18, bytes[at] >= 0x30, bytes[at] <= 0x39 {
      number = number * 10 + Int64(bytes[at] - 0x30)
      at += 1
    }
    guard at > start, bytes[start] != 0x30 || (at == start + 1 && !isNegative) else { return nil }
    guard at < bytes.count else { return nil }
    return switch bytes[at] {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): isNegative ? -number : number
    default: nil
    }
  }
}
