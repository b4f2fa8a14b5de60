internal import CLibPCRE2

/// A regular expression of PCRE2, compiled once, immutable and safe to share between threads.
///
/// - Text is Unicode: `\d`, `\w`, `\s`, `\b` and `(?i)` know Persian letters and digits (`\d` matches ۵). Where only
///   ASCII will do, write `[0-9]` or ask for ``Options/asciiClasses``.
/// - `.` stops at CR and LF. `$` is the very end of the text, never before a last line break (with `(?m)`, of a line).
/// - `\C`, `\G`, `(*COMMIT)` and `(*SKIP)` are refused: a search is done in runs of starting points, between which its
///   time is looked at, and these would see the seams.
public final class Pattern: Sendable {
  public let source: String
  public let options: Options
  public let limits: Limits
  /// The names of groups with their numbers.
  public let groupNames: [GroupName]
  /// How many groups there are, the whole match not counted.
  public let groupCount: Int

  let isAnchored: Bool
  /// Whether CR or LF are written in it.
  let namesLineBreaks: Bool
  let isCompiledToMachineCode: Bool
  // PCRE2 never writes to a compiled pattern after it was compiled (pcre2api, "Multithreading").
  nonisolated(unsafe) let code: OpaquePointer

  public init(_ source: String, options: Options = [], limits: Limits = Limits()) throws(PatternError) {
    let compiled = try CompiledPattern(source, options, limits)
    self.source = source
    self.options = options
    self.limits = limits
    code = compiled.code
    groupCount = compiled.groupCount
    groupNames = compiled.groupNames
    isAnchored = compiled.isAnchored
    namesLineBreaks = compiled.namesLineBreaks
    isCompiledToMachineCode = compiled.isCompiledToMachineCode
  }

  deinit { pcre2_code_free_8(code) }

  /// The first match, nil when there is none.
  public func firstMatch(in text: String) throws(PatternLimit) -> Match? {
    try search(text) { search throws(PatternLimit) in try search.next() ? search.match() : nil }
  }

  /// Whether there is a match; cheaper than ``firstMatch(in:)``.
  public func hasMatch(in text: String) throws(PatternLimit) -> Bool {
    try search(text) { search throws(PatternLimit) in try search.next() }
  }

  /// All matches that do not overlap, from left to right.
  public func matches(in text: String) throws(PatternLimit) -> [Match] {
    try search(text) { search throws(PatternLimit) in
      var found: [Match] = []
      while try search.next() {
        if found.count == self.limits.matches { throw PatternLimit(.tooManyMatches, limit: found.count) }
        found.append(search.match())
      }
      return found
    }
  }

  private func search<Found>(
    _ text: String, _ body: (inout PatternSearch) throws(PatternLimit) -> Found
  ) throws(PatternLimit) -> Found {
    guard text.utf8.count <= limits.inputBytes else { throw PatternLimit(.inputTooLong, limit: limits.inputBytes) }
    var text = text
    // A Swift string is always valid UTF-8, so PCRE2 need not check it again on each call.
    let result: Result<Found, PatternLimit> = text.withUTF8 { bytes in
      do throws(PatternLimit) {
        var search = try PatternSearch(self, bytes)
        defer { search.finish() }
        return .success(try body(&search))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

extension Pattern: Hashable {
  public static func == (left: Pattern, right: Pattern) -> Bool {
    left.source == right.source && left.options == right.options && left.limits == right.limits
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(options)
  }
}
