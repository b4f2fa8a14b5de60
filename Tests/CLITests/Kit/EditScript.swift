import Glibc
import TestSupport

/// Random edits of a ``HallHome``: valid ones, broken ones, halves, in every editor's way, some faster than any settles.
struct EditScript {
  private var random: SeededNumbers

  init(seed: UInt64) { random = SeededNumbers(seed: seed) }

  mutating func marker() -> Int { Int.random(in: 1..<HallWorld.markers, using: &random) }

  mutating func edit(_ home: HallHome) async throws {
    let site = HallHome.sites.randomElement(using: &random) ?? "hall-a"
    let good = home.valid(marker(), of: site)
    let habit = EditorHabit.allCases.randomElement(using: &random) ?? .truncate
    switch Int.random(in: 0..<10, using: &random) {
    case 0...5:
      home.note(good, of: site)
      try habit.save(good, to: home.file(of: site))
    case 6: try habit.save(good.replacing("rows:\n", with: "rosw:\n"), to: home.file(of: site))
    case 7:
      // Cut before `items:`: never a whole spec.
      try habit.save(String(good.prefix(good.count / 2)), to: home.file(of: site))
    case 8: try habit.save("", to: home.file(of: site))
    default:
      try home.write("site: [\n", to: "sites/.\(site).yaml.swp")
      try home.write("\u{1}\u{2}", to: "sites/\(site).yaml.bak")
    }
    // Real time, as the service that is edited is a real process: from at once to longer than a file takes to settle.
    try await Task.sleep(for: .milliseconds(Int.random(in: 0...350, using: &random)))
  }
}

/// SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
