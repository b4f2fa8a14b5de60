import Language

/// What a scalar means under the core schema of YAML 1.2: `yes` and `on` are text, `0o17` a number.
enum ResolvedScalar: Sendable, Hashable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// With the text as written, so that no digit is lost.
  case decimal(Double, String)
  case text(String)

  var kind: String {
    switch self {
    case .null: "nothing"
    case .boolean: "true or false"
    case .integer: "a whole number"
    case .decimal: "a number"
    case .text: "text"
    }
  }
}

extension YAMLScalar {
  /// - Parameter tag: `!!str` makes text of anything; other core tags change nothing that the text does not say.
  func resolved(tag: String?) -> ResolvedScalar {
    guard isBare(tag) else { return .text(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    default: return number ?? .text(text)
    }
  }

  /// As ``resolved(tag:)`` says, without asking what else it may be: each value is asked.
  func isNull(tag: String?) -> Bool {
    switch text.utf8.count {
    case 0, 1, 4: resolved(tag: tag) == .null
    default: false
    }
  }

  private func isBare(_ tag: String?) -> Bool {
    style == .plain && (tag == nil || (tag != "tag:yaml.org,2002:str" && tag != "!"))
  }

  private var number: ResolvedScalar? {
    let bytes = Array(text.utf8)
    if text.hasPrefix("0o") { return Int64(text.dropFirst(2), radix: 8).flatMap(unsigned) }
    if text.hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16).flatMap(unsigned) }
    switch text.lowercased() {
    case ".inf", "+.inf": return .decimal(.infinity, text)
    case "-.inf": return .decimal(-.infinity, text)
    case ".nan": return .decimal(.nan, text)
    default: break
    }
    guard isDecimal(bytes) else { return nil }
    if let whole = Int64(text) { return .integer(whole) }
    return Double(text).map { .decimal($0, text) }
  }

  /// `0x-1` is no number, though `Int64` reads it.
  private func unsigned(_ value: Int64) -> ResolvedScalar? {
    text.utf8.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }) ? nil : .integer(value)
  }

  /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
  private func isDecimal(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    func isSign(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
    func digits() -> Int {
      let run = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
      rest = rest.dropFirst(run)
      return run
    }
    if isSign(rest.first) { rest = rest.dropFirst() }
    let whole = digits()
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      if digits() == 0, whole == 0 { return false }
    } else if whole == 0 {
      return false
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if isSign(rest.first) { rest = rest.dropFirst() }
      if digits() == 0 { return false }
    }
    return rest.isEmpty
  }
}
