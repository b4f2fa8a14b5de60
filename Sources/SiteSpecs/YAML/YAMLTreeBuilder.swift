import Diagnostics

/// Makes nodes of events; never recurses, so depth costs no stack.
struct YAMLTreeBuilder {
  let source: YAMLSource
  let budget: YAMLReader.Budget
  /// What does not keep the rest from being read.
  private(set) var diagnostics: [Diagnostic] = []

  /// A key of the file whose list is kept apart, and is empty in the tree.
  var detached: String?
  /// What that list holds.
  private(set) var elements: [YAMLNode] = []

  private var open: [Frame] = []
  private var root: YAMLNode?
  private var anchors: [String: Anchor] = [:]
  private var nodes = 0
  private var aliases = 0
  private var anchorsSeen = 0
  private var documents = 0
  private var isAtEnd = false

  /// A collection whose end has not come.
  private struct Frame {
    var isMapping: Bool
    var start: Int
    var anchor: String?
    var tag: String?
    var items: [YAMLNode] = []
    /// Whether its elements are ``YAMLTreeBuilder/elements``.
    var isDetached = false
    var members: [YAMLMember] = []
    /// Of a long mapping: where each key stands in ``members``.
    var keys: [String: Int] = [:]
    var pendingKey: YAMLNode?
    /// Of what is in it so far.
    var size = 1
    var height = 1
  }

  /// Up to here looking at each key is cheaper than a table of them, whose memory costs most; found by trying.
  private static let fewKeys = 12

  private struct Anchor {
    /// nil while the anchored collection is still open.
    var node: YAMLNode?
    var size: Int
    var height: Int
    var start: Int
  }

  init(source: YAMLSource, budget: YAMLReader.Budget) {
    self.source = source
    self.budget = budget
  }

  /// - Returns: nil for a file without a document.
  mutating func build() throws(Diagnostic) -> YAMLNode? {
    guard let events = YAMLEvents(source.bytes) else { throw source.diagnostic(.fileTooLarge, at: 0, "out of memory") }
    while !isAtEnd { try take(next(events)) }
    return root
  }

  private func next(_ events: borrowing YAMLEvents) throws(Diagnostic) -> YAMLEvent {
    do { return try events.next() } catch { throw source.diagnostic(for: error) }
  }

  private mutating func take(_ event: YAMLEvent) throws(Diagnostic) {
    switch event.kind {
    case .scalar(let scalar, let anchor, let tag):
      try count(1, at: event.start)
      let node = YAMLNode(content: .scalar(scalar), start: event.start, end: event.end, tag: tag)
      if let anchor { try define(anchor, Anchor(node: node, size: 1, height: 1, start: event.start)) }
      add(node, size: 1, height: 1)
    case .sequenceStart(let anchor, let tag):
      try push(Frame(isMapping: false, start: event.start, anchor: anchor, tag: tag))
    case .mappingStart(let anchor, let tag):
      try push(Frame(isMapping: true, start: event.start, anchor: anchor, tag: tag))
    case .sequenceEnd, .mappingEnd: pop(end: event.end)
    case .alias(let name): try expand(name, at: event)
    case .documentStart:
      documents += 1
      if documents > 1 {
        throw source.diagnostic(
          .yamlFeature, at: event.start, "a second document begins here",
          help: "keep one document a file; remove the '---'")
      }
    case .streamEnd: isAtEnd = true
    case .streamStart, .documentEnd: break
    }
  }

  private mutating func push(_ frame: Frame) throws(Diagnostic) {
    guard open.count < budget.depth else {
      throw source.diagnostic(.fileTooLarge, at: frame.start, "nested deeper than the limit of \(budget.depth)")
    }
    try count(1, at: frame.start)
    if let anchor = frame.anchor { try define(anchor, Anchor(node: nil, size: 0, height: 0, start: frame.start)) }
    open.append(frame)
    open[open.count - 1].isDetached = isDetached(frame)
  }

  private mutating func define(_ name: String, _ anchor: Anchor) throws(Diagnostic) {
    anchorsSeen += 1
    guard anchorsSeen <= budget.anchors else {
      throw source.diagnostic(.fileTooLarge, at: anchor.start, "more anchors than the limit of \(budget.anchors)")
    }
    anchors[name] = anchor
  }

  private mutating func pop(end: Int) {
    guard let frame = open.popLast() else { return }
    let node = YAMLNode(
      content: frame.isMapping ? .mapping(frame.members) : .sequence(frame.items), start: frame.start, end: end,
      tag: frame.tag)
    if let name = frame.anchor {
      anchors[name] = Anchor(node: node, size: frame.size, height: frame.height, start: frame.start)
    }
    add(node, size: frame.size, height: frame.height)
  }

