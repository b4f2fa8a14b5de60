/// Seeded chance for pages: the same seed, the same pages.
public struct PageDraw: RandomNumberGenerator {
  private var numbers: SplitMix

  public init(seed: UInt64) { numbers = SplitMix(seed: seed) }

  public mutating func next() -> UInt64 { numbers.next() }

  /// In 0 ..< bound.
  public mutating func callAsFunction(_ bound: Int) -> Int { numbers.next(below: bound) }

  /// So many times of a hundred.
  public mutating func percent(_ share: Int) -> Bool { self(100) < share }

  public mutating func one<Element>(of all: [Element]) -> Element { numbers.one(of: all) }
}
