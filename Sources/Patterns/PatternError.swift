/// A pattern that does not compile.
public struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  /// Where in the pattern, in Unicode scalars from 0.
  public var offset: Int

  public init(_ message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  public var description: String { message }
}

/// A search that was given up because it crossed a limit. This says nothing about whether there is a match.
public struct PatternLimit: Error, Sendable, Hashable, CustomStringConvertible {
  /// The fixed word of each limit, for logs and verdicts.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// The text is longer than ``Pattern/Limits/inputBytes``.
    case inputTooLong = "pattern_input"
    /// The search took more than ``Pattern/Limits/steps``: the pattern backtracks too much on this text.
    case tooManySteps = "pattern_steps"
    /// The search took more processor time than ``Pattern/Limits/time``; the limit is in milliseconds.
    case tooMuchTime = "pattern_time"
    /// The search needed more memory than ``Pattern/Limits/memory``.
    case tooMuchMemory = "pattern_memory"
    /// More matches than ``Pattern/Limits/matches``.
    case tooManyMatches = "pattern_matches"
  }

  public var reason: Reason
  /// The value that was crossed.
  public var limit: Int

  public init(_ reason: Reason, limit: Int) {
    self.reason = reason
    self.limit = limit
  }

  public var description: String {
    switch reason {
    case .inputTooLong: "the text is longer than the \(limit) bytes that a pattern may search"
    case .tooManySteps: "the pattern took more than \(limit) steps on this text"
    case .tooMuchTime: "the pattern took more than \(limit) ms on this text"
    case .tooMuchMemory: "the pattern needed more than \(limit) bytes on this text"
    case .tooManyMatches: "the pattern matched more than \(limit) times"
    }
  }
}
