/// How JSON is laid out as text.
public struct JSONStyle: Sendable, Hashable {
  /// Members and items on lines of their own, indented by two spaces.
  public var isPretty: Bool
  /// Also escapes `<`, `>`, `&`, U+2028 and U+2029, so that the text can stand inside an HTML `<script>` element or
  /// JavaScript source without ending it.
  public var isEmbeddable: Bool

  public init(isPretty: Bool = false, isEmbeddable: Bool = false) {
    self.isPretty = isPretty
    self.isEmbeddable = isEmbeddable
  }

  public static let compact = JSONStyle()
  public static let pretty = JSONStyle(isPretty: true)
  public static let embeddable = JSONStyle(isEmbeddable: true)
}

extension JSON {
  /// On one line without spaces, members in their order: equal values give equal text.
  public var text: String { text(.compact) }

  /// On many lines, for people.
  public var prettyText: String { text(.pretty) }

  public func text(_ style: JSONStyle) -> String { String(decoding: utf8(style), as: UTF8.self) }

  /// The text as bytes, for bodies and signatures.
  public func utf8(_ style: JSONStyle = .compact) -> [UInt8] {
    var writer = JSONWriter(style: style)
    writer.write(self)
    return writer.output
  }
}

/// Writes with a list of open containers instead of recursion, so depth costs no thread stack.
struct JSONWriter {
  let style: JSONStyle
  private(set) var output: [UInt8] = []
  private var open: [Container] = []

  private struct Container {
    var values: [JSON]
    /// nil for an array.
    var names: [String]?
    var next = 0
  }

  init(style: JSONStyle) {
    self.style = style
    // Most texts are a few hundred bytes: no need to grow there by steps.
    output.reserveCapacity(256)
  }

  mutating func write(_ value: JSON) {
    begin(value)
    while let last = open.indices.last {
      let index = open[last].next
      if index == open[last].values.count {
        close()
      } else {
        open[last].next = index + 1
        writeMember(index, of: last)
      }
    }
  }

  private mutating func writeMember(_ index: Int, of container: Int) {
    if index > 0 { output.append(UInt8(ascii: ",")) }
    newLine()
    if let name = open[container].names?[index] {
      writeString(name)
      output.append(UInt8(ascii: ":"))
      if style.isPretty { output.append(UInt8(ascii: " ")) }
    }
    begin(open[container].values[index])
  }

  private mutating func close() {
    guard let container = open.popLast() else { return }
    newLine()
    output.append(container.names == nil ? UInt8(ascii: "]") : UInt8(ascii: "}"))
  }

  /// Writes a scalar or an empty container whole; opens any other.
  private mutating func begin(_ value: JSON) {
    switch value {
    case .null: write("null")
    case .bool(let value): write(value ? "true" : "false")
    case .integer(let value): output.append(contentsOf: String(value).utf8)
    case .number(let value, let lexeme): write(value, lexeme)
    case .string(let text): writeString(text)
    case .array(let items) where items.isEmpty: write("[]")
    case .object(let members) where members.isEmpty: write("{}")
    case .array(let items):
      output.append(UInt8(ascii: "["))
      open.append(Container(values: items))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      open.append(Container(values: members.values, names: members.names))
    }
  }

  private mutating func write(_ text: StaticString) {
    output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A lexeme that is no JSON number can only be made by hand; it is never written out.
  private mutating func write(_ value: Double, _ lexeme: String) {
    if isJSONNumber(lexeme) {
      output.append(contentsOf: lexeme.utf8)
    } else if value.isFinite {
      output.append(contentsOf: value.description.utf8)
    } else {
      write("null")
    }
  }

  private mutating func newLine() {
    guard style.isPretty else { return }
    output.append(UInt8(ascii: "\n"))
    for _ in open.indices { write("  ") }
  }
}

extension JSONWriter {
  private mutating func writeString(_ text: String) {
    var text = text
    output.append(UInt8(ascii: "\""))
    text.withUTF8 { writeEscaped($0) }
    output.append(UInt8(ascii: "\""))
  }

  /// Copies runs that need no escape as they are.
  private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
    var copied = 0
    var here = 0
    while here < bytes.count {
      let length = lengthToEscape(bytes, here)
      if length > 0 {
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<here]))
        escape(bytes, here, length)
        copied = here + length
      }
      here += max(length, 1)
    }
    output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied...]))
  }

  @inline(__always)
  private func lengthToEscape(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    switch bytes[index] {
    case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x7F: 1
    case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): style.isEmbeddable ? 1 : 0
    // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
    case 0xE2:
      style.isEmbeddable && index + 2 < bytes.count && bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8
        ? 3 : 0
    default: 0
    }
  }

  private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ length: Int) {
    if length == 3 { return write(bytes[index + 2] == 0xA8 ? "\\u2028" : "\\u2029") }
    switch bytes[index] {
    case UInt8(ascii: "\""): write("\\\"")
    case UInt8(ascii: "\\"): write("\\\\")
    case 0x08: write("\\b")
    case 0x09: write("\\t")
    case 0x0A: write("\\n")
    case 0x0C: write("\\f")
    case 0x0D: write("\\r")
    case let byte:
      let digits = Array("0123456789abcdef".utf8)
      write("\\u00")
      output.append(digits[Int(byte >> 4)])
      output.append(digits[Int(byte & 15)])
    }
  }
}

/// Whether the text is a number as RFC 8259 writes it.
func isJSONNumber(_ text: String) -> Bool {
  var rest = text.utf8[...]
  func digits() -> Int {
    let before = rest.count
    rest = rest.drop { (0x30...0x39).contains($0) }
    return before - rest.count
  }
  if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
  let beginsWithZero = rest.first == UInt8(ascii: "0")
  let whole = digits()
  guard whole > 0, whole == 1 || !beginsWithZero else { return false }
  if rest.first == UInt8(ascii: ".") {
    rest.removeFirst()
    guard digits() > 0 else { return false }
  }
  if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
    rest.removeFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    guard digits() > 0 else { return false }
  }
  return rest.isEmpty
}
