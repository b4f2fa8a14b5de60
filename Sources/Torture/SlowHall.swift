import Language
import LoopbackServer
import Synchronization

/// A site with one opening at most and a Telegram that takes its time: for stops amid many sends.
final class SlowHall: Sendable {
  struct State {
    var isOpen = false
    var reads = 0
    var delay: Duration = .zero
    var accepted: [String: Int] = [:]
    var answered = 0
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  private let shared = Shared()
  private let site: LoopbackServer
  private let telegram: LoopbackServer

  init() throws {
    site = try LoopbackServer { [shared] _ in
      let isOpen = shared.state.withLock { state in
        state.reads += 1
        return state.isOpen
      }
      return .json(isOpen ? #"{"open":[{"id":"s0-1","turn":1}]}"# : #"{"open":[]}"#)
    }
    telegram = try LoopbackServer { [shared] request in
      let json = (try? JSON(parsing: request.body)) ?? .null
      let delay = shared.state.withLock { state in
        state.accepted[json.text("$.chat_id"), default: 0] += 1
        return state.delay
      }
      var response = ServerResponse.json(#"{"ok":true,"result":{"message_id":7}}"#)
      response.delay = delay
      return response
    }
  }

  var origins: [String] {
    ["--origin", "\(Sites.origin(0))=\(site.origin)", "--origin", "https://api.telegram.org=\(telegram.origin)"]
  }

  func with<T>(_ change: (inout State) -> T) -> T { shared.state.withLock { change(&$0) } }

  var messages: Int { with { $0.accepted.values.reduce(0, +) } }

  func stop() {
    site.stop()
    telegram.stop()
  }

  /// - Parameter channels: Eight sends of one channel are under way at once at most.
  static func configuration(chats: Int, channels: Int) -> String {
    var text = "sites: [sites]\nnotifiers: [notifiers]\nstore: data/store.db\nchannels:\n"
    for channel in 0..<channels {
      text += "  t\(channel): { notifier: telegram, enabled: true, token: \"${TORTURE_TOKEN}\" }\n"
    }
    text += "watches:\n  - site: s0\n    params: { page: \"1\" }\n    every: 1s\n    notify:\n"
    for chat in 0..<chats {
      text += "      - { channel: t\(chat % channels), to: \"\(1000 + chat)\", language: en, first: none }\n"
    }
    return text
  }
}
