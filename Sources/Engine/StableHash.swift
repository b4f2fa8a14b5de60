import Language
import PluginHost

/// What stored items and settings are recognised by. Not for secrets.
enum StableHash {
  static func text(_ text: String) -> String { fingerprint(text.utf8) }

  /// Of items with all their typed fields, in the order given.
  static func text(of items: [Item]) -> String {
    var text = ""
    for item in items {
      for field in item.fields { text += field.name + "\u{1F}" + field.value.encoded.text + "\u{1E}" }
      text += "\u{1D}"
    }
    return fingerprint(text.utf8)
  }
}
