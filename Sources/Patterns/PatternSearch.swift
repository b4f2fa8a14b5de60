internal import CLibPCRE2
import Glibc

/// One search of one text: its place, and what it has spent.
///
/// PCRE2 counts steps from each starting point anew, so on 64 KiB `\s+x` may take 30 s without crossing any limit of
/// PCRE2's. The starting points are therefore tried in runs, and the processor time is looked at between two runs.
struct PatternSearch {
  private let pattern: Pattern
  private let subject: UnsafeBufferPointer<UInt8>
  private let workspace: SearchWorkspace
  private let matchData: OpaquePointer
  private var place = 0
  /// Set after an empty match: the next one must not be empty and begin at the same place.
  private var isAfterEmptyMatch = false
  private var runLength = Self.firstRun
  private var startTime: Int64
  private var lastWallTime: Int64
  /// In nanoseconds.
  private static let lookInterval: Int64 = 1_000_000

  /// 256 starting points that each look at 64 KiB take 7 ms with machine code (measured; 120 ms without).
  private static let firstRun = 256
  /// Runs double while they are quick, up to here; the overshoot of the time limit stays about as large as the limit.
  private static let longestRun = 4096

  init(_ pattern: Pattern, _ subject: UnsafeBufferPointer<UInt8>) throws(PatternLimit) {
    guard let matchData = pcre2_match_data_create_from_pattern_8(pattern.code, nil) else {
      throw PatternLimit(.tooMuchMemory, limit: pattern.limits.memory)
    }
    self.pattern = pattern
    self.subject = subject
    self.matchData = matchData
    workspace = SearchWorkspace.take()
    workspace.set(pattern.limits)
    startTime = nanoseconds(of: CLOCK_THREAD_CPUTIME_ID)
    lastWallTime = nanoseconds(of: CLOCK_MONOTONIC)
  }

  func finish() {
    pcre2_match_data_free_8(matchData)
    workspace.giveBack()
  }

  /// Finds the next match.
  mutating func next() throws(PatternLimit) -> Bool {
    if place > 0 { try spendTime() }
    if isAfterEmptyMatch {
      isAfterEmptyMatch = false
      if try attempt(from: place, through: place, PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED) { return moved() }
      place = characterEnd(after: place)
    }
    while place <= subject.count {
      let last = pattern.isAnchored ? subject.count : runEnd(from: place)
      if try attempt(from: place, through: last, 0) { return moved() }
      if last >= subject.count { break }
      place = nextStart(after: last)
      try spendTime()
    }
    place = subject.count + 1
    return false
  }

  /// The match that ``next()`` found.
  func match() -> Pattern.Match {
    let groups = (0..<pattern.groupCount).map { group(Int($0) + 1).map(text) }
    let whole = group(0) ?? 0..<0
    return Pattern.Match(text: text(whole), range: whole, groups: groups, names: pattern.groupNames)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: subject[range]), as: UTF8.self)
  }

  private func group(_ number: Int) -> Range<Int>? {
    guard let offsets = pcre2_get_ovector_pointer_8(matchData) else { return nil }
    let (start, end) = (offsets[2 * number], offsets[2 * number + 1])
    // PCRE2_UNSET is the largest size_t, which Swift sees as -1. `\K` may put the start of a match behind its end.
    guard start >= 0, end >= 0 else { return nil }
    return min(start, end)..<end
  }
}

extension PatternSearch {
  private mutating func moved() -> Bool {
    guard let whole = group(0) else { return true }
    isAfterEmptyMatch = whole.isEmpty
    // Never back: `\K` inside a recursion could end a match before its beginning.
    place = max(place, whole.upperBound)
    return true
  }

  /// Tries the starting points from `start` to `last`.
  private func attempt(from start: Int, through last: Int, _ flags: UInt32) throws(PatternLimit) -> Bool {
    pcre2_set_offset_limit_8(workspace.context, last)
    var none: UInt8 = 0
    let result = withUnsafePointer(to: &none) { none in
      pcre2_match_8(
        pattern.code, subject.baseAddress ?? none, subject.count, start, flags | PCRE2_NO_UTF_CHECK, matchData,
        workspace.context)
    }
    switch result {
    case 1...: return true
    case PCRE2_ERROR_NOMATCH: return false
    case PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_NOMEMORY:
      throw PatternLimit(.tooMuchMemory, limit: pattern.limits.memory)
    case PCRE2_ERROR_JIT_STACKLIMIT: throw PatternLimit(.tooMuchMemory, limit: Pattern.stackBytes)
    // MATCHLIMIT and DEPTHLIMIT; and RECURSELOOP, a pattern that calls itself without end.
    default: throw PatternLimit(.tooManySteps, limit: pattern.limits.steps)
    }
  }

  /// Looks at the time after a run or a match. The wall clock costs 20 ns and tells when it is worth asking for the
  /// processor time, which is a system call.
  private mutating func spendTime() throws(PatternLimit) {
    let wall = nanoseconds(of: CLOCK_MONOTONIC)
    let longest = pattern.isCompiledToMachineCode ? Self.longestRun : Self.firstRun
    if wall - lastWallTime < Self.lookInterval {
      runLength = min(runLength * 2, longest)
      return
    }
    runLength = Self.firstRun
    lastWallTime = wall
    let used = nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) - startTime
    let limit = pattern.limits.time / .milliseconds(1)
    if Double(used) / 1_000_000 > limit { throw PatternLimit(.tooMuchTime, limit: Int(limit)) }
  }

  /// The last starting point of a run; never the LF of a CR LF, see ``nextStart(after:)``.
  private func runEnd(from start: Int) -> Int {
    let end = min(start + runLength - 1, subject.count)
    return isInsideLineBreak(end) && end > start ? end - 1 : end
  }

  /// PCRE2 skips the LF of a CR LF as a starting point, unless the pattern names CR or LF itself; so must the seam.
  private func nextStart(after last: Int) -> Int {
    isInsideLineBreak(last + 1) && !pattern.namesLineBreaks ? last + 2 : characterStart(from: last + 1)
  }

  private func isInsideLineBreak(_ index: Int) -> Bool {
    index > 0 && index < subject.count && subject[index] == UInt8(ascii: "\n")
      && subject[index - 1] == UInt8(ascii: "\r")
  }

  private func characterStart(from index: Int) -> Int {
    var index = index
    while index < subject.count, subject[index] & 0xC0 == 0x80 { index += 1 }
    return index
  }

  private func characterEnd(after index: Int) -> Int {
    guard index < subject.count else { return index + 1 }
    let isLineBreak = subject[index] == UInt8(ascii: "\r") && isInsideLineBreak(index + 1)
    return characterStart(from: index + (isLineBreak ? 2 : 1))
  }
}

/// - Parameter clock: The wall clock, or the processor time of this thread: a search on a busy machine must not fail for
///   having waited.
private func nanoseconds(of clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
