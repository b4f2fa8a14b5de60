/// Seeded chance for pages (SplitMix64): the same seed, the same pages.
public struct PageDraw: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In 0 ..< bound.
  public mutating func callAsFunction(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

  /// So many times of a hundred.
  public mutating func percent(_ share: Int) -> Bool { self(100) < share }

  public mutating func one<Element>(of all: [Element]) -> Element { all[self(all.count)] }
}
