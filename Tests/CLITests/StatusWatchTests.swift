import Glibc
import Language
import PluginHost
import Storage
import TestSupport
import Testing

@testable import CLI

struct StatusWatchTests {
  private static let persian = "clinic/دکتر-نمونه‌یِ-بسیار-بلند-برای-آزمون"

  /// A store of some watches; one has a long Persian name with vowel marks and a ZWNJ.
  private static func store(watches: Int = 3) async throws -> (folder: TemporaryFolder, path: String, store: Store) {
    let folder = try TemporaryFolder()
    let path = folder.path + "/s.db"
    let store = try Store(path: path)
    for number in 0..<watches {
      let id = number == 0 ? persian : "desk/\(number)"
      try await store.upsertWatch(
        WatchRecord(
          id: id, site: String(id.prefix { $0 != "/" }), params: ["name": "\(number)"], every: .seconds(60),
          origin: .config, addedAt: Instant(seconds: 1_791_232_200)))
    }
    return (folder, path, store)
  }

  private static func watch(_ path: String, columns: UInt16 = 120, rows: UInt16 = 30) throws -> PseudoTerminal {
    try PseudoTerminal(
      try #require(slothunterBinary), ["status", "--store", path, "--watch", "--interval", "200ms"],
      columns: columns, rows: rows)
  }

  private static func screen(_ terminal: PseudoTerminal, columns: Int = 120, rows: Int = 30) -> ScreenModel {
    ScreenModel(terminal.printed, columns: columns, rows: rows)
  }

  @Test(.enabled(if: PseudoTerminal.isPossible, "needs /dev/ptmx"))
  func `it redraws in place, shows what changes, and Ctrl-C leaves the terminal as it was`() async throws {
    let (folder, path, store) = try await Self.store()
    let terminal = try Self.watch(path)
    try await eventually("three frames", story: { terminal.printed }) { Self.screen(terminal).frames >= 3 }
    let first = Self.screen(terminal)
    #expect(first.isOther && !first.hasCursor && !first.wraps && !terminal.echoes)
    #expect(first.text.split(separator: "OUTBOX").count == 2)
    #expect(first.text.contains(Self.persian) && first.text.contains("desk/2"))
    #expect(first.usual.isEmpty && first.unknown.isEmpty)
    try await store.removeWatch("desk/2", now: Instant(seconds: 1_791_232_300))
    try await eventually("the watch has gone from the screen", story: { terminal.printed }) {
      !Self.screen(terminal).text.contains("desk/2")
    }
    #expect(Self.screen(terminal).text.contains("desk/1"))
    terminal.type("\u{3}")
    try await eventually("it ends", story: { terminal.printed }) { terminal.exit != nil }
    #expect(terminal.exit == 0)
    try await eventually("the usual screen is back", story: { terminal.printed }) { !Self.screen(terminal).isOther }
    let last = Self.screen(terminal)
    #expect(!last.isOther && last.hasCursor && last.wraps && last.entries == 1)
    #expect(last.usual.isEmpty && terminal.echoes)
    withExtendedLifetime(folder) {}
  }

  @Test(.enabled(if: PseudoTerminal.isPossible, "needs /dev/ptmx"), arguments: [SIGTERM, SIGHUP])
  func `a signal ends it as cleanly`(_ signal: Int32) async throws {
    let (folder, path, _) = try await Self.store()
    let terminal = try Self.watch(path)
    try await eventually("a frame", story: { terminal.printed }) { Self.screen(terminal).frames >= 1 }
    terminal.signal(signal)
    try await eventually("it ends", story: { terminal.printed }) { terminal.exit != nil }
    #expect(terminal.exit == 0)
    try await eventually("the usual screen is back", story: { terminal.printed }) { !Self.screen(terminal).isOther }
    let last = Self.screen(terminal)
    #expect(!last.isOther && last.hasCursor && last.wraps && terminal.echoes)
    withExtendedLifetime(folder) {}
  }

