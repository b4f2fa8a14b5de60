import Glibc

/// Follows a path over a tape. Recurses once for each `*` and filter.
struct JSONTapeWalk {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let entries: UnsafeBufferPointer<JSONTape.Entry>
  private(set) var found: [Int] = []
  private var visits = 0

  /// Half of what a query may visit: what comes near that is asked of the tree, which counts exactly.
  private static let maxVisits = JSONPath.nodeBudget / 2

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ entries: UnsafeBufferPointer<JSONTape.Entry>) {
    self.bytes = bytes
    self.entries = entries
  }

  /// - Returns: False where the tree has to be asked.
  mutating func collect(_ steps: ArraySlice<JSONTapePath.Step>, _ start: Int) -> Bool {
    var here = start
    for (index, step) in zip(steps.indices, steps) {
      switch step {
      case .name, .index:
        guard let child = child(step, of: here) else { return true }
        here = child
      case .all: return collectChildren(of: here, nil, steps[(index + 1)...])
      case .filter(let condition): return collectChildren(of: here, condition, steps[(index + 1)...])
      }
    }
    found.append(here)
    return true
  }

  private mutating func collectChildren(
    of container: Int, _ condition: JSONTapePath.Condition?, _ rest: ArraySlice<JSONTapePath.Step>
  ) -> Bool {
    guard isContainer(container) else { return true }
    let end = Int(entries[container].next)
    var child = container + 1
    while child < end {
      visits += 1
      if visits > JSONTapeWalk.maxVisits { return false }
      if condition.map({ holds($0, child) }) ?? true {
        if rest.isEmpty { found.append(child) } else if !collect(rest, child) { return false }
      }
      child = Int(entries[child].next)
    }
    return true
  }

  /// The one value of names and indices.
  func singular(_ steps: [JSONTapePath.Step], _ start: Int) -> Int? {
    var here = start
    for step in steps {
      guard let child = child(step, of: here) else { return nil }
      here = child
    }
    return here
  }

  private func isContainer(_ index: Int) -> Bool {
    let kind = entries[index].kind
    return kind == .array || kind == .object
  }

  private func child(_ step: JSONTapePath.Step, of container: Int) -> Int? {
    switch step {
    case .name(let name): return entries[container].kind == .object ? member(name, of: container) : nil
    case .index(let index): return entries[container].kind == .array ? item(index, of: container) : nil
    case .all, .filter: return nil
    }
  }

  private func member(_ name: [UInt8], of object: Int) -> Int? {
    let end = Int(entries[object].next)
    return name.withUnsafeBufferPointer { name in
      var child = object + 1
      while child < end {
        if Int(entries[child].nameLength) == name.count {
          let start = Int(entries[child].name)
          if sameBytes(UnsafeBufferPointer(rebasing: bytes[start..<(start + name.count)]), name) { return child }
        }
        child = Int(entries[child].next)
      }
      return nil
    }
  }

  private func item(_ index: Int, of array: Int) -> Int? {
    let end = Int(entries[array].next)
    var position = index
    if index < 0 {
      var child = array + 1
      while child < end {
        position += 1
        child = Int(entries[child].next)
      }
      if position < 0 { return nil }
    }
    var child = array + 1
    while child < end {
      if position == 0 { return child }
      position -= 1
      child = Int(entries[child].next)
    }
    return nil
  }

  private mutating func holds(_ condition: JSONTapePath.Condition, _ current: Int) -> Bool {
    visits += 1
    switch condition {
    case .any(let parts):
      for part in parts where holds(part, current) { return true }
      return false
    case .all(let parts):
      for part in parts where !holds(part, current) { return false }
      return true
    case .not(let inner): return !holds(inner, current)
    case .exists(let steps): return singular(steps, current) != nil
    case .compare(let steps, let comparison, let literal): return compare(singular(steps, current), comparison, literal)
    }
  }

  private func compare(_ index: Int?, _ comparison: JSONPathComparison, _ literal: JSON) -> Bool {
    guard let index else { return comparison == .notEqual }
    switch comparison {
    case .equal: return isEqual(index, literal)
    case .notEqual: return !isEqual(index, literal)
    case .less: return isLess(json(index), literal)
    case .greater: return isLess(literal, json(index))
    case .lessOrEqual: return isLess(json(index), literal) || isEqual(index, literal)
    case .greaterOrEqual: return isLess(literal, json(index)) || isEqual(index, literal)
    }
  }

  /// As RFC 9535 compares; literals of a query are scalars.
  private func isEqual(_ index: Int, _ literal: JSON) -> Bool {
    switch (entries[index].kind, literal) {
    case (.null, .null), (.yes, .bool(true)), (.no, .bool(false)): true
    case (.number, .integer), (.number, .number): json(index).isSameValue(as: literal)
    case (.string, .string(let text)):
      if entries[index].hasEscapes { json(index).isSameValue(as: literal) } else { isText(index, text) }
    default: false
    }
  }

  private func isText(_ index: Int, _ text: String) -> Bool {
    let own = UnsafeBufferPointer(rebasing: bytes[Int(entries[index].start + 1)..<Int(entries[index].end - 1)])
    return text.utf8.withContiguousStorageIfAvailable { sameBytes($0, own) } ?? text.utf8.elementsEqual(own)
  }

  private func isLess(_ left: JSON, _ right: JSON) -> Bool {
    if case .string(let a) = left, case .string(let b) = right { return a.utf8.lexicographicallyPrecedes(b.utf8) }
    return left.isLessNumber(than: right)
  }

  private func json(_ index: Int) -> JSON {
    let slice = UnsafeBufferPointer(rebasing: bytes[Int(entries[index].start)..<Int(entries[index].end)])
    return (try? JSON(parsing: slice)) ?? .null
  }
}

extension JSONPath {
  /// As ``select(from:)-(JSON)``; nil where only the tree can answer.
  public func select(from start: JSONTapeNode) -> [JSONTapeNode]? {
    guard let tapePath else { return nil }
    return start.tape.walk { walk in
      guard walk.collect(tapePath.steps[...], start.index) else { return nil }
      return walk.found.map { JSONTapeNode(tape: start.tape, index: $0) }
    }
  }

  /// The first node of a query that can give one at most: nil where it is none of those, `.some(nil)` where it gives
  /// nothing.
  public func single(from start: JSONTapeNode) -> JSONTapeNode?? {
    guard let tapePath, tapePath.isSingular else { return nil }
    return start.tape.walk { walk in
      .some(walk.singular(tapePath.steps, start.index).map { JSONTapeNode(tape: start.tape, index: $0) })
    }
  }
}

extension JSONTape {
  fileprivate func walk<Answer>(_ body: (inout JSONTapeWalk) -> Answer) -> Answer {
    bytes.withUnsafeBufferPointer { bytes in
      entries.withUnsafeBufferPointer { entries in
        var walk = JSONTapeWalk(bytes, entries)
        return body(&walk)
      }
    }
  }
}
