import Engine
import Language
import PluginHost
import Storage

/// `try --diff`: what a run would change of what is stored, and who would be told. Stores nothing, sends nothing.
struct TryDifference {
  var run: TryRun
  var workspace: Workspace

  func commit(_ store: Store) async throws -> (RunCommit, isKnown: Bool) {
    let rehearsal = Rehearsal(store: store, catalog: Builtins.catalog)
    let stored = try await store.watches()
    let known = WatchDirectory.watches(workspace.configuration, stored: stored).first { $0.id == run.watch.id }
    var watch = run.watch
    if let known { watch.subscriptions = known.subscriptions }
    let outlets = workspace.configuration.map { Outlets($0) } ?? Outlets(channels: [], maintainers: [])
    let commit = try await rehearsal.commit(run.result, of: watch, outlets: outlets, now: run.now)
    return (commit, try await rehearsal.isKnown(watch))
  }

  func print(_ store: Store, json: Bool, _ terminal: Terminal) async throws {
    let (commit, isKnown) = try await commit(store)
    if json {
      for change in commit.changes { terminal.out(change.line(of: commit.watch, zone: run.watch.spec.zone)) }
      RunReport(commit: commit).print(terminal, json: true, isDry: true)
      return
    }
    terminal.out(terminal.styled("\nAGAINST WHAT IS STORED (nothing is stored, nobody is told)", .bold))
    if !isKnown {
      terminal.out("  nothing is stored of \(commit.watch): its first reading is the baseline, and no news")
    }
    if commit.newBaseline { terminal.out("  items.key is another: the reading is a new baseline, and no news") }
    for change in commit.changes {
      let mark = change.kind == .added ? "+" : change.kind == .removed ? "-" : "~"
      terminal.out("  \(mark) " + change.line(of: commit.watch, zone: run.watch.spec.zone))
    }
    if commit.changes.isEmpty { terminal.out("  no change") }
    if commit.awaitsConfirmation {
      terminal.out("  some of what is missing would be asked for again before it is believed")
    }
    RunReport(commit: commit).print(terminal, json: false, isDry: true)
    if commit.deliveries.isEmpty { terminal.out("  nobody would be told") }
  }
}
