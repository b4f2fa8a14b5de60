import PluginHost

/// Chance of a seed: SplitMix64, the same on every machine.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In `range`, both ends included.
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(bits() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  mutating func chance(_ part: Double) -> Bool { Double(bits() >> 11) * 0x1p-53 < part }
  mutating func one<T>(of all: [T]) -> T { all[number(0...all.count - 1)] }
  /// A span around `mean`, from a twentieth to twice of it.
  mutating func span(_ mean: Moment) -> Moment { max(1, Moment(number(50...2000)) * (mean / 1000)) }
}

/// A die that several hold.
final class SharedDice: @unchecked Sendable {  // one thread: see JobLoop
  private var dice: Dice
  init(_ seed: UInt64) { dice = Dice(seed) }
  func bits() -> UInt64 { dice.bits() }
  var source: RandomSource { RandomSource { self.bits() } }
}
