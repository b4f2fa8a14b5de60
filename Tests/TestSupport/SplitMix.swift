/// Repeatable chance: SplitMix64, <https://prng.di.unimi.it/splitmix64.c>. A seed gives the same row on every machine.
public struct SplitMix: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In 0 ..< bound, and 0 where the bound is 0.
  public mutating func next(below bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

  /// - Precondition: There is one.
  public mutating func one<Element>(of all: [Element]) -> Element { all[next(below: all.count)] }
}
