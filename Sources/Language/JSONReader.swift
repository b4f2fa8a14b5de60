extension JSON {
  /// Reads one JSON text (RFC 8259, UTF-8), refusing everything the grammar does not allow.
  ///
  /// A byte order mark at the start is skipped. `\u` escapes of half a surrogate pair become U+FFFD, as JavaScript
  /// does when it writes such text out; bytes that are not UTF-8 are refused. Of members with one name the last counts.
  public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
    let result = bytes.withUnsafeBufferPointer { JSON.read($0, limits) }
    self = try result.get()
  }

  /// As ``init(parsing:limits:)``, over memory that the caller keeps alive for the time of the call.
  public init(
    parsing bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()
  ) throws(JSONSyntaxError) {
    self = try JSON.read(bytes, limits).get()
  }

  /// As ``init(parsing:limits:)``; offsets of errors count the text's UTF-8 bytes.
  public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONSyntaxError) {
    var text = text
    let result = text.withUTF8 { JSON.read($0, limits) }
    self = try result.get()
  }

  private static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) -> Result<JSON, JSONSyntaxError> {
    do throws(JSONSyntaxError) {
      var reader = JSONReader(bytes, limits)
      return .success(try reader.document())
    } catch {
      return .failure(error)
    }
  }
}

/// A strict reader in one pass. It keeps its own stack instead of recursing, so depth costs no thread stack.
struct JSONReader: ~Copyable {
  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  var at = 0
  var nodes = 0
  /// The items of all open containers; each begins at its ``Container/firstValue``.
  var values = JSONStack<JSON>(capacity: 256)
  var names = JSONStack<String>(capacity: 256)
  /// A hash of each name in `names`, to notice doubles without comparing texts.
  var nameHashes = JSONStack<UInt64>(capacity: 256)
  var open = JSONStack<Container>(capacity: 32)
  /// Where strings with escapes are put together.
  var unescaped: [UInt8] = []
  var knownNames = JSONNameCache()
  var knownShapes = JSONShapeCache()

  struct Container {
    var isObject: Bool
    var firstValue: Int
    var firstName: Int
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func document() throws(JSONSyntaxError) -> JSON {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
    var isOpen = true
    while isOpen {
      let isValueComplete = try startValue()
      isOpen = isValueComplete ? try closeContainers() : true
    }
    skipSpace()
    guard at == bytes.count else { throw malformed("text after the end of the value") }
    guard let value = values.popLast() else { throw malformed("no value") }
    return value
  }

  /// Reads a scalar or an empty container whole, or opens a container up to its first value.
  ///
  /// - Returns: Whether a value now lies on the stack.
  private mutating func startValue() throws(JSONSyntaxError) -> Bool {
    skipSpace()
    guard at < bytes.count else { throw truncated("the input ends where a value should begin") }
    nodes += 1
    if nodes > limits.nodes { throw limit("more than \(limits.nodes) values") }
    switch bytes[at] {
    case UInt8(ascii: "\""): values.push(.string(try string()))
    case UInt8(ascii: "{"): return try startObject()
    case UInt8(ascii: "["): return try startArray()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): values.push(try number())
    case UInt8(ascii: "t"): values.push(try word("true", .bool(true)))
    case UInt8(ascii: "f"): values.push(try word("false", .bool(false)))
    case UInt8(ascii: "n"): values.push(try word("null", .null))
    default: throw malformed("a value cannot begin with \(describedByte())")
    }
    return true
  }

  private mutating func startArray() throws(JSONSyntaxError) -> Bool {
    try enter(isObject: false)
    skipSpace()
    guard at < bytes.count else { throw truncated("the input ends inside an array") }
    guard bytes[at] == UInt8(ascii: "]") else { return false }
    at += 1
    _ = open.popLast()
    values.push(.array([]))
    return true
  }

  private mutating func startObject() throws(JSONSyntaxError) -> Bool {
    try enter(isObject: true)
    skipSpace()
    guard at < bytes.count else { throw truncated("the input ends inside an object") }
    if bytes[at] == UInt8(ascii: "}") {
      at += 1
      _ = open.popLast()
      values.push(.object(JSONObject()))
      return true
    }
    try memberName()
    return false
  }

