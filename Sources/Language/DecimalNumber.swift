/// An exact decimal: `units` × 10^-`scale`, in lowest terms (scale as small as it can be, at least 0).
public struct DecimalNumber: Sendable, Hashable {
  public let units: Int64
  public let scale: Int

  public init(units: Int64, scale: Int = 0) {
    guard units != 0 else {
      self.units = 0
      self.scale = 0
      return
    }
    var units = units
    var scale = scale
    while scale > 0, units % 10 == 0 {
      units /= 10
      scale -= 1
    }
    while scale < 0, units != .max, units != .min {
      units = units.multipliedSaturating(by: 10)
      scale += 1
    }
    self.units = units
    self.scale = max(0, scale)
  }
}

extension DecimalNumber {
  /// Digits after the point beyond which text is no number that a page shows; it also bounds ``text``.
  static let maximumScale = 40

  /// Reads `-12.50`, `3`, `1e3` (ASCII digits, a point, an optional exponent).
  ///
  /// nil also for what 64 bits do not hold exactly: a price or an id never loses a digit.
  public init?(_ text: String) {
    var bytes = Substring(text).utf8
    let negative = bytes.first == UInt8(ascii: "-")
    if negative || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
    var units: Int64 = 0
    var scale = 0
    var digits = 0
    var pointSeen = false
    while let byte = bytes.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
      bytes.removeFirst()
      if byte == UInt8(ascii: "."), !pointSeen, digits > 0, bytes.first.map(Self.isDigit) == true {
        pointSeen = true
        continue
      }
      guard Self.isDigit(byte), let next = Self.append(byte, to: units, negative: negative) else { return nil }
      units = next
      digits += 1
      if pointSeen { scale += 1 }
    }
    guard digits > 0 else { return nil }
    if !bytes.isEmpty {
      bytes.removeFirst()
      guard let exponent = Int(Substring(bytes)), (-Self.maximumScale...Self.maximumScale).contains(exponent) else {
        return nil
      }
      scale -= exponent
    }
    self.init(exactly: units, scale: scale)
  }

  private init?(exactly units: Int64, scale: Int) {
    var units = units
    var scale = units == 0 ? 0 : scale
    while scale < 0 {
      let (product, overflow) = units.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      units = product
      scale += 1
    }
    self.init(units: units, scale: scale)
    guard self.scale <= Self.maximumScale else { return nil }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func append(_ digit: UInt8, to units: Int64, negative: Bool) -> Int64? {
    let value = Int64(digit - UInt8(ascii: "0"))
    let (tens, tooMany) = units.multipliedReportingOverflow(by: 10)
    let (sum, tooLarge) = tens.addingReportingOverflow(negative ? -value : value)
    return tooMany || tooLarge ? nil : sum
  }

  /// `-12.5`: no exponent, no grouping, no trailing zero.
  public var text: String {
    guard scale > 0 else { return String(units) }
    // A scale that no parser here makes is printed with an exponent rather than a screen of zeros.
    guard scale <= Self.maximumScale else { return "\(units)e-\(scale)" }
    let digits = String(units.magnitude)
    let all = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
    return (units < 0 ? "-" : "") + all.dropLast(scale) + "." + all.suffix(scale)
  }

  /// The whole number it is, nil where it has a fraction.
  public var integer: Int64? { scale == 0 ? units : nil }
}

extension DecimalNumber: Comparable {
  public static func < (a: DecimalNumber, b: DecimalNumber) -> Bool { a.compare(b) < 0 }

  /// Below, at or above 0 as the number is below, equal to or above `other` × 10^`shift`.
  func compare(_ other: DecimalNumber, shift: Int = 0) -> Int {
    let difference = scale - (other.scale - shift)
    // 10^18 times 64 bits fits 128 bits; a number with a further 19 places is nearer to 0 than one unit of the other.
    switch difference {
    case 0: return sign(units, other.units)
    case 1...18: return sign(Int128(units), Int128(other.units) * power(difference))
    case -18 ... -1: return sign(Int128(units) * power(-difference), Int128(other.units))
    case 19...: return other.units == 0 ? sign(units, 0) : sign(0, other.units)
    default: return units == 0 ? sign(0, other.units) : sign(units, 0)
    }
  }

  private func sign<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : (a == b ? 0 : 1) }

  private func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(Int128(1)) { product, _ in product * 10 } }
}

extension DecimalNumber {
  /// nil where 64 bits do not hold the product.
  func multiplied(by factor: Int64) -> DecimalNumber? {
    let (product, overflow) = units.multipliedReportingOverflow(by: factor)
    if !overflow { return DecimalNumber(units: product, scale: scale) }
    guard factor == 10, scale > 0 else { return nil }
    return DecimalNumber(units: units, scale: scale - 1)
  }

  /// A tenth: always exact.
  var tenth: DecimalNumber { DecimalNumber(units: units, scale: scale + 1) }

  /// `1,234,567.5`
  var grouped: String {
    let plain = text
    let negative = plain.hasPrefix("-")
    let parts = plain.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
    var whole = ""
    for (index, digit) in parts[0].enumerated() {
      if index > 0, (parts[0].count - index) % 3 == 0 { whole.append(",") }
      whole.append(digit)
    }
    return (negative ? "-" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
  }
}
