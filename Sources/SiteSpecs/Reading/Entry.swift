/// A value of a file together with the path that names it in messages.
struct Entry: Sendable {
  var node: YAMLNode
  /// The key it stands under; nil in lists and for the whole file.
  var key: YAMLNode?
  /// `steps[0].rows.fields.price`; empty for the whole file.
  var path: String

  /// The last part of the path, for "'price' …".
  var name: String { key?.scalar?.text ?? path }

  func member(_ member: YAMLMember) -> Entry {
    Entry(node: member.value, key: member.key, path: joined(path, member.name))
  }

  func element(_ index: Int, _ node: YAMLNode) -> Entry { Entry(node: node, key: nil, path: "\(path)[\(index)]") }

  /// The key as an entry, for messages about the key itself.
  var atKey: Entry { key.map { Entry(node: $0, key: key, path: path) } ?? self }

  /// Entries of a list with their paths; nil for what is no list.
  var elements: [Entry]? {
    guard case .sequence(let nodes) = node.content else { return nil }
    return nodes.enumerated().map { element($0.offset, $0.element) }
  }

  /// Entries of a mapping with their paths; nil for what is no mapping.
  var members: [Entry]? {
    guard case .mapping(let members) = node.content else { return nil }
    return members.map(member)
  }
}
