extension JSONReader {
  /// Reads a number; the reader stands on its sign or first digit.
  mutating func number() throws(JSONSyntaxError) -> JSON {
    let start = at
    let isNegative = bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    var digits = NumberDigits()
    try wholePart(&digits)
    let isWhole = try !fraction(&digits)
    let hasExponent = try exponent(&digits)
    if isWhole, !hasExponent, let value = digits.integer(isNegative: isNegative) { return .integer(value) }
    let lexeme = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    return .number(digits.quickDouble(isNegative: isNegative) ?? Double(lexeme) ?? .nan, lexeme: lexeme)
  }

  private mutating func wholePart(_ digits: inout NumberDigits) throws(JSONSyntaxError) {
    guard at < bytes.count else { throw truncated("the input ends inside a number") }
    if bytes[at] == UInt8(ascii: "0") {
      at += 1
      guard at >= bytes.count || !isDigit(bytes[at]) else { throw malformed("a number cannot begin with 0") }
      return
    }
    try someDigits { digits.append($0) }
  }

  private mutating func fraction(_ digits: inout NumberDigits) throws(JSONSyntaxError) -> Bool {
    guard at < bytes.count, bytes[at] == UInt8(ascii: ".") else { return false }
    at += 1
    try someDigits { digits.appendFraction($0) }
    return true
  }

  private mutating func exponent(_ digits: inout NumberDigits) throws(JSONSyntaxError) -> Bool {
    guard at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") else { return false }
    at += 1
    var isNegative = false
    if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
      isNegative = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    var value = 0
    // Past any double's exponent the digits no longer matter.
    try someDigits { if value < 100_000 { value = value * 10 + Int($0) } }
    digits.exponent += isNegative ? -value : value
    return true
  }

  @inline(__always)
  private mutating func someDigits(_ use: (UInt8) -> Void) throws(JSONSyntaxError) {
    let start = at
    while at < bytes.count, isDigit(bytes[at]) {
      use(bytes[at] - UInt8(ascii: "0"))
      at += 1
    }
    guard at == start else { return }
    guard at < bytes.count else { throw truncated("the input ends inside a number") }
    throw malformed("expected a digit, found \(describedByte())")
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}

/// The digits of a number as far as they fit a machine word.
struct NumberDigits {
  private var magnitude: UInt64 = 0
  private var overflows = false
  /// The power of ten by which the digits are to be multiplied.
  var exponent = 0

  @inline(__always)
  mutating func append(_ digit: UInt8) {
    // 19 digits always fit; the twentieth may not.
    if magnitude > (UInt64.max - 9) / 10 { overflows = true }
    magnitude = magnitude &* 10 &+ UInt64(digit)
  }

  @inline(__always)
  mutating func appendFraction(_ digit: UInt8) {
    append(digit)
    exponent -= 1
  }

  func integer(isNegative: Bool) -> Int64? {
    guard !overflows else { return nil }
    if isNegative {
      return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }

  /// The exact result where one multiplication or division of two exact doubles gives it: up to 2⁵³ times or over 10²²
  /// (Clinger, "How to read floating point numbers accurately", 1990). Nearly every price and coordinate.
  func quickDouble(isNegative: Bool) -> Double? {
    guard !overflows, magnitude <= 1 << 53, abs(exponent) <= 22 else { return nil }
    let value = Double(magnitude)
    let scaled = exponent < 0 ? value / Self.powers[-exponent] : value * Self.powers[exponent]
    return isNegative ? -scaled : scaled
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
