import Glibc
import PluginHost
import Storage

/// `status --watch`: the report again and again; in place on a terminal, one after the other elsewhere.
struct StatusWatch {
  /// A report costs some milliseconds, with 100,000 watches a second.
  static let shortest = Duration.milliseconds(200)

  var store: Store
  var interval: Duration
  var terminal: Terminal
  /// One report a line.
  var isJSON: Bool

  private enum Event { case look, resized, suspend, end }

  func run() async throws -> ExitCode {
    let isScreen = isatty(1) == 1 && !isJSON
    let (events, source) = AsyncStream.makeStream(of: Event.self)
    let ends = [SIGINT, SIGTERM, SIGHUP]
    let signals = follow(isScreen ? ends + [SIGTSTP, SIGWINCH] : ends, source)
    defer { signals.cancel() }
    var screen = isScreen ? StatusScreen() : nil
    screen?.enter()
    defer { screen?.leave() }
    var lines: [String] = []
    source.yield(.look)
    for await event in events {
      switch event {
      case .end: return .success
      case .suspend:
        screen?.leave()
        // To this thread: with `kill` another one may be stopped first, and this one would go on for a moment.
        raise(SIGSTOP)
        screen?.enter()
        screen?.draw(lines)
      case .resized: screen?.draw(lines)
      case .look:
        lines = await look()
        if let screen {
          screen.draw(lines)
        } else {
          guard isRead else { return .success }
          for line in lines { terminal.out(line) }
        }
        // After the look, however long that took: looks never queue up.
        Task { [interval] in
          // Nobody cancels it: the process ends.
          try? await SystemTime().sleep(for: interval)
          source.yield(.look)
        }
      }
    }
    return .success
  }

  private func follow(_ numbers: [Int32], _ events: AsyncStream<Event>.Continuation) -> Task<Void, Never> {
    // Here, not in the task: from now on no signal may end the process with the terminal as it is.
    let signals = Signals.stream(numbers)
    return Task {
      for await signal in signals {
        switch signal {
        case SIGTSTP: events.yield(.suspend)
        case SIGWINCH: events.yield(.resized)
        default: events.yield(.end)
        }
      }
    }
  }

  /// A store that can't be read just now is said and looked at again: it may be being restored.
  private func look() async -> [String] {
    do {
      let report = try await StatusReport.read(store)
      if isJSON { return [report.json.text] }
      let head = "slothunter status, \(report.now.text), every \(interval.words)"
      let page = TextPage()
      report.print(page.terminal(like: terminal))
      return [terminal.styled(head, .dim), ""] + page.lines + (terminal.isScreen ? [] : [""])
    } catch {
      return isJSON ? [] : ["the store can't be read: \(error)"]
    }
  }

  /// Whether anybody still reads standard output: a pipe says when its reader has gone.
  private var isRead: Bool {
    var output = pollfd(fd: 1, events: 0, revents: 0)
    return poll(&output, 1, 0) < 1 || Int32(output.revents) & (POLLERR | POLLHUP) == 0
  }
}

extension Duration {
  /// `1 s`, `0.5 s`.
  fileprivate var words: String {
    let tenths = Int64((self / .milliseconds(100)).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }
}
