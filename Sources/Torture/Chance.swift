/// A seeded source of chance: SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
struct Chance {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// In 0 ..< 1.
  mutating func fraction() -> Double { Double(bits() >> 11) * 0x1p-53 }

  mutating func below(_ count: Int) -> Int { Int(bits() % UInt64(max(1, count))) }

  /// Of `longest`, evenly.
  mutating func part(of longest: Duration) -> Duration { longest * fraction() }

  mutating func happens(_ probability: Double) -> Bool { fraction() < probability }
}
