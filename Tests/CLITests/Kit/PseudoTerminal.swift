import Glibc
import Synchronization
import TestSupport

/// A terminal of the test's own, with one program on it: what it prints is a screen, what is typed reaches it as from a
/// keyboard, Ctrl-C as SIGINT.
final class PseudoTerminal: Sendable {
  /// Containers may have none.
  static let isPossible = access("/dev/ptmx", R_OK | W_OK) == 0 && access("/dev/pts", X_OK) == 0

  private let master: Int32
  private let child: pid_t
  private let state: Mutex<(bytes: [UInt8], status: Int32?)>

  init(_ program: String, _ arguments: [String], columns: UInt16, rows: UInt16) throws {
    // As posix_openpt, unlockpt and ptsname do it, which glibc hides from Swift (ioctl_tty(2)).
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (locked, number): (Int32, UInt32) = (0, 0)
    guard master >= 0, ioctl(master, 0x4004_5431, &locked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
      throw SpawnProblem(description: "no terminal: \(String(cString: strerror(errno)))")
    }
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Of a new session, its first terminal is the one that signals come from.
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/pts/\(number)", O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    closeInherited(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSID, which glibc hides from Swift.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
    var child: pid_t = 0
    func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }
    let words = copies([program] + arguments)
    let variables = copies(["PATH=/usr/bin:/bin", "TERM=xterm", "SWIFT_BACKTRACE=enable=no"])
    defer { for text in words + variables { free(text) } }
    let failure = posix_spawn(&child, program, &actions, &attributes, words, variables)
    guard failure == 0 else { throw SpawnProblem(description: String(cString: strerror(failure))) }
    self.child = child
    state = Mutex(([], nil))
  }

  deinit {
    state.withLock { state in
      guard state.status == nil else { return }
      kill(child, SIGKILL)
      // Stopped ones too.
      var raw: Int32 = 0
      waitpid(child, &raw, 0)
    }
    close(master)
  }

  /// Everything that was printed so far.
  var printed: String {
    state.withLock { state in
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      while case let count = read(master, &bytes, bytes.count), count > 0 { state.bytes += bytes[..<count] }
      return String(decoding: state.bytes, as: UTF8.self)
    }
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  func signal(_ number: Int32) { kill(child, number) }

  func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Whether typed text is shown.
  var echoes: Bool {
    var mode = termios()
    return tcgetattr(master, &mode) == 0 && mode.c_lflag & tcflag_t(ECHO) != 0
  }

  /// Whether it was stopped, as Ctrl-Z does.
  var isStopped: Bool { (try? text(of: "/proc/\(child)/stat"))?.contains(") T ") ?? false }

  /// The exit code; nil while it runs, 128 + the signal's number where a signal ended it.
  var exit: Int32? {
    // A program that ends waits until its terminal has taken what it printed.
    _ = printed
    return state.withLock { state in
      if state.status == nil {
        var raw: Int32 = 0
        guard waitpid(child, &raw, WNOHANG) == child else { return nil }
        state.status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
      }
      return state.status
    }
  }
}

/// What somebody sees: as much of a terminal as `status --watch` uses. Anything else it prints is kept in ``unknown``.
struct ScreenModel {
  private(set) var rows: [[Character]]
  private(set) var isOther = false
  private(set) var hasCursor = true
  private(set) var wraps = true
  /// Times the other screen was entered.
  private(set) var entries = 0
  /// Times the cursor went home: frames.
  private(set) var frames = 0
  private(set) var unknown: [String] = []
  /// Cells beyond the right edge, in the widest line.
  private(set) var overflow = 0
  /// What is on the usual screen.
  private(set) var usual = ""
  private let columns: Int
  private var place = (row: 0, column: 0)

  init(_ printed: String, columns: Int, rows: Int) {
    self.columns = columns
    self.rows = Array(repeating: [], count: rows)
    var rest = Substring(printed)
    while let first = rest.first {
      if first == "\u{1B}" {
        let end = rest.dropFirst(2).firstIndex { $0.isLetter } ?? rest.endIndex
        guard end < rest.endIndex else { break }
        obey(String(rest[...end].dropFirst()))
        rest = rest[rest.index(after: end)...]
        continue
      }
      rest.removeFirst()
      put(first)
    }
  }

  var text: String { rows.map { String($0) }.joined(separator: "\n") }

  private mutating func obey(_ code: String) {
    switch code {
    case "[?1049h":
      isOther = true
      entries += 1
      rows = rows.map { _ in [] }
    case "[?1049l": isOther = false
    case "[?25l": hasCursor = false
    case "[?25h": hasCursor = true
    case "[?7l": wraps = false
    case "[?7h": wraps = true
    case "[H":
      place = (0, 0)
      frames += 1
    case "[K": if place.row < rows.count { rows[place.row] = Array(rows[place.row].prefix(place.column)) }
    case "[J":
      for row in place.row..<rows.count { rows[row] = row == place.row ? Array(rows[row].prefix(place.column)) : [] }
    default: if !code.hasSuffix("m") { unknown.append(code) }
    }
  }

  private mutating func put(_ character: Character) {
    guard isOther else {
      usual.append(character)
      return
    }
    switch character {
    case "\r": place.column = 0
    case "\n": place.row += 1
    case "\r\n": place = (place.row + 1, 0)
    default:
      guard place.row < rows.count else {
        unknown.append("a line below the last one")
        return
      }
      if place.column >= columns { overflow = max(overflow, place.column - columns + 1) }
      var line = rows[place.row]
      if place.column < line.count { line[place.column] = character } else { line.append(character) }
      rows[place.row] = line
      place.column += 1
    }
  }
}
