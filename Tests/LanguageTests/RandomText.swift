import TestSupport

extension SplitMix {
  /// Text of letters, digits, marks and spaces of both scripts.
  mutating func text(upTo length: Int) -> String {
    let ranges: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x600...0x6FF, 0x2000...0x206F, 0x09...0x0D, 0xFB50...0xFBFF, 0x1F600...0x1F610,
    ]
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...length, using: &self) {
      let range = ranges.randomElement(using: &self) ?? 0x20...0x7E
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self)) { scalars.append(scalar) }
    }
    return String(scalars)
  }
}
