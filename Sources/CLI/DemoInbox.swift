import Language
import PluginHost
import Synchronization

/// A message that a stand-in accepted: what its receiver has.
struct DemoMessage: Sendable, Hashable {
  enum Channel: String, Sendable, Hashable { case telegram, sms, ops }

  var channel: Channel
  var to: String
  /// As it was sent: Telegram's HTML, the text of an SMS, a webhook's JSON.
  var content: String
  /// What the stand-in answered it was accepted as; for webhooks the sender's `webhook-id`.
  var receipt: String
  /// Uptime.
  var at: Duration

  var isForPeople: Bool { channel != .ops }
}

/// Everything that reached the stand-ins, and what Telegram's answers next.
final class DemoInbox: Sendable {
  /// What a channel answers instead of accepting.
  enum Trouble: Sendable, Hashable {
    /// HTTP 500.
    case down
    /// HTTP 429: nothing before so many seconds.
    case busy(seconds: Int)
  }

  private struct State {
    var messages: [DemoMessage] = []
    var troubles: [Trouble] = []
    /// Uptime before which Telegram asked not to be called.
    var silentUntil: Duration = .zero
    var lastID = 500
    /// Requests that came while silence was asked for, had a wrong key or signature, or fitted no route.
    var faults: [String] = []
  }

  private let state = Mutex(State())
  private let time: any TimeSource

  init(time: any TimeSource) { self.time = time }

  /// What Telegram's stand-in answers to its next requests, one each.
  func trouble(_ troubles: [Trouble]) { state.withLock { $0.troubles = troubles } }

  /// - Returns: What to answer with, nil for a request to accept.
  func nextTrouble() -> Trouble? {
    let now = time.uptime()
    return state.withLock { state in
      if now < state.silentUntil { state.faults.append("Telegram was called before the time it had asked to wait for") }
      guard !state.troubles.isEmpty else { return nil }
      let trouble = state.troubles.removeFirst()
      if case .busy(let seconds) = trouble { state.silentUntil = now + .seconds(seconds) }
      return trouble
    }
  }

  /// - Parameter receipt: nil for a number of ours.
  /// - Returns: The receipt.
  func accept(_ channel: DemoMessage.Channel, to: String, _ content: String, receipt: String? = nil) -> String {
    let now = time.uptime()
    return state.withLock { state in
      state.lastID += 1
      let receipt = receipt ?? String(state.lastID)
      state.messages.append(DemoMessage(channel: channel, to: to, content: content, receipt: receipt, at: now))
      return receipt
    }
  }

  func fault(_ sentence: String) { state.withLock { $0.faults.append(sentence) } }

  var messages: [DemoMessage] { state.withLock(\.messages) }
  var faults: [String] { state.withLock(\.faults) }
}
