@preconcurrency import Dispatch
import Glibc
import PluginHost

// Not shipped: a harness that kills the real `slothunter` again and again, and counts. See docs/torture.md.

func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(1, bytes, bytes.count)
}

/// The harness may be stopped at any moment: nothing may stay behind it.
func cleanUpOnSignals() -> [any DispatchSourceSignal] {
  [SIGINT, SIGTERM, SIGHUP].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      Child.killCurrent()
      Folder.removeAll()
      _exit(128 + number)
    }
    source.resume()
    return source
  }
}

func torture(_ options: Options) async -> Int32 {
  let seed = options.seed
  if options.has("keep") { Folder.keep() }
  do {
    let holds: Bool
    switch options.command {
    case "failpoints":
      let chosen = options.text("only")?.split(separator: ",").compactMap { Failpoint(rawValue: String($0)) }
      holds = try await FailpointLoop(
        times: Int(options.number("times", or: 10)), seed: seed, points: chosen ?? Failpoint.allCases
      ).run()
    case "stop":
      holds = try await StopTrial(
        sends: Int(options.number("sends", or: 100)), delay: .seconds(options.number("delay", or: 5)),
        isShort: options.has("short")
      ).run()
    default:
      holds = try await KillLoop(
        kills: Int(options.number("kills", or: 1000)), span: .seconds(options.number("span", or: 3)), seed: seed,
        judgesTime: options.text("time") != "tell"
      ).run()
    }
    if !holds { Folder.keep() }
    for path in Folder.removeAll() { say("kept: \(path)") }
    return holds ? 0 : 1
  } catch {
    say("torture: \(error)")
    Child.killCurrent()
    Folder.removeAll()
    return 70
  }
}
