import Glibc

/// A terminal's other screen, on which a report is drawn again and again in the same place. The one of before comes back,
/// with all that was on it, when ``leave()`` is called.
struct StatusScreen {
  struct Size: Equatable {
    var columns: Int
    var rows: Int
  }

  /// The other screen, no cursor, no wrapping of lines that are too long.
  private static let enterCodes = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
  private static let leaveCodes = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

  /// How standard input was, where it is a terminal: what is typed is not shown meanwhile.
  private var before: termios?

  mutating func enter() {
    var mode = termios()
    if isatty(0) == 1, tcgetattr(0, &mode) == 0 {
      before = mode
      mode.c_lflag &= ~tcflag_t(ECHO | ICANON)
      tcsetattr(0, TCSANOW, &mode)
    }
    put(StatusScreen.enterCodes)
  }

  mutating func leave() {
    put(StatusScreen.leaveCodes)
    // What was typed goes: it was meant for nobody.
    if var mode = before { tcsetattr(0, TCSAFLUSH, &mode) }
    before = nil
  }

  func draw(_ lines: [String]) { put(StatusScreen.frame(lines, StatusScreen.size)) }

  /// What brings `lines` onto the screen in place of what is there, without clearing it first, which would flicker.
  static func frame(_ lines: [String], _ size: Size) -> String {
    var shown = lines
    if lines.count > size.rows {
      shown = Array(lines.prefix(max(0, size.rows - 1)))
      shown.append("… \(lines.count - shown.count) more lines: make the window larger, or use `slothunter status`")
    }
    let rows = shown.map { DisplayWidth.cut($0, to: size.columns) + "\u{1B}[K" }
    return "\u{1B}[H" + rows.joined(separator: "\r\n") + "\u{1B}[J"
  }

  /// Of the terminal on standard output; 80 x 24 where it does not say.
  static var size: Size {
    var found = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &found) == 0, found.ws_col > 0, found.ws_row > 0 else {
      return Size(columns: 80, rows: 24)
    }
    return Size(columns: Int(found.ws_col), rows: Int(found.ws_row))
  }

  private func put(_ text: String) { Terminal.toDescriptor(text, 1) }
}
