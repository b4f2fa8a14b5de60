import Language
import PluginHost

/// What stored items and settings are recognised by. Not for secrets.
enum StableHash {
  static func text(_ text: String) -> String { fingerprint(text) }

  /// Of items with all their typed fields, in any order.
  static func text(of items: [Item]) -> String {
    var all = ContentHash()
    let items = items.span
    for index in items.indices { all.add(unordered: hash(of: items[index])) }
    return all.text
  }

  static let ofNothing = text(of: [])

  static func hash(of item: Item) -> ContentHash {
    var hash = ContentHash()
    // Looked at where they are: a copy of each name and value counts references up and down again.
    let fields = item.fields.span
    for index in fields.indices {
      hash.combine(fields[index].name)
      hash.combine(fields[index].value)
    }
    return hash
  }
}
