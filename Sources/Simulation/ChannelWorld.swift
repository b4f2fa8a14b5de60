import Language

/// What a channel has accepted: the only proof that somebody was told.
struct Acceptance {
  struct Line: Hashable {
    /// `added`, `removed`, or `open` in a summary.
    var kind: String
    /// As the product keys it: `1␟s3`.
    var key: String
    var gen: Int
  }

  var channel: String
  var to: String?
  var id: String
  var sequence: Int64
  /// `alert`, `summary`, `maintainer`.
  var type: String
  var watch: String
  var lines: [Line]
  var at: Moment
  var wall: Int64
  /// When its request began.
  var begun: Moment
}

struct ChannelWorld {
  enum Fault: String, CaseIterable {
    /// Nothing accepted.
    case refused, timeout, status500, throttled
    /// Accepted, and the answer lost.
    case lostAnswer, status502, slow
  }

  struct State {
    var fault: Fault?
    var faultUntil: Moment = 0
    /// What a 429 asked for: by recipient, or by "" for everybody.
    var silentUntil: [String: Moment] = [:]
    /// People who have switched us off.
    var gone: Set<String> = []
    /// Accept the next message, then the process dies.
    var crashesNext = false
  }

  var states: [String: State] = [:]

  init() { for channel in Scenario.channels { states[channel] = State() } }

  /// Reads what a notifier of ``Specs`` has sent; nil for what none of them could.
  static func read(_ body: [UInt8], channel: String) -> Acceptance? {
    guard case .object(let root)? = try? JSON(parsing: body), case .object(let message)? = root["message"],
      case .object(let data)? = message["data"], case .array(let changes)? = data["changes"],
      let id = root["id"]?.string, case .integer(let sequence)? = root["seq"], let type = message["type"]?.string,
      let watch = data["watch"]?.string
    else { return nil }
    let lines = changes.compactMap { change -> Acceptance.Line? in
      guard case .object(let change) = change, let key = change["key"]?.string, let text = change["text"]?.string,
        let gen = text.split(separator: " ").last.flatMap({ Int($0) })
      else { return nil }
      return Acceptance.Line(kind: change["change"]?.string ?? "open", key: key, gen: gen)
    }
    return Acceptance(
      channel: channel, to: root["to"]?.string, id: id, sequence: sequence, type: String(type.dropFirst(5)),
      watch: watch, lines: lines, at: 0, wall: 0, begun: 0)
  }
}

extension JSON {
  var string: String? { if case .string(let text) = self { text } else { nil } }
}
