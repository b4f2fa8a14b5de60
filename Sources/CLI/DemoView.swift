import Engine
import Language
import PluginHost
import Storage

/// What the demo prints: headings for the operator in English, alerts as their receivers see them.
struct DemoView: Sendable {
  var terminal: Terminal
  var json: Bool
  /// Takes finished lines; standard output unless a test listens.
  var out: @Sendable (String) -> Void

  init(terminal: Terminal, json: Bool, out: (@Sendable (String) -> Void)? = nil) {
    self.terminal = terminal
    self.json = json
    self.out = out ?? { [terminal] in terminal.out($0) }
  }

  private func say(_ text: String) { if !json { out(text) } }
  private func dim(_ text: String) -> String { terminal.styled(text, .dim) }

  /// - Parameter now: The demo's wall clock, in the sites' zone.
  func opening(now: String) {
    say(terminal.styled("SlotHunter: two sites, three channels, all on this machine", .bold))
    say(dim("The wall clock is set to the day of the recordings, \(now); waits are real."))
    say(dim("Rate limits are lifted for loopback, and pages are read anew each run; all else is what `run` does."))
  }

  func heading(_ chapter: DemoChapter, number: Int) {
    say("\n" + terminal.styled("\(number). \(chapter.title)", .bold))
    say("   " + dim(chapter.note))
  }

  func runs(_ commits: [RunCommit]) {
    for commit in commits {
      let verdict = terminal.styled(commit.verdict.rawValue, commit.verdict.isGood ? .green : .red)
      let changes = [Change.Kind.added, .removed].compactMap { kind in
        let count = commit.changes.filter { $0.kind == kind }.count
        return count > 0 ? "\(count) \(kind.rawValue)" : nil
      }
      say("   run \(commit.site): \(verdict)" + (changes.isEmpty ? "" : ", " + changes.joined(separator: ", ")))
    }
  }

  func message(_ message: DemoMessage, chapter: Int, after: Duration) {
    guard !json else { return out(line(message, chapter, after)) }
    let bubble = DemoBubble(message)
    say("")
    say("   ╭─ " + terminal.styled(bubble.caption, .cyan) + dim(", after \(seconds(after))"))
    for (index, text) in bubble.lines.enumerated() {
      say("   │ " + (index == 0 && bubble.hasTitle ? terminal.styled(text, .bold) : text))
    }
    say("   ╰─")
  }

  func silence() { say("   " + terminal.styled("people: nothing", .green)) }

  func attempts(_ attempts: [DeliveryStory.Attempt], since start: Instant) {
    guard !attempts.isEmpty else { return }
    say("\n   " + dim("How the outbox tells it:"))
    for attempt in attempts {
      let status = attempt.status.map { " \($0)" } ?? ""
      let next = attempt.nextAt.map { ", again not before \(seconds($0 - start))" } ?? ""
      let at = seconds(attempt.startedAt - start)
      say("   " + dim("attempt \(attempt.attempt) at \(at): \(attempt.outcome)\(status)\(next)"))
    }
  }

  func closing(_ tally: DemoTally, _ problems: [String], took: Duration) {
    guard !json else { return out(JSON.object(tally.json(problems)).text) }
    let counts =
      "\(tally.alerts) alerts, \(tally.maintainerMessages) maintainer messages, \(tally.requests) requests, "
      + "\(tally.duplicates) duplicates, \(tally.lost) lost"
    say("\n" + terminal.styled(counts, problems.isEmpty ? .green : .red) + dim(" in \(seconds(took))"))
    if problems.isEmpty { say(dim("Counted at the receivers, and equal to what the outbox says.")) }
    for problem in problems { say(terminal.styled("wrong: " + problem, .red)) }
  }

  private func line(_ message: DemoMessage, _ chapter: Int, _ after: Duration) -> String {
    let content = message.channel == .ops ? (try? JSON(parsing: message.content)) ?? .null : .string(message.content)
    return JSON.object(
      JSONObject([
        ("chapter", .integer(Int64(chapter))), ("channel", .string(message.channel.rawValue)),
        ("to", .string(message.to)), ("after_ms", .integer(after.inMilliseconds)), ("message", content),
      ])
    ).text
  }

  /// `1.4 s`
  private func seconds(_ duration: Duration) -> String {
    let tenths = max(0, (duration.inMilliseconds + 50) / 100)
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
