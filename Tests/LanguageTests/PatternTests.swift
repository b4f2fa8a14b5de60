import Language
import Patterns
import TestSupport
import Testing

struct PatternTests {
  @Test func `a match gives the whole, its place, its groups and their names`() throws {
    let pattern = try Pattern(#"(?<hour>\d+):(?<minute>\d+)(x)?"#)
    let match = try #require(try pattern.firstMatch(in: "ساعت 09:30."))
    #expect(match.text == "09:30")
    #expect(match.range == 9..<14)
    #expect(match.groups == ["09", "30", nil])
    #expect(match["hour"] == "09" && match["minute"] == "30" && match["second"] == nil)
    #expect(match.named == ["hour": "09", "minute": "30"])
    #expect(pattern.groupCount == 3)
    #expect(try pattern.firstMatch(in: "no") == nil)
    #expect(try pattern.hasMatch(in: "1:2"))
  }

  @Test func `of groups with one name the one that took part counts`() throws {
    let match = try #require(try Pattern("(?J)(?<n>a)|(?<n>b)").firstMatch(in: "b"))
    #expect(match["n"] == "b")
    #expect(match.named == ["n": "b"])
  }

  @Test(arguments: [
    ("a", "banana", ["a", "a", "a"]), ("x*", "axb", ["", "x", "", ""]), ("", "بت", ["", "", ""]), ("$", "ab", [""]),
    ("^", "ab", [""]), ("(?m)^", "a\nb", ["", ""]), (#"\b"#, "سلام", ["", ""]), ("a|", "aé", ["a", "", ""]),
    ("(?m)$", "a\r\nb", ["", ""]), ("(?m)^.*$", "a\r\n\r\nb", ["a", "", "b"]), ("a+?", "aa", ["a", "a"]),
    (#"a\Kb"#, "abab", ["b", "b"]), ("(?=a)", "aa", ["", ""]),
  ])
  func `all matches, empty ones too`(source: String, text: String, expected: [String]) throws {
    #expect(try Pattern(source).matches(in: text).map(\.text) == expected)
  }

  @Test func `text is Unicode`() throws {
    #expect(try Pattern(#"^\d+$"#).hasMatch(in: "۱۲۳"))
    #expect(try Pattern(#"^\w+$"#).hasMatch(in: "پزشک"))
    #expect(try !Pattern(#"^\w+$"#, options: .asciiClasses).hasMatch(in: "پزشک"))
    #expect(try !Pattern(#"\d"#, options: .asciiClasses).hasMatch(in: "۱"))
    #expect(try Pattern("(?i)ÉTÉ").hasMatch(in: "été"))
    #expect(try Pattern("été", options: .caseInsensitive).hasMatch(in: "ÉTÉ"))
    #expect(try Pattern("^.$").hasMatch(in: "😀"))
  }

  @Test func `the end is the end, and options are as their letters`() throws {
    #expect(try !Pattern("a$").hasMatch(in: "a\n"))
    #expect(try !Pattern("b", options: .wholeText).hasMatch(in: "abc"))
    #expect(try Pattern("a|ab", options: .wholeText).hasMatch(in: "ab"))
    #expect(try !Pattern("a.b").hasMatch(in: "a\nb"))
    #expect(try Pattern("a.b", options: .dotMatchesLineBreaks).hasMatch(in: "a\nb"))
    #expect(try Pattern("^b", options: .multiline).hasMatch(in: "a\r\nb"))
  }

  @Test(arguments: [
    ("(", 1), ("a)", 1), ("پ[", 2), ("a{2,1}", 5), (#"(?<n>a)\k<m>"#, 10), ("(?z)", 2), (#"a\G"#, 1), (#"\C"#, 2),
    ("پ(*SKIP)a", 1), ("(*COMMIT)", 0), (#"\p{Xyz}"#, 7),
  ])
  func `a pattern that does not compile says where, in scalars`(source: String, offset: Int) throws {
    #expect(
      performing: { try Pattern(source) },
      throws: { error in
        guard let error = error as? PatternError else { return false }
        return error.offset == offset && !error.message.isEmpty
      })
  }

  @Test func `a quoted backslash before G is no anchor`() throws {
    #expect(try Pattern(#"\\G"#).hasMatch(in: #"\G"#))
  }

  @Test func `a pattern longer than 4 KiB is refused`() {
    #expect(throws: PatternError.self) { try Pattern(String(repeating: "a", count: 4097)) }
    #expect(throws: Never.self) { try Pattern(String(repeating: "a", count: 4096)) }
  }
}

/// The limits of DESIGN.md section 6; every search ends in an answer or in a limit with a name.
struct PatternLimitTests {
  @Test func `a text over the input limit is refused by name, not cut`() throws {
    let text = String(repeating: "a", count: 65_536)
    let pattern = try Pattern("b")
    #expect(try !pattern.hasMatch(in: text))
    #expect(throws: PatternLimit(.inputTooLong, limit: 65_536)) { try pattern.hasMatch(in: text + "b") }
    #expect(try Pattern("b", limits: .init(inputBytes: 100_000)).hasMatch(in: text + "b"))
  }

  @Test func `more matches than the limit are an error`() throws {
    let text = String(repeating: "a", count: 10_001)
    #expect(throws: PatternLimit(.tooManyMatches, limit: 10_000)) { try Pattern("a").matches(in: text) }
    #expect(try Pattern("a").matches(in: String(text.dropLast())).count == 10_000)
  }

  @Test func `backtracking ends in the limit of steps`() throws {
    let text = String(repeating: "a", count: 40) + "!"
    #expect(throws: PatternLimit(.tooManySteps, limit: 100_000)) { try Pattern("^(a+)+$").hasMatch(in: text) }
  }

  @Test func `quadratic scanning ends in the limit of time`() throws {
    // PCRE2 counts steps for each starting point anew: without the time limit this takes about 2 s.
    var limits = Pattern.Limits()
    limits.time = .milliseconds(5)
    let text = String(repeating: ",", count: 65_000)
    #expect(throws: PatternLimit(.tooMuchTime, limit: 5)) {
      try Pattern("(,|x)*+[yz]", limits: limits).hasMatch(in: text)
    }
  }

  @Test func `without machine code the limits hold too`() throws {
    let spaces = String(repeating: " ", count: 65_000)
    #expect(throws: PatternLimit(.tooMuchTime, limit: 100)) {
      try Pattern(#"(*NO_JIT)\s+$"#).hasMatch(in: spaces + "x")
    }
    let text = String(repeating: "a", count: 40) + "!"
    #expect(throws: PatternLimit(.tooManySteps, limit: 100_000)) { try Pattern("(*NO_JIT)^(a+)+$").hasMatch(in: text) }
    #expect(try Pattern(#"(*NO_JIT)(\d+)"#).matches(in: "1 22 333").map(\.text) == ["1", "22", "333"])
  }

  @Test func `the time of all matches together is limited`() throws {
    var limits = Pattern.Limits()
    limits.time = .milliseconds(20)
    // Each match looks ahead over all the rest: no single search is long.
    let text = String(repeating: ",", count: 65_000)
    #expect(throws: PatternLimit(.tooMuchTime, limit: 20)) {
      try Pattern(",(?![,x]*[yz])", limits: limits).matches(in: text)
    }
  }

  @Test func `deep backtracking ends in the limit of memory`() throws {
    let text = String(repeating: ",", count: 65_000)
    #expect(
      performing: { try Pattern("(?:(,)x?)*[yz]").hasMatch(in: text) },
      throws: { error in
        guard let error = error as? PatternLimit else { return false }
        // Without machine code the interpreter reaches its steps first.
        return error.reason == .tooMuchMemory || error.reason == .tooManySteps
      })
  }

  @Test(.enabled(if: shared("suites/hostile/regex_redos.json") != nil, "needs ../shared/suites/hostile"))
  func `hostile patterns are refused, answered or stopped by a limit`() throws {
    let suite = try JSON(parsing: try bytes(of: try #require(shared("suites/hostile/regex_redos.json"))))
    let cases = try JSONPath("$.cases[*]").select(from: suite)
    #expect(cases.count == 14)
    for case .object(let test) in cases {
      guard case .string(let source) = test["re"], case .string(let text) = test["s"] else { continue }
      guard let pattern = try? Pattern(source) else { continue }
      do throws(PatternLimit) { _ = try pattern.matches(in: text) } catch { #expect(error.limit > 0, "\(source)") }
    }
  }

  @Test func `runs of starting points leave no seam`() throws {
    for length in [255, 256, 257, 511, 512, 767, 768, 5000, 9000] {
      let text = String(repeating: "ی", count: length) + "\r\nab" + String(repeating: "x", count: length)
      #expect(try Pattern("ab").firstMatch(in: text)?.range.lowerBound == 2 * length + 2)
      #expect(try Pattern("(?m)^ab").matches(in: text).count == 1)
      #expect(try Pattern("(?<=ی\r\n)a").hasMatch(in: text))
      #expect(try Pattern("(?m)^$").matches(in: text).isEmpty)
      let breaks = String(repeating: "\r\n", count: length)
      #expect(try Pattern("(?m)^$").matches(in: "x" + breaks + "x").count == length - 1)
      #expect(try Pattern("\n").matches(in: breaks).count == length)
      #expect(try Pattern("ی+").matches(in: text).map(\.text.unicodeScalars.count) == [length])
      #expect(try Pattern(#"x\z"#).firstMatch(in: text)?.range.upperBound == text.utf8.count)
    }
  }

  @Test func `one pattern serves many threads`() async throws {
    let pattern = try Pattern(#"(\d+)-(\w+)"#)
    let counts = await withTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          (0..<500).count {
            ((try? pattern.firstMatch(in: "x \(task)-\($0) y"))?.flatMap { $0.groups[0] }) == "\(task)"
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts == Array(repeating: 500, count: 8))
  }
}
