/// A text in which each escape counts as the one scalar it stands for, place by place: `%2B` is a plus and no digits.
struct Escapes {
  /// As long as the text: what an escape says where it begins, ``filler`` in the rest of it.
  private(set) var scalars: [Unicode.Scalar]
  /// Private use: it stands in no page.
  static let filler: Unicode.Scalar = "\u{F8FE}"
  /// Divides, and joins nothing.
  private static let mark: Unicode.Scalar = "\n"
  private static let entities: [String: Unicode.Scalar] = [
    "&nbsp;": " ", "&zwnj;": " ", "&ndash;": "-", "&mdash;": "-", "&plus;": "+", "&commat;": "@", "&quot;": "\"",
    "&amp;": "&", "&lt;": "<", "&gt;": ">",
  ]

  init(_ text: [Unicode.Scalar]) {
    scalars = text
    var at = 0
    while at < text.count {
      let found: (Unicode.Scalar, Int)? =
        switch text[at] {
        case "%": Escapes.percent(text, at)
        case "\\": Escapes.backslash(text, at)
        case "&": Escapes.entity(text, at)
        default: nil
        }
      guard let (scalar, length) = found else {
        at += 1
        continue
      }
      scalars[at] = scalar
      for place in (at + 1)..<(at + length) { scalars[place] = Escapes.filler }
      at += length
    }
  }

  /// The text as it stands.
  init(none text: [Unicode.Scalar]) { scalars = text }

  /// Where the scalar begins that stands at `at`.
  func head(_ at: Int) -> Int {
    var at = at
    while at > 0, scalars[at] == Escapes.filler { at -= 1 }
    return at
  }

  /// All bytes of one scalar that is no ASCII together.
  private static func percent(_ text: [Unicode.Scalar], _ at: Int) -> (Unicode.Scalar, Int)? {
    guard let byte = hex(text, at + 1, 2) else { return nil }
    guard byte >= 0x80 else { return (plain(byte), 3) }
    var end = at + 3
    while end < text.count, text[end] == "%", let next = hex(text, end + 1, 2), (0x80..<0xC0).contains(next) {
      end += 3
    }
    return (" ", end - at)
  }

  /// However often it was escaped: `\\\\n` is a line's end.
  private static func backslash(_ text: [Unicode.Scalar], _ at: Int) -> (Unicode.Scalar, Int)? {
    var end = at
    while end < text.count, text[end] == "\\" { end += 1 }
    guard end < text.count else { return (mark, end - at) }
    switch text[end] {
    case "n", "r", "t", "b", "f": return (mark, end + 1 - at)
    case "/", "\"", "'": return (text[end], end + 1 - at)
    case "u": return hex(text, end + 1, 4).map { (plain($0), end + 5 - at) } ?? (mark, end - at)
    default: return (mark, end - at)
    }
  }

  private static func entity(_ text: [Unicode.Scalar], _ at: Int) -> (Unicode.Scalar, Int)? {
    guard let end = text[at...].prefix(10).firstIndex(of: ";") else { return nil }
    let name = String(String.UnicodeScalarView(text[at...end]))
    if let scalar = entities[name] { return (scalar, end + 1 - at) }
    guard name.hasPrefix("&#") else { return nil }
    let digits = name.dropFirst(2).dropLast()
    let value = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return value.map { (plain($0), end + 1 - at) }
  }

  /// Escaped digits are read where the whole number is escaped (``EncodedRuns``).
  private static func plain(_ value: UInt32) -> Unicode.Scalar {
    guard value >= 0x20, let scalar = Unicode.Scalar(value) else { return mark }
    return PersonalData.digit(scalar) == nil && scalar != filler ? scalar : " "
  }

  private static func hex(_ text: [Unicode.Scalar], _ at: Int, _ count: Int) -> UInt32? {
    guard at + count <= text.count else { return nil }
    var value: UInt32 = 0
    for scalar in text[at..<(at + count)] {
      guard scalar.isASCII, let digit = Character(scalar).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
