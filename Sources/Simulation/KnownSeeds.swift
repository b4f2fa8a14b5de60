/// Seeds that once failed: always run, and first. Add the number that a failure prints, and what it found.
enum KnownSeeds {
  static let all: [UInt64] = [
    // A snooze by command that was longer than `useful_for` lost what had gone meanwhile: `SnoozeLossTests`.
    297
  ]
}
