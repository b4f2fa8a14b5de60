/// What a robots.txt allows one robot (RFC 9309).
///
/// The groups that name the robot, taken together, or else those of `*`. Of the rules that match, the longest holds; of
/// two that are as long, `Allow`. `*` stands for anything, `$` for the end. Whatever can't be read is passed over: a page
/// of HTML that stands there by mistake allows everything.
public struct RobotsRules: Sendable, Hashable {
  /// At least so much is to be read of a file (RFC 9309, 2.5); the rest is not.
  public static let longest = 500 << 10
  /// Google's, too: eight times the longest address that old browsers took.
  static let longestLine = 8 * 2083

  struct Rule: Sendable, Hashable {
    var allows: Bool
    /// Percent signs normalised as in ``normalised(_:)``.
    var pattern: [UInt8]
  }

  let rules: [Rule]

  public static let allowAll = RobotsRules(rules: [])
  public static let disallowAll = RobotsRules(rules: [Rule(allows: false, pattern: Array("/".utf8))])

  init(rules: [Rule]) { self.rules = rules }

  /// - Parameter product: The robot's name: the product token of its User-Agent.
  public init(_ bytes: some Collection<UInt8>, for product: String) {
    var reading = RobotsReading(product: product.lowercased())
    for line in RobotsRules.lines(of: bytes.prefix(RobotsRules.longest)) { reading.take(line) }
    rules = reading.rules
  }

  /// `SlotHunter` of `SlotHunter/0.1 (+https://…)`.
  public static func product(of userAgent: String) -> String {
    String(userAgent.prefix { $0.isASCII && ($0.isLetter || $0 == "-" || $0 == "_") })
  }

  /// - Parameter target: Path and query of a URL, as they are sent; its `/robots.txt` is always allowed.
  public func allows(_ target: String) -> Bool {
    let path = RobotsRules.normalised(Array((target.isEmpty ? "/" : target).utf8.prefix { $0 != UInt8(ascii: "#") }))
    if path == Array("/robots.txt".utf8) { return true }
    var longest = -1
    var isAllowed = true
    for rule in rules where rule.pattern.count >= longest && RobotsRules.matches(path, rule.pattern) {
      isAllowed = rule.pattern.count > longest ? rule.allows : isAllowed || rule.allows
      longest = rule.pattern.count
    }
    return isAllowed
  }

  private static func lines(of bytes: some Collection<UInt8>) -> [[UInt8]] {
    var text = Array(bytes)
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
    return text.split(omittingEmptySubsequences: true) { $0 == 0x0A || $0 == 0x0D || $0 == 0 }
      .map { Array($0.prefix(longestLine)) }
  }

  /// The parts between stars are looked for one after the other, each where the one before ended: what is found first
  /// leaves most for the rest, so nothing is tried twice.
  static func matches(_ path: [UInt8], _ pattern: [UInt8]) -> Bool {
    let isAnchored = pattern.last == UInt8(ascii: "$")
    let parts = (isAnchored ? pattern.dropLast() : pattern[...])
      .split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
    // Most do not fit for their length alone, which keeps a file of long patterns cheap.
    guard parts.reduce(0, { $0 + $1.count }) <= path.count, let first = parts.first, path.starts(with: first) else {
      return false
    }
    guard parts.count > 1, let last = parts.last else { return !isAnchored || first.count == path.count }
    var place = first.count
    for part in parts.dropFirst().dropLast(isAnchored ? 1 : 0) {
      guard let found = position(of: part, in: path, from: place) else { return false }
      place = found + part.count
    }
    return !isAnchored || path.count - last.count >= place && path.suffix(last.count) == last
  }

  private static func position(of part: ArraySlice<UInt8>, in path: [UInt8], from start: Int) -> Int? {
    guard start + part.count <= path.count else { return nil }
    return (start...(path.count - part.count)).first { path[$0..<($0 + part.count)] == part }
  }

  /// Letters of percent signs in upper case; octets beyond ASCII as percent signs (RFC 9309, 2.2.2).
  static func normalised(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "%"), index + 2 < text.count, isHex(text[index + 1]), isHex(text[index + 2]) {
        result += [byte, upper(text[index + 1]), upper(text[index + 2])]
        index += 3
        continue
      }
      if byte >= 0x80 {
        let digits = Array("0123456789ABCDEF".utf8)
        result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      } else {
        result.append(byte)
      }
      index += 1
    }
    return result
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  private static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte - 32 : byte }
}

/// The lines of a robots.txt, one after the other.
struct RobotsReading {
  /// In lower case.
  let product: String
  private var own: [RobotsRules.Rule] = []
  private var anybody: [RobotsRules.Rule] = []
  private var hasOwn = false
  /// Whom the group is for that is being read.
  private var isForOwn = false
  private var isForAnybody = false
  /// A rule of the group has come: the next `User-agent` begins another one.
  private var hasRule = false

  init(product: String) { self.product = product }

  var rules: [RobotsRules.Rule] { hasOwn ? own : anybody }

  mutating func take(_ line: [UInt8]) {
    guard let (name, value) = RobotsReading.parts(of: line) else { return }
    switch RobotsReading.key(name) {
    case .userAgent: begin(value)
    case .allow: add(true, value)
    case .disallow: add(false, value)
    case nil: break
    }
  }

  private mutating func begin(_ value: [UInt8]) {
    if hasRule { (isForOwn, isForAnybody, hasRule) = (false, false, false) }
    if value.first == UInt8(ascii: "*"), value.count == 1 || RobotsReading.isBlank(value[1]) {
      isForAnybody = true
    } else if !product.isEmpty, RobotsRules.product(of: String(decoding: value, as: UTF8.self)).lowercased() == product
    {
      isForOwn = true
      hasOwn = true
    }
  }

  private mutating func add(_ allows: Bool, _ value: [UInt8]) {
    // Rules before the first group are nobody's.
    hasRule = true
    // An empty `Disallow` forbids nothing.
    guard !value.isEmpty else { return }
    let rule = RobotsRules.Rule(allows: allows, pattern: RobotsRules.normalised(value))
    if isForOwn { own.append(rule) }
    if isForAnybody { anybody.append(rule) }
  }

  private enum Key { case userAgent, allow, disallow }

  /// With the slips that Google's parser takes too: they are meant to forbid.
  private static func key(_ name: String) -> Key? {
    switch name {
    case "user-agent", "useragent", "user agent": .userAgent
    case "allow": .allow
    case "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw": .disallow
    default: nil
    }
  }

  /// `name: value`, and `name value` for want of a colon.
  private static func parts(of line: [UInt8]) -> (name: String, value: [UInt8])? {
    let text = trimmed(line.prefix { $0 != UInt8(ascii: "#") })
    if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      return (word(text[..<colon]), Array(trimmed(text[(colon + 1)...])))
    }
    guard let blank = text.firstIndex(where: isBlank) else { return nil }
    let value = trimmed(text[blank...])
    // More than two words are a sentence.
    return value.contains(where: isBlank) ? nil : (word(text[..<blank]), Array(value))
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: trimmed(bytes), as: UTF8.self).lowercased()
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let rest = bytes.drop(while: isBlank)
    guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return rest.prefix(0) }
    return rest[...last]
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0B || byte == 0x0C }
}
