/// A value of a file together with the path that names it in messages.
struct Entry: Sendable {
  var node: YAMLNode
  /// The key it stands under; nil in lists and for the whole file.
  var key: YAMLNode?
  private let trail: Trail?
  private let step: Trail.Step

  /// The whole file.
  init(root: YAMLNode) {
    self.init(node: root, key: nil, nil, .none)
  }

  init(node: YAMLNode, key: YAMLNode?, _ trail: Trail?, _ step: Trail.Step) {
    self.node = node
    self.key = key
    self.trail = trail
    self.step = step
  }

  /// `steps[0].rows.fields.price`; empty for the whole file. Made of its parts when it is asked for: of thousands of
  /// values only those with a mistake are named.
  var path: String { step.appended(to: trail?.path ?? "") }

  /// The last part of the path, for "'price' …".
  var name: String { key?.scalar?.text ?? path }

  /// The key as an entry, for messages about the key itself.
  var atKey: Entry { key.map { Entry(node: $0, key: key, trail, step) } ?? self }

  /// What its children have in common.
  var trailOfChildren: Trail { Trail(parent: trail, step: step) }

  /// Entries of a list with their paths; nil for what is no list.
  var elements: [Entry]? {
    guard case .sequence(let nodes) = node.content else { return nil }
    guard !nodes.isEmpty else { return [] }
    let trail = trailOfChildren
    return nodes.enumerated().map { Entry(node: $0.element, key: nil, trail, .index($0.offset)) }
  }

  /// Entries of a mapping with their paths; nil for what is no mapping.
  var members: [Entry]? {
    guard case .mapping(let members) = node.content else { return nil }
    guard !members.isEmpty else { return [] }
    let trail = trailOfChildren
    return members.map { Entry(node: $0.value, key: $0.key, trail, .name($0.name)) }
  }
}

/// The way to a collection, shared by what is in it.
final class Trail: Sendable {
  enum Step: Sendable {
    case none
    case name(String)
    case index(Int)

    func appended(to path: String) -> String {
      switch self {
      case .none: path
      case .name(let name): joined(path, name)
      case .index(let index): "\(path)[\(index)]"
      }
    }
  }

  private let parent: Trail?
  private let step: Step

  init(parent: Trail?, step: Step) {
    self.parent = parent
    self.step = step
  }

  var path: String { step.appended(to: parent?.path ?? "") }
}
