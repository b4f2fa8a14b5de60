import Glibc

/// Kills at random: most at any moment of the first seconds, some right after a request was seen.
struct KillLoop {
  var kills: Int
  /// Longest life of a process.
  var span: Duration
  var seed: UInt64
  var judgesTime: Bool

  func run() async throws -> Bool {
    say("torture: \(kills) kills within \(span.text) of the start, \(Ordeal.sites) sites, 3 channels, SEED=\(seed)")
    let ordeal = try Ordeal(seed: seed)
    // The making of the store is killed too.
    let cold = max(2, kills / 20)
    for number in 1...cold { try await kill(ordeal, number, within: .milliseconds(600), isCold: true) }
    try await ordeal.warmUp()
    for number in (cold + 2)...max(cold + 2, kills) {
      try await kill(ordeal, number, within: span, isCold: false)
      if number % 25 == 0 || number == kills { await progress(ordeal, number) }
      if await ordeal.judge.violations.count > 20 { break }
    }
    try await ordeal.settle()
    let (holds, text) = await ordeal.verdict(judgesTime: judgesTime)
    say(text + (holds ? "torture: everything held" : "torture: FAILED, SEED=\(seed)"))
    return holds
  }

  private func kill(_ ordeal: Ordeal, _ number: Int, within span: Duration, isCold: Bool) async throws {
    let (child, at) = try await ordeal.start()
    let longest = await ordeal.part(of: span)
    switch isCold ? 0 : await ordeal.below(8) {
    case 4:
      _ = await wait(atMost: longest) { child.minds }
      if child.minds { child.signal(SIGHUP) }
      await nap(child, longest)
    case 5: await afterRequest(child, ordeal, atMost: span, delay: .milliseconds(20)) { $0.firstRead != nil }
    case 6: await afterRequest(child, ordeal, atMost: span, delay: .milliseconds(5)) { $0.firstAccept != nil }
    case 7: await afterRequest(child, ordeal, atMost: span, delay: .milliseconds(40)) { $0.firstAccept != nil }
    default: await nap(child, longest)
    }
    let end = child.killNow()
    if end != .signalled(SIGKILL) {
      await ordeal.violate("kill \(number): the service ended by itself: \(end?.description ?? "?")")
    }
    await ordeal.inspect(child, startedAt: at, after: "kill \(number)", mayBeMissing: isCold)
  }

  private func nap(_ child: Child, _ until: Duration) async {
    try? await Task.sleep(for: max(.zero, until - child.age))
  }

  /// Right after something was seen from outside; at most after `limit`.
  private func afterRequest(
    _ child: Child, _ ordeal: Ordeal, atMost limit: Duration, delay: Duration, _ isSeen: @Sendable (World.State) -> Bool
  ) async {
    let world = ordeal.world
    _ = await wait(atMost: limit) { world.state.withLock { isSeen($0) } }
    try? await Task.sleep(for: ordeal.part(of: delay))
  }

  private func progress(_ ordeal: Ordeal, _ number: Int) async {
    let judge = await ordeal.judge
    let (messages, duplicates, wrong) = ordeal.world.state.withLock {
      ($0.messages, $0.duplicates, $0.falseAlerts.count)
    }
    say(
      "  \(number)/\(kills) kills, \(messages) messages, \(duplicates) duplicates of \(judge.inFlight) in flight, "
        + "\(wrong) false, \(judge.violations.count) violations, first fetch max \(judge.firstFetches.max()?.text ?? "-")"
    )
  }
}
