import Language
import PluginHost

/// Finds the subscriptions that changes concern, one change after the other. Holds what it has worked out of the item at
/// hand, so that a comparison that thousands of conditions share is made once.
public struct Matcher {
  private let contents: Subscribers.Contents
  private let base: Scope
  private let context: RenderContext
  private let defaultKinds: Set<Change.Kind>

  private var scope = Scope()
  /// Which change is at hand, counted from 1: what was noted for another counts as not noted.
  private var round: UInt32 = 0
  private var seen: [UInt32]
  private var terms: [Noted]
  private var subjects: [(round: UInt32, value: Value)]
  private var found: [Int32] = []
  private var candidates: [Int32] = []

  private struct Noted {
    var round: UInt32 = 0
    var holds = false
  }

  /// How many groups were judged by their whole condition so far, for measurements.
  public private(set) var judged = 0

  /// - Parameters:
  ///   - scope: What conditions see beside the item's fields.
  ///   - defaultKinds: The changes that subscriptions without `on` are about.
  public init(_ audience: Subscribers, scope: Scope, _ context: RenderContext, defaultKinds: Set<Change.Kind>) {
    contents = audience.contents
    base = scope
    self.context = context
    self.defaultKinds = defaultKinds
    seen = [UInt32](repeating: 0, count: contents.groups.count)
    terms = [Noted](repeating: Noted(), count: contents.conditions.terms.count)
    subjects = Array(repeating: (0, .null), count: contents.conditions.subjects.count)
  }

  /// Numbers of the subscriptions that a change concerns, in no order, each once.
  public mutating func matching(_ change: Change) -> [Int32] { matching(change.item, kind: change.kind) }

  /// Those that an item concerns, whatever happens to it.
  public mutating func matching(_ item: Item) -> [Int32] { matching(item, kind: nil) }

  private mutating func matching(_ item: Item, kind: Change.Kind?) -> [Int32] {
    round += 1
    scope = base.adding(item.fields.map { ($0.name, $0.value) })
    found.removeAll(keepingCapacity: true)
    candidates.removeAll(keepingCapacity: true)
    collect(contents.index.root)
    for group in candidates where seen[Int(group)] != round {
      seen[Int(group)] = round
      judge(group, kind)
    }
    return found
  }

  private mutating func collect(_ branch: GroupIndex.Branch) {
    switch branch {
    case .groups(let range):
      for index in range { candidates.append(contents.index.groups[Int(index)]) }
    case .node(let number):
      let node = contents.index.nodes[Int(number)]
      for index in node.open { candidates.append(contents.index.groups[Int(index)]) }
      for (subject, table) in node.exact {
        if let key = EqualKey(value(subject)), let branch = table[key] { collect(branch) }
      }
      for (subject, axis, table) in node.spans {
        switch axis.place(of: value(subject), context) {
        case .at(let place): table.forEach(holding: place) { candidates.append($0) }
        case .anywhere: table.forEach { candidates.append($0) }
        case nil: break
        }
      }
    }
  }

  private mutating func judge(_ group: Int32, _ kind: Change.Kind?) {
    judged += 1
    let (condition, on) = (contents.groups[Int(group)].condition, contents.groups[Int(group)].on)
    if let kind, !(on ?? defaultKinds).contains(kind) { return }
    guard condition < 0 || holds(condition) else { return }
    let start = group == 0 ? 0 : contents.memberEnds[Int(group) - 1]
    found += contents.members[Int(start)..<Int(contents.memberEnds[Int(group)])]
  }

  private mutating func holds(_ condition: Int32) -> Bool {
    switch contents.conditions[condition] {
    case .parsed(let expression): return expression.holds(in: scope, context)
    case .terms(let numbers):
      for number in numbers where !holds(term: Int(number)) { return false }
      return true
    }
  }

  private mutating func holds(term number: Int) -> Bool {
    if terms[number].round == round { return terms[number].holds }
    let (term, subject) = contents.conditions.terms[number]
    let holds = term.holds(for: value(subject), context)
    terms[number] = Noted(round: round, holds: holds)
    return holds
  }

  private mutating func value(_ subject: Int32) -> Value {
    if subjects[Int(subject)].round == round { return subjects[Int(subject)].value }
    let value = contents.conditions.subjects[Int(subject)].value(in: scope, context)
    subjects[Int(subject)] = (round, value)
    return value
  }
}
