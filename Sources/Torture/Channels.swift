import Language
import LoopbackServer
import Synchronization

/// Three channels on loopback in the shapes of Telegram, Sms.ir and a webhook. Each takes a moment before it accepts and
/// before it answers, so that kills fall before, between and after.
final class Channels: Sendable {
  private struct State {
    var chance: Chance
  }

  private final class Shared: Sendable {
    let world: World
    let state: Mutex<State>
    init(_ world: World, seed: UInt64) {
      self.world = world
      state = Mutex(State(chance: Chance(seed: seed ^ 0xC4A2)))
    }
  }

  private let shared: Shared
  private let servers: [(origin: String, server: LoopbackServer)]

  init(_ world: World, seed: UInt64) throws {
    let shared = Shared(world, seed: seed)
    self.shared = shared
    let answers: [(String, @Sendable (Shared, ServerRequest) -> ServerResponse)] = [
      ("https://api.telegram.org", Channels.telegram), ("https://api.sms.ir", Channels.sms),
      ("https://hook.example", Channels.hook),
    ]
    servers = try answers.map { origin, answer in
      (origin, try LoopbackServer { request in Channels.take(request, shared, answer) })
    }
  }

  var origins: [String] { servers.flatMap { ["--origin", "\($0.origin)=\($0.server.origin)"] } }

  func stop() { for entry in servers { entry.server.stop() } }

  private static func take(
    _ request: ServerRequest, _ shared: Shared, _ answer: (Shared, ServerRequest) -> ServerResponse
  ) -> ServerResponse {
    let (before, after) = shared.state.withLock { state in
      (state.chance.part(of: .milliseconds(15)), state.chance.part(of: .milliseconds(30)))
    }
    sleepBriefly(before)
    var response = answer(shared, request)
    response.delay = after
    return response
  }

  private static func telegram(_ shared: Shared, _ request: ServerRequest) -> ServerResponse {
    let json = (try? JSON(parsing: request.body)) ?? .null
    let lines = Opening.all(in: json.text("$.text")).map { (News.Kind.added, $0) }
    shared.world.accept(Listener(channel: "telegram", address: json.text("$.chat_id")), lines)
    return .json(#"{"ok":true,"result":{"message_id":7}}"#)
  }

  private static func sms(_ shared: Shared, _ request: ServerRequest) -> ServerResponse {
    let json = (try? JSON(parsing: request.body)) ?? .null
    let lines = Opening.all(in: json.text("$.messageText")).map { (News.Kind.added, $0) }
    let mobiles = json.texts("$.mobiles[*]")
    for mobile in mobiles { shared.world.accept(Listener(channel: "sms", address: mobile), lines) }
    let receipts = mobiles.indices.map { String($0 + 1) }.joined(separator: ",")
    return .json(#"{"status":1,"data":{"messageId":1,"messageIds":[\#(receipts)]}}"#)
  }

  private static func hook(_ shared: Shared, _ request: ServerRequest) -> ServerResponse {
    let json = (try? JSON(parsing: request.body)) ?? .null
    guard json.text("$.type") != "slot.maintainer" else {
      shared.world.acceptForMaintainers(
        json.text("$.data.title") + ": " + json.texts("$.data.changes[*].text").joined())
      return .text("", status: 204)
    }
    var lines: [(News.Kind, Opening)] = []
    for change in (try? JSONPath("$.data.changes[*]").select(from: json)) ?? [] {
      guard let kind = News.Kind(rawValue: change.text("$.change")) else { continue }
      lines += Opening.all(in: change.text("$.text")).map { (kind, $0) }
    }
    shared.world.accept(World.webhook, lines)
    return .text("", status: 204)
  }
}

extension JSON {
  /// The texts that a JSONPath selects; of strings what they hold, of the rest their JSON.
  func texts(_ path: String) -> [String] {
    let found = (try? JSONPath(path).select(from: self)) ?? []
    return found.map { if case .string(let text) = $0 { text } else { $0.text } }
  }

  func text(_ path: String) -> String { texts(path).first ?? "" }
}
