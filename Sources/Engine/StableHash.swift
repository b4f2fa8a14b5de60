import Language
import PluginHost

/// What stored items and settings are recognised by. Not for secrets.
enum StableHash {
  static func text(_ text: String) -> String { fingerprint(text) }

  /// Of items with all their typed fields, in any order.
  static func text(of items: [Item]) -> String {
    var all = ContentHash()
    for item in items { all.add(unordered: hash(of: item)) }
    return all.text
  }

  static let ofNothing = text(of: [])

  static func hash(of item: Item) -> ContentHash {
    var hash = ContentHash()
    for field in item.fields {
      hash.combine(field.name)
      hash.combine(field.value)
    }
    return hash
  }
}
