/// What happened, line by line: the last lines are kept for people, all of them make the digest.
final class History: @unchecked Sendable {  // one thread: see JobLoop
  static let kept = 60

  private let clock: VirtualClock
  private(set) var last: [String] = []
  private(set) var count = 0
  /// FNV-1a over every line.
  private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  let isPrinting: Bool

  init(_ clock: VirtualClock, isPrinting: Bool) {
    self.clock = clock
    self.isPrinting = isPrinting
  }

  /// For who reads along: no part of the story, so that reading along does not change it.
  func aside(_ text: String) { if isPrinting { print(clock.now.clockText + "    " + text) } }

  func note(_ text: String) {
    let line = clock.now.clockText + "  " + text
    count += 1
    for byte in line.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
    if isPrinting { print(line) }
    last.append(line)
    if last.count > 2 * History.kept { last.removeFirst(History.kept) }
  }
}

/// A promise of RELIABILITY.md 4.0 that did not hold.
struct Violation: Error {
  enum Invariant: String, CaseIterable {
    /// Every change committed has its outbox rows in the same transaction; every told-of life is in the snapshot.
    case committed = "I1"
    /// Every outbox row ends where it can be seen.
    case ends = "I2"
    /// Told at least once, in time, and twice only where a crash or a lost answer fell between accepting and recording.
    case told = "I3"
    /// Order and sequence numbers.
    case order = "I4"
    /// What could not be read changes nothing, and nobody hears of what never was.
    case truth = "I5"
    /// Nothing for whoever is not, or no longer, subscribed; nothing they did not ask for, or not in the way they asked.
    case asked = "I6"
    /// No watch waits too long, none runs too often, politeness holds.
    case schedule = "I7"
    /// Counters, rows and the world agree.
    case counted = "I8"
  }

  var invariant: Invariant
  var text: String
}
