import Diagnostics
import Engine
import Glibc
import Language
import PluginHost

/// `try --watch`: runs again each time the spec or its sample is saved, and says what that changed.
struct TryWatch {
  var target: String
  var arguments: Arguments
  var terminal: Terminal

  private struct Seen {
    /// By key, as JSON with the fields in order.
    var items: [String: JSON] = [:]
    var verdict = ""
    var branches: [String: String] = [:]
  }

  private enum Event { case look, end }

  func run() async throws -> ExitCode {
    guard let folder = arguments["--from"] else {
      throw CommandFailure(.usage, "--watch goes with --from", help: "each save would ask the site")
    }
    guard Files.isDirectory(folder) else { throw CommandFailure(.noInput, "there is no folder \(folder)") }
    let events = FolderEvents()
    var files = follow(folder, events)
    var last = await look(nil)
    for await event in TryWatch.ticks(events) {
      guard event == .look else { return .success }
      let suspects = files.suspects()
      guard !suspects.isEmpty, !files.changed(among: suspects).isEmpty else { continue }
      // An editor saves in several moves (truncate, write, rename), and nothing tells which is the last.
      try await SystemTime().sleep(for: Reloader.settle)
      files = follow(folder, events)
      last = await look(last) ?? last
    }
    return .success
  }

  /// Every quarter of a second, as soon as a file was saved, and at the signals that end it.
  private static func ticks(_ events: FolderEvents?) -> AsyncStream<Event> {
    let ends = Signals.stream([SIGINT, SIGTERM, SIGHUP])
    return AsyncStream { continuation in
      let clock = Task {
        // Also without an event, which a network folder never tells; as often as an author would not notice.
        while (try? await SystemTime().sleep(for: .milliseconds(250))) != nil { continuation.yield(.look) }
      }
      let told = Task { if let events { for await _ in events.happened { continuation.yield(.look) } } }
      let ended = Task { for await _ in ends { continuation.yield(.end) } }
      continuation.onTermination = { _ in for task in [clock, told, ended] { task.cancel() } }
    }
  }

  /// The spec, the configuration it was found by, and the sample; also where that is not there just now, as while a folder is
  /// put in another's place.
  private func follow(_ folder: String, _ events: FolderEvents?) -> LiveFiles {
    let inner = folder + "/exchanges"
    let place = Files.isDirectory(inner) ? inner : folder
    let names = (try? Files.list(place)) ?? []
    var paths = names.map { place + "/" + $0 } + [folder, inner, folder + "/expected.json"]
    if target.hasSuffix(".yaml") || target.hasSuffix(".yml") {
      paths.append(target)
    } else if let workspace = try? Workspace.sites(arguments) {
      paths += workspace.paths + workspace.sites.map(\.file)
    }
    paths = Array(Set(paths)).sorted()
    events?.follow(paths)
    let stamps = FileStamp.all(paths)
    let contents = Dictionary(paths.compactMap { path in FileContents.now(path).map { (path, $0) } }) { first, _ in
      first
    }
    return LiveFiles(paths, contents: contents, stamps: stamps)
  }

  /// - Returns: nil where it could not be run, which was said.
  private func look(_ before: Seen?) async -> Seen? {
    let clock = SystemTime().now().text
    do {
      let workspace = try Workspace.sites(arguments)
      let run = try await TryRun.make(target, arguments, workspace, terminal)
      let report = run.report
      var seen = Seen(verdict: run.result.verdict.rawValue)
      for item in report.items { seen.items[item.key.replacing("\u{1F}", with: " ")] = report.json(item) }
      for branch in run.result.branches { seen.branches[branch.name.text] = branch.verdict.rawValue }
      if let before {
        say(clock, before, seen, run)
      } else {
        terminal.out("\(clock)  \(seen.verdict), \(seen.items.count) items; waiting for a save (Ctrl-C ends)")
        if !run.result.verdict.isGood { troubles(run) }
      }
      return seen
    } catch let failure as CommandFailure {
      terminal.out("\(clock)  " + terminal.styled("not run", .red) + "\n" + failure.message)
      if let help = failure.help { terminal.out("  = help: " + help) }
    } catch {
      terminal.out("\(clock)  " + terminal.styled("not run", .red) + ": \(error)")
    }
    return nil
  }

  private func say(_ clock: String, _ before: Seen, _ now: Seen, _ run: TryRun) {
    let added = now.items.keys.filter { before.items[$0] == nil }.sorted()
    let removed = before.items.keys.filter { now.items[$0] == nil }.sorted()
    let changed = now.items.keys.filter { key in before.items[key].map { $0 != now.items[key] } ?? false }.sorted()
    let was = before.verdict == now.verdict ? "" : " (was \(before.verdict))"
    terminal.out(
      "\(clock)  \(now.verdict)\(was), \(now.items.count) items: +\(added.count) -\(removed.count) ~\(changed.count)")
    for key in added { terminal.out("  " + terminal.styled("+ \(now.items[key]?.text ?? key)", .green)) }
    for key in removed { terminal.out("  " + terminal.styled("- \(before.items[key]?.text ?? key)", .red)) }
    for key in changed { for line in differences(key, before, now) { terminal.out("  ~ " + line) } }
    for (branch, verdict) in now.branches.sorted(by: { $0.key < $1.key }) where before.branches[branch] != verdict {
      terminal.out(
        "  branch \(branch.isEmpty ? "(whole site)" : branch): \(before.branches[branch] ?? "new") -> \(verdict)")
    }
    if !run.result.verdict.isGood { troubles(run) }
  }

  /// `KEY field: old -> new` for each field that is another.
  private func differences(_ key: String, _ before: Seen, _ now: Seen) -> [String] {
    guard case .object(let old)? = before.items[key], case .object(let new)? = now.items[key] else { return [] }
    let names = new.names + old.names.filter { new[$0] == nil }
    return names.filter { old[$0] != new[$0] }.map { name in
      "\(key)  \(name): \(old[name]?.text ?? "not there") -> \(new[name]?.text ?? "not there")"
    }
  }

  private func troubles(_ run: TryRun) {
    for branch in run.result.branches where !branch.verdict.isGood {
      terminal.out("  \(branch.verdict.rawValue): \(branch.detail ?? "") (\(branch.rule))")
    }
  }
}
