extension Pattern {
  public struct Options: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// As `(?i)` at the start.
    public static let caseInsensitive = Options(rawValue: 1)
    /// The pattern must match the text from its start to its end.
    public static let wholeText = Options(rawValue: 2)
    /// As `(?s)` at the start: `.` matches line breaks too.
    public static let dotMatchesLineBreaks = Options(rawValue: 4)
    /// As `(?m)` at the start: `^` and `$` also match at line breaks.
    public static let multiline = Options(rawValue: 8)
    /// `\d`, `\w`, `\s` and `\b` know ASCII only.
    public static let asciiClasses = Options(rawValue: 16)
  }

  /// What one pattern may cost. Each is tested, and crossing one is a ``PatternLimit`` or ``PatternError``.
  public struct Limits: Sendable, Hashable {
    /// The length of the pattern: a selector's, DESIGN.md section 6.
    public var sourceBytes = 4096
    /// The length of the text: 64 KiB, DESIGN.md section 6. Searches of whole pages say what they need here; the time
    /// limit still holds.
    public var inputBytes = 65_536
    /// Backtracking steps from one starting point; aborts `^(a+)+$` in 0.13 ms (PLATFORM.md section 10).
    public var steps = 100_000
    /// Processor time of one search, all matches together: RELIABILITY.md section 5. PCRE2 counts steps for each
    /// starting point anew, so steps alone let `\s+x` take seconds on a long run of spaces.
    public var time = Duration.milliseconds(100)
    /// Memory for backtracking without machine code, in bytes; with it, a stack of ``Pattern/stackBytes``.
    public var memory = 16 << 20
    /// How many matches ``Pattern/matches(in:)`` gives: the items of a run, DESIGN.md section 6.
    public var matches = 10_000

    public init() {}

    /// - Parameter inputBytes: The longest text to search.
    public init(inputBytes: Int) { self.inputBytes = inputBytes }
  }

  /// The largest stack that machine code may use for backtracking, in bytes.
  public static let stackBytes = 1 << 20

  public struct GroupName: Sendable, Hashable {
    public var name: String
    /// Groups count from 1.
    public var number: Int

    public init(name: String, number: Int) {
      self.name = name
      self.number = number
    }
  }

  public struct Match: Sendable, Hashable {
    /// What the whole pattern matched.
    public var text: String
    /// Where, in UTF-8 bytes of the searched text.
    public var range: Range<Int>
    /// What each group matched, from group 1 on; nil for a group that took no part.
    public var groups: [String?]
    let names: [GroupName]

    /// What the named group matched; nil when it took no part or there is none of that name.
    public subscript(name: String) -> String? {
      for group in names where group.name == name {
        if let text = groups[group.number - 1] { return text }
      }
      return nil
    }

    /// What the named groups matched.
    public var named: [String: String] {
      var found: [String: String] = [:]
      for group in names where found[group.name] == nil { found[group.name] = groups[group.number - 1] }
      return found
    }
  }
}
