import Language
import Notifying
import PluginHost
import TestSupport
import Testing

/// Found by the simulator (seed 307): a breaker whose probe was never sent waited for its end for ever.
struct UnsentProbeTests {
  @Test func `a channel whose budget ends while it is probed sends again the next day`() async throws {
    let time = ManualTime()
    let outbox = FakeOutbox()
    let channel = FakeChannel(time) { _, number in
      number <= 6 ? .failure(FetchFailure(.connect, "refused")) : answer(200, telegramOK)
    }
    let spec = try Notifiers.telegram()
    let settings = Notifiers.settings[spec.id] ?? [:]
    let adapter = try NotifierAdapter(
      spec: spec,
      channel: Channel(
        name: spec.id, notifier: spec.id, enabled: true, settings: settings, budget: Budget(messages: 6)),
      catalog: Notifiers.catalog, fetcher: channel, time: time)
    let worker = ChannelWorker(adapter: adapter, outbox: outbox, time: time, random: .seeded(1))
    for number in 0..<6 {
      await outbox.add("d\(number)", to: "\(number)", channel: spec.id, at: time.now(), usefulFor: .seconds(2 * 86_400))
    }
    // Six fail and open the breaker; the probe after them finds the budget used up, those of the next day do not.
    await outbox.grant([1, 1, 1, 1, 1, 1, 0] + Array(repeating: 1, count: 40))
    let running = time.start { await worker.run() }
    _ = await time.advance(steps: 4000) { await outbox.open == 0 }
    for number in 0..<6 { #expect(await outbox.end("d\(number)") == "delivered") }
    #expect(channel.calls.count >= 12)
    await time.start { await worker.stop(draining: .zero) }.value
    running.cancel()
  }
}