  private mutating func enter(isObject: Bool) throws(JSONSyntaxError) {
    if open.count >= limits.depth { throw limit("deeper than \(limits.depth) levels") }
    open.push(Container(isObject: isObject, firstValue: values.count, firstName: names.count))
    at += 1
  }

  /// After a value: closes every container that ends here.
  ///
  /// - Returns: Whether another value must follow; false at the end of the outermost value.
  private mutating func closeContainers() throws(JSONSyntaxError) -> Bool {
    while open.count > 0 {
      let container = open[open.count - 1]
      skipSpace()
      guard at < bytes.count else {
        throw truncated("the input ends inside an \(container.isObject ? "object" : "array")")
      }
      let byte = bytes[at]
      if byte == UInt8(ascii: ",") {
        at += 1
        if container.isObject { try memberName() }
        return true
      }
      guard byte == (container.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        throw malformed("expected ',' or '\(container.isObject ? "}" : "]")', found \(describedByte())")
      }
      at += 1
      _ = open.popLast()
      container.isObject ? closeObject(container) : closeArray(container)
    }
    return false
  }

  private mutating func closeArray(_ container: Container) {
    let items = values.takeAll(from: container.firstValue)
    values.push(.array(items))
  }

  private mutating func closeObject(_ container: Container) {
    let first = container.firstName
    let mayRepeat = hasEqualHashes(from: first)
    var hash: UInt64 = 0
    for index in first..<nameHashes.count { hash = (hash ^ nameHashes[index]) &* 0xFF51_AFD7_ED55_8CCD }
    let texts = knownShapes.take(&names, from: first, hash: hash ^ hash >> 32)
    let members = values.takeAll(from: container.firstValue)
    nameHashes.drop(from: first)
    values.push(.object(JSONObject(read: texts, values: members, mayRepeat: mayRepeat)))
  }

  /// Large objects are told by the index they get anyway.
  private func hasEqualHashes(from first: Int) -> Bool {
    let count = nameHashes.count
    guard count - first <= JSONObject.linearLimit else { return true }
    var later = first + 1
    while later < count {
      let hash = nameHashes[later]
      var earlier = first
      while earlier < later {
        if nameHashes[earlier] == hash { return true }
        earlier += 1
      }
      later += 1
    }
    return false
  }

  /// Reads `"name" :`, with the space around it.
  private mutating func memberName() throws(JSONSyntaxError) {
    skipSpace()
    guard at < bytes.count else { throw truncated("the input ends inside an object") }
    guard bytes[at] == UInt8(ascii: "\"") else {
      throw malformed("expected a name in quotes, found \(describedByte())")
    }
    try name()
    skipSpace()
    guard at < bytes.count else { throw truncated("the input ends inside an object") }
    guard bytes[at] == UInt8(ascii: ":") else { throw malformed("expected ':', found \(describedByte())") }
    at += 1
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
    for index in 0..<text.utf8CodeUnitCount {
      guard at + index < bytes.count else {
        at = bytes.count
        throw truncated("the input ends inside '\(text)'")
      }
      guard bytes[at + index] == text.utf8Start[index] else {
        at += index
        throw malformed("expected '\(text)', found \(describedByte())")
      }
    }
    at += text.utf8CodeUnitCount
    return value
  }

  @inline(__always)
  mutating func skipSpace() {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }
}

extension JSONReader {
  func truncated(_ message: String) -> JSONSyntaxError { JSONSyntaxError(.truncated, message, offset: bytes.count) }
  func malformed(_ message: String) -> JSONSyntaxError { JSONSyntaxError(.malformed, message, offset: at) }
  func limit(_ message: String) -> JSONSyntaxError { JSONSyntaxError(.limit, message, offset: at) }

  /// The byte at the reader's place, for messages.
  func describedByte() -> String {
    let byte = bytes[at]
    if byte > 0x20, byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
    return "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
}
