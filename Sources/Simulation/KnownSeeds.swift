/// Seeds that once failed: always run, and first. Add the number that a failure prints, and what it found.
enum KnownSeeds {
  static let all: [UInt64] = [
    // A snooze by command that was longer than `useful_for` lost what had gone meanwhile: `SnoozeLossTests`.
    297,
    // A confirmation that outlived a restart was followed by the overdue regular run, minutes later.
    980,
    // News joined the oldest of several messages that a snooze held back: told before what was older.
    38,
    // A confirmation that came hours late, after the process was gone, was followed by the regular run all the same.
    142,
    // A channel that came back in the reload that snoozed somebody sent before the snooze was known.
    41,
    // A reload that the store refused is tried again; the simulation took it for lost.
    809,
  ]
}
