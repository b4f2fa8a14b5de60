import Glibc
import Language
import PluginHost

/// Many cases, side by side on the machine's cores.
enum SampleSuite {
  struct Outcome: Sendable {
    var name: String
    var differences: [SampleDifference]
    /// Recorded, and asked for by nobody: no failure, but worth a word.
    var unused: [String]
    var elapsed: Duration

    var passed: Bool { differences.isEmpty }
  }

  /// - Returns: In the order of the cases.
  static func run(_ cases: [SampleFinder.Case]) async throws -> [Outcome] {
    try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      var (found, next) = ([Outcome?](repeating: nil, count: cases.count), 0)
      func begin() {
        guard next < cases.count else { return }
        let (index, entry) = (next, cases[next])
        next += 1
        group.addTask { (index, try await outcome(of: entry)) }
      }
      for _ in 0..<max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) { begin() }
      while let (index, outcome) = try await group.next() {
        found[index] = outcome
        begin()
      }
      return found.compactMap(\.self)
    }
  }

  private static func outcome(of entry: SampleFinder.Case) async throws -> Outcome {
    let start = SystemTime().uptime()
    var outcome = Outcome(name: entry.name, differences: [], unused: [], elapsed: .zero)
    do {
      let replay = try await entry.replay()
      (outcome.differences, outcome.unused) = (replay.differences, replay.unused)
    } catch let failure as CommandFailure {
      // One case that can't be read says nothing of the others.
      outcome.differences = [SampleDifference(.file, "can't be read", detail: failure.message)]
    }
    outcome.elapsed = SystemTime().uptime() - start
    return outcome
  }
}

/// What `test` prints.
struct SampleReport {
  var outcomes: [SampleSuite.Outcome]
  var elapsed: Duration

  private var failed: [SampleSuite.Outcome] { outcomes.filter { !$0.passed } }

  private var summary: String {
    "\(outcomes.count) samples, \(failed.count) failed, \(elapsed.inMilliseconds) ms"
  }

  func print(_ terminal: Terminal) {
    for outcome in failed {
      terminal.out(terminal.styled(outcome.name, .bold))
      for line in outcome.differences.flatMap(\.lines) {
        terminal.out(
          "  "
            + (line.hasPrefix("  - ")
              ? terminal.styled(line, .red) : line.hasPrefix("  + ") ? terminal.styled(line, .green) : line))
      }
      terminal.out("")
    }
    terminal.out(summary)
  }

  func printJSON(_ terminal: Terminal) {
    for outcome in outcomes {
      terminal.out(
        JSON.object(
          JSONObject([
            ("sample", .string(outcome.name)), ("passed", .bool(outcome.passed)),
            ("differences", .array(outcome.differences.map(\.json))),
            ("unused", .array(outcome.unused.map(JSON.string))),
            ("elapsed_ms", .integer(outcome.elapsed.inMilliseconds)),
          ])
        ).text)
    }
    terminal.out(
      JSON.object(
        JSONObject([
          ("samples", .integer(Int64(outcomes.count))), ("failed", .integer(Int64(failed.count))),
          ("elapsed_ms", .integer(elapsed.inMilliseconds)),
        ])
      ).text)
  }

  /// As CI servers read it: <https://github.com/testmoapp/junitxml>.
  var junit: String {
    func seconds(_ duration: Duration) -> String {
      let rest = String(duration.inMilliseconds % 1000)
      return "\(duration.inMilliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
    let cases = outcomes.map { outcome in
      let site = String(outcome.name.prefix { $0 != "/" })
      let name = String(outcome.name.dropFirst(site.count + 1))
      let head =
        "    <testcase classname=\"\(XMLText.escaped(site))\" name=\"\(XMLText.escaped(name))\" time=\"\(seconds(outcome.elapsed))\""
      guard !outcome.passed else { return head + "/>" }
      let first = outcome.differences.first?.lines.first ?? ""
      let text = outcome.differences.flatMap(\.lines).joined(separator: "\n")
      return head
        + ">\n      <failure message=\"\(XMLText.escaped(first))\">\(XMLText.escaped(text))</failure>\n    </testcase>"
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
        <testsuite name="samples" tests="\(outcomes.count)" failures="\(failed.count)" time="\(seconds(elapsed))">
      \(cases.joined(separator: "\n"))
        </testsuite>
      </testsuites>

      """
  }
}

enum XMLText {
  /// For attributes and text; characters that XML has no place for are left out.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
