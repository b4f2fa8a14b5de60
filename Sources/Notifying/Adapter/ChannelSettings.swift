import Language
import PluginHost

/// A channel's options as a request needs them. Never printed.
struct ChannelSettings: Sendable {
  let values: [String: Value]
  let secrets: [String]

  init(_ settings: [String: Channel.Setting]) {
    var values: [String: Value] = [:]
    var secrets: [String] = []
    for (name, setting) in settings {
      switch setting {
      case .plain(let value): values[name] = value
      case .secret(let secret):
        values[name] = .text(secret.reveal())
        secrets.append(secret.reveal())
      }
    }
    self.values = values
    self.secrets = secrets
  }

  /// Set to something: not missing, not null, not the empty text.
  func isSet(_ name: String) -> Bool {
    guard let value = values[name], !value.isNull else { return false }
    return value != .text("")
  }

  /// What is set: a header or member made of an empty option is left out like that of a missing one.
  var members: [(String, Value)] { values.filter { isSet($0.key) }.sorted { $0.key < $1.key } }
}
