import Glibc
import PluginHost

/// Ends the process at every named point in turn. A point that is never reached is a failure of its own.
struct FailpointLoop {
  /// Kills at each point.
  var times: Int
  var seed: UInt64
  var points = Failpoint.allCases

  /// How long a point may take to be reached.
  private static let patience = Duration.seconds(40)
  /// Starts in which a release may fail to come about: it needs a send that waits for its recipient's turn.
  private static let releaseTries = 8

  func run() async throws -> Bool {
    say("failpoints: \(points.count) points, \(times) kills each, SEED=\(seed)")
    let ordeal = try Ordeal(seed: seed)
    for point in points where point.isOfMaking {
      for _ in 0..<times { try await killInMaking(ordeal, point) }
      say("  \(point.rawValue) (making of the store)")
    }
    ordeal.home.forgetStore()
    try await ordeal.warmUp()
    for point in points where !point.isOfMigration {
      for _ in 0..<times { try await kill(ordeal, point) }
      let judge = await ordeal.judge
      say("  \(point.rawValue): \(judge.kills) kills so far, \(judge.violations.count) violations")
    }
    try await ordeal.settle()
    let (holds, text) = await ordeal.verdict(judgesTime: false)
    say(text + (holds ? "failpoints: everything held" : "failpoints: FAILED, SEED=\(seed)"))
    return holds
  }

  /// The first start of all: a new store is made, and the next start must find its way from what is left of it.
  private func killInMaking(_ ordeal: Ordeal, _ point: Failpoint) async throws {
    ordeal.home.forgetStore()
    let (child, at) = try await ordeal.start(failpoint: "\(point.rawValue):1")
    await expectDeath(of: child, at: point, ordeal)
    await ordeal.inspect(child, startedAt: at, after: point.rawValue, mayBeMissing: true)
    let (next, begun) = try await ordeal.start()
    let world = ordeal.world
    let isAlive = await wait(atMost: .seconds(20)) { world.state.withLock { $0.firstRead != nil } || next.ended != nil }
    if !isAlive || next.ended != nil { await ordeal.violate("after \(point.rawValue) no start succeeds") }
    _ = next.killNow()
    await ordeal.inspect(next, startedAt: begun, after: "the start after \(point.rawValue)")
  }

  private func kill(_ ordeal: Ordeal, _ point: Failpoint) async throws {
    let nth = 1 + (await ordeal.below(point.spread))
    for attempt in 1...FailpointLoop.releaseTries {
      let (child, at) = try await ordeal.start(failpoint: "\(point.rawValue):\(nth)")
      await provoke(point, child, ordeal)
      if point.isOfRelease, attempt < FailpointLoop.releaseTries {
        // Nothing was held back at that moment: again.
        if await child.end(within: FailpointLoop.patience) == .exited(0) { continue }
      }
      await expectDeath(of: child, at: point, ordeal)
      await ordeal.inspect(child, startedAt: at, after: "\(point.rawValue):\(nth)")
      return
    }
  }

  /// What the world does so that a point is reached.
  private func provoke(_ point: Failpoint, _ child: Child, _ ordeal: Ordeal) async {
    let world = ordeal.world
    guard point.isOfReload || point.isOfRelease else { return }
    _ = await wait(atMost: .seconds(20)) { world.state.withLock { $0.firstRead != nil } || child.ended != nil }
    if point.isOfReload {
      child.signal(SIGHUP)
    } else {
      await ordeal.script.burst(Home.crowded)
      // The sites' next readings, and the first of the messages on its way.
      try? await Task.sleep(for: .milliseconds(1500) + ordeal.part(of: .milliseconds(500)))
      child.signal(SIGTERM)
    }
  }

  private func expectDeath(of child: Child, at point: Failpoint, _ ordeal: Ordeal) async {
    let end = await child.end(within: FailpointLoop.patience)
    if end == .signalled(SIGKILL) { return }
    await ordeal.violate("\(point.rawValue) was not reached: \(end?.description ?? "the service still ran")")
    _ = child.killNow()
  }
}

extension Failpoint {
  fileprivate var isOfMigration: Bool { rawValue.hasSuffix("-migration-commit") }
  /// A checkpoint is also the last act of making a store.
  fileprivate var isOfMaking: Bool { isOfMigration || rawValue.hasSuffix("-checkpoint") }
  fileprivate var isOfRelease: Bool { rawValue.hasSuffix("-release-commit") }
  fileprivate var isOfReload: Bool {
    [.beforeReload, .afterReading, .inReload, .afterReload].contains(self)
  }

  /// At which reach the process dies: one of so many. Some points are reached once a start.
  fileprivate var spread: Int {
    switch self {
    case .afterFetch, .afterDiff, .beforeRunCommit, .inRunCommit, .afterRunCommit: 60
    // One for each of the 50 specs; the watches that have not changed make none.
    case .beforeDefinitionCommit, .inDefinitionCommit, .afterDefinitionCommit: 40
    case .beforeLeaseCommit, .inLeaseCommit, .afterLeaseCommit, .beforeSend, .afterSend: 8
    case .beforeMarkCommit, .inMarkCommit, .afterMarkCommit: 6
    case .inCheckpoint, .inSchedule: 20
    case .inReload: 2
    default: 1
    }
  }
}