  @Test(.enabled(if: PseudoTerminal.isPossible, "needs /dev/ptmx"))
  func `Ctrl-Z gives the terminal back, and it goes on where it was`() async throws {
    let (folder, path, _) = try await Self.store()
    let terminal = try Self.watch(path)
    try await eventually("a frame", story: { terminal.printed }) { Self.screen(terminal).frames >= 1 }
    terminal.type("\u{1A}")
    try await eventually("it is stopped", story: { terminal.printed }) { terminal.isStopped }
    // The kernel hands on what was printed in its own time.
    try await eventually("the usual screen is back", story: { terminal.printed }) { !Self.screen(terminal).isOther }
    let stopped = Self.screen(terminal)
    #expect(stopped.hasCursor && stopped.wraps && terminal.echoes)
    terminal.signal(SIGCONT)
    try await eventually("it draws again", story: { terminal.printed }) {
      let screen = Self.screen(terminal)
      return screen.isOther && screen.frames > stopped.frames + 1 && screen.text.contains("OUTBOX")
    }
    withExtendedLifetime(folder) {}
  }

  @Test(.enabled(if: PseudoTerminal.isPossible, "needs /dev/ptmx"))
  func `a narrow terminal and Persian names break no line, and what finds no room is counted`() async throws {
    let (folder, path, _) = try await Self.store(watches: 40)
    let terminal = try Self.watch(path, columns: 22, rows: 9)
    try await eventually("a frame", story: { terminal.printed }) {
      Self.screen(terminal, columns: 22, rows: 9).frames >= 2
    }
    let screen = Self.screen(terminal, columns: 22, rows: 9)
    #expect(screen.overflow == 0 && screen.unknown.isEmpty)
    #expect(screen.rows.allSatisfy { $0.count <= 22 })
    #expect(screen.rows[8].starts(with: "… ") && String(screen.rows[8]).contains("more"))
    #expect(screen.text.contains("clinic/دکتر"))
    terminal.resize(columns: 100, rows: 60)
    try await eventually("the larger window is used", story: { terminal.printed }) {
      Self.screen(terminal, columns: 100, rows: 60).text.contains("desk/39")
    }
    withExtendedLifetime(folder) {}
  }

  @Test func `elsewhere it prints one report after the other until nobody reads`() async throws {
    let (folder, path, _) = try await Self.store()
    let command = "\(try #require(slothunterBinary)) status --store \(path) --watch --interval 200ms"
    let result = try await runProgram("/bin/sh", ["-c", command + " | head -n 40"], timeout: .seconds(90))
    #expect(result.out.split(separator: "OUTBOX").count > 2)
    #expect(!result.out.contains("\u{1B}"))
    // As JSON a report is a line.
    let json = try await runProgram("/bin/sh", ["-c", command + " --json | head -n 3"], timeout: .seconds(90))
    #expect(json.lines.count == 3)
    for line in json.lines { #expect(try JSON(parsing: line).text("$.queued") == "0") }
    withExtendedLifetime(folder) {}
  }

  @Test(arguments: [
    (["--interval", "2s"], "--interval goes with --watch"), (["--watch", "--interval", "soon"], "is no duration"),
    (["--watch", "--interval", "10ms"], "at least 200ms"),
  ])
  func `an interval that makes no sense is refused`(_ words: [String], _ message: String) async throws {
    let result = try await slothunter(["status", "--store", "/nowhere/s.db"] + words)
    #expect(result.status == 64)
    #expect(result.err.contains(message))
  }

  @Test(arguments: [
    ("plain", 10, "plain"), ("plain text", 5, "plai…"), ("یک‌دو", 4, "یک‌دو"), ("مَدرَسه", 5, "مَدرَسه"),
    ("مَدرَسه", 4, "مَدرَ…"),
    ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("a\tb", 3, "a b"), ("abc", 0, ""), ("", 3, ""),
    ("\u{1B}[1mbold\u{1B}[0m x", 6, "\u{1B}[1mbold\u{1B}[0m x"), ("\u{1B}[1mbolder", 3, "\u{1B}[1mbo…\u{1B}[0m"),
  ])
  func `a line is cut at its cells, with what joins and marks`(_ line: String, _ columns: Int, _ cut: String) {
    #expect(DisplayWidth.cut(line, to: columns) == cut)
  }
}