  private mutating func expand(_ name: String, at event: YAMLEvent) throws(Diagnostic) {
    aliases += 1
    guard aliases <= budget.aliases else {
      throw source.diagnostic(.fileTooLarge, at: event.start, "more aliases than the limit of \(budget.aliases)")
    }
    guard let anchor = anchors[name] else {
      let guess =
        didYouMean(name, among: anchors.keys.sorted()).map { "did you mean '*\($0)'?" }
        ?? "an anchor is written '&\(name)' before its value"
      throw source.diagnostic(
        .unknownAnchor, at: event.start, "no anchor named \(quoted(name)) stands before this alias", help: guess)
    }
    guard let node = anchor.node else {
      throw source.diagnostic(
        .unknownAnchor, at: event.start, "the alias \(quoted(name)) stands inside what it stands for",
        help: "write the value out",
        notes: [Diagnostic.Note("the anchor is", at: source.location(anchor.start))])
    }
    guard open.count + anchor.height <= budget.depth else {
      throw source.diagnostic(.fileTooLarge, at: event.start, "nested deeper than the limit of \(budget.depth)")
    }
    try count(anchor.size, at: event.start)
    add(node, size: anchor.size, height: anchor.height, at: event.start)
  }

  private mutating func count(_ more: Int, at place: Int) throws(Diagnostic) {
    nodes += more
    guard nodes <= budget.nodes else {
      throw source.diagnostic(.fileTooLarge, at: place, "more values than the limit of \(budget.nodes)")
    }
  }

  /// Puts a finished node where it belongs; `place` is where it stands if that is not where it was written.
  ///
  /// Changes the frame where it lies: it is large, and this is done for each value of the file.
  private mutating func add(_ node: YAMLNode, size: Int, height: Int, at place: Int? = nil) {
    let last = open.count - 1
    guard last >= 0 else {
      root = node
      return
    }
    open[last].size += size
    open[last].height = max(open[last].height, height + 1)
    if open[last].isDetached {
      elements.append(node)
    } else if !open[last].isMapping {
      open[last].items.append(node)
    } else if let key = open[last].pendingKey {
      open[last].pendingKey = nil
      addMember(key, node)
    } else {
      var key = node
      if let place { (key.start, key.end) = (place, place) }
      open[last].pendingKey = key
    }
  }

  /// - Parameter frame: The newest. What an alias stands for must be whole.
  private func isDetached(_ frame: Frame) -> Bool {
    guard let detached, open.count == 2, !frame.isMapping, frame.anchor == nil, open[0].anchor == nil else {
      return false
    }
    return open[0].pendingKey?.scalar?.text == detached
  }

  /// Where a key stands in the newest mapping.
  private mutating func position(of name: String) -> Int? {
    let last = open.count - 1
    guard open[last].members.count > YAMLTreeBuilder.fewKeys else {
      return open[last].members.firstIndex { $0.name == name }
    }
    if open[last].keys.isEmpty {
      for (index, member) in open[last].members.enumerated() { open[last].keys[member.name] = index }
    }
    return open[last].keys[name]
  }

  private mutating func addMember(_ key: YAMLNode, _ value: YAMLNode) {
    let last = open.count - 1
    guard let name = key.scalar?.text else {
      diagnostics.append(
        source.diagnostic(
          .yamlFeature, at: key.start, "a key must be text, found \(key.kind)", help: "write 'key: value'"))
      return
    }
    if name == "<<", key.scalar?.style == .plain {
      // YAML 1.1's merge key, which 1.2 dropped; as a name of its own it could only be a mistake.
      diagnostics.append(
        source.diagnostic(
          .yamlFeature, at: key.start, keyPath: keyPath(to: name), "merge keys are not part of YAML 1.2",
          help: "write the keys out, or use an alias for the whole value"))
      return
    }
    if let first = position(of: name) {
      diagnostics.append(
        source.diagnostic(
          .duplicateKey, at: key.start, keyPath: keyPath(to: name), "the key \(quoted(name)) is here twice",
          help: "keep one of them",
          notes: [Diagnostic.Note("the first is", at: source.location(open[last].members[first].key.start))]))
      return
    }
    if !open[last].keys.isEmpty { open[last].keys[name] = open[last].members.count }
    open[last].members.append(YAMLMember(key: key, value: value))
  }

  /// - Parameter name: A key of the newest mapping.
  private func keyPath(to name: String) -> String {
    var path = ""
    for frame in open.dropLast() {
      path =
        frame.isMapping
        ? joined(path, frame.pendingKey?.scalar?.text ?? "?")
        : "\(path)[\(frame.isDetached ? elements.count : frame.items.count)]"
    }
    return joined(path, name)
  }
}

/// `steps[0]` and `rows` are `steps[0].rows`.
func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "." + name }
