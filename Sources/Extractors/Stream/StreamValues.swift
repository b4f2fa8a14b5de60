import Glibc

/// What an expression is evaluated at.
struct StreamContext {
  var node: TapeNode
  var position: Int
  var size: Int
}

/// Values of expressions over a tape. Kinds were checked by ``StreamCompiler``.
extension TapeWalker {
  mutating func holds(_ predicate: StreamPredicate, _ context: StreamContext) -> Bool {
    guard let condition = predicate.attribute else { return truth(predicate.condition, context) }
    if context.node.kind == .element { return holds(condition, context.node.element) }
    visits += 1
    return holds(condition.name, condition.test, context.node)
  }

  mutating func holds(_ condition: StreamPredicate.AttributeCondition, _ element: Int32) -> Bool {
    visits += 1
    guard let wanted = condition.wanted else { return holds(condition.name, condition.test, .element(element)) }
    visits += 1
    if let isSame = firstAttribute(of: element, is: condition) { return isSame }
    guard let attribute = attribute(condition.name, of: element) else { return false }
    return withValue(of: attribute) { $0.isSame(as: wanted) }
  }

  /// Whether the tag's first attribute is the one asked for and has the value; nil where it is another, or written
  /// otherwise than `name="value"`.
  @inline(__always)
  private func firstAttribute(of element: Int32, is condition: StreamPredicate.AttributeCondition) -> Bool? {
    let start = Int(elements[Int(element)].attributes)
    guard start > 0, let opening = condition.opening, let base = bytes.baseAddress, start &+ 8 <= bytes.count else {
      return nil
    }
    let word = UInt64(littleEndian: UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self))
    guard (word ^ opening.word) & ASCIIWord.mask(opening.length) == 0 else { return nil }
    let value = start &+ opening.length
    let length = condition.closing.count
    if value &+ length <= bytes.count,
      condition.closing.withUnsafeBufferPointer({ $0.baseAddress.map { memcmp($0, base + value, length) == 0 } })
        == true
    {
      return true
    }
    guard let quote = memchr(base + value, Int32(UInt8(ascii: "\"")), bytes.count &- value) else { return nil }
    let end = UnsafeRawPointer(quote) - UnsafeRawPointer(base + value)
    // What references come to is for others to say.
    return memchr(base + value, Int32(UInt8(ascii: "&")), end) == nil ? false : nil
  }

  mutating func truth(_ expression: StreamExpression, _ context: StreamContext) -> Bool {
    visits += 1
    switch expression {
    case .truth(let value): return value
    case .attribute(let name, let test): return holds(name, test, context.node)
    case .not(let inner): return !truth(inner, context)
    case .and(let all):
      for inner in all where !truth(inner, context) { return false }
      return true
    case .or(let all):
      for inner in all where truth(inner, context) { return true }
      return false
    case .contains(let a, let b):
      return withTexts(a, b, context) { text, part in part.isEmpty || text.contains(bytes: part) }
    case .startsWith(let a, let b):
      return withTexts(a, b, context) { text, part in text.starts(with: part) }
    case .equal(let a, let b, let isNegated): return equal(a, b, isNegated: isNegated, context)
    case .order(let a, let b, let order):
      let (x, y) = (number(a, context), number(b, context))
      switch order {
      case .less: return x < y
      case .atMost: return x <= y
      case .more: return x > y
      case .atLeast: return x >= y
      }
    case .path, .union: return !nodes(expression, context).isEmpty
    default:
      switch expression.kind {
      case .number: return number(expression, context) != 0
      default: return withText(expression, context) { !$0.isEmpty }
      }
    }
  }

  /// One that is missing has no value to be equal to, and the empty text to search in.
  private mutating func holds(_ name: TapeName, _ test: StreamExpression.AttributeTest, _ node: TapeNode) -> Bool {
    visits += 1
    guard node.kind == .element, let attribute = attribute(name, of: node.element) else {
      switch test {
      case .exists, .equals, .differs: return false
      case .contains(let part), .startsWith(let part): return part.isEmpty
      }
    }
    switch test {
    case .exists: return true
    case .equals(let text): return withValue(of: attribute) { $0.isSame(as: text) }
    case .differs(let text): return withValue(of: attribute) { !$0.isSame(as: text) }
    case .contains(let part):
      return withValue(of: attribute) { value in part.withUnsafeBufferPointer { value.contains(bytes: $0) } }
    case .startsWith(let part): return withValue(of: attribute) { $0.starts(with: part) }
    }
  }

  /// Nodes are equal to a text where any of them is; unequal where any of them is not.
  private mutating func equal(
    _ a: StreamExpression, _ b: StreamExpression, isNegated: Bool, _ context: StreamContext
  ) -> Bool {
    if a.kind == .number { return (number(a, context) == number(b, context)) != isNegated }
    guard a.kind == .nodes || b.kind == .nodes else {
      return withTexts(a, b, context) { $0.elementsEqual($1) } != isNegated
    }
    let (set, other) = a.kind == .nodes ? (a, b) : (b, a)
    let found = nodes(set, context)
    if found.isEmpty { return false }
    if case .literal(let wanted) = other { return anyIs(found, wanted, isNegated: isNegated) }
    let wanted = text(other, context)
    return anyIs(found, wanted, isNegated: isNegated)
  }

  private mutating func anyIs(_ nodes: [TapeNode], _ wanted: [UInt8], isNegated: Bool) -> Bool {
    for node in nodes {
      visits += 1
      if withText(of: node, { $0.isSame(as: wanted) }) != isNegated { return true }
    }
    return false
  }

  private mutating func nodes(_ expression: StreamExpression, _ context: StreamContext) -> [TapeNode] {
    switch expression {
    case .path(let path): select(path, from: context.node)
    case .union(let paths): select(paths, from: context.node)
    default: []
    }
  }

  mutating func number(_ expression: StreamExpression, _ context: StreamContext) -> Int {
    switch expression {
    case .number(let value): value
    case .position: context.position
    case .last: context.size
    case .count(let path): select(path, from: context.node).count
    // Characters, which are the bytes that do not continue one.
    case .stringLength(let inner): withText(inner, context) { text in text.count { $0 & 0xC0 != 0x80 } }
    default: 0
    }
  }

  mutating func text(_ expression: StreamExpression, _ context: StreamContext) -> [UInt8] {
    switch expression {
    case .literal(let text): return text
    case .string(let inner): return text(inner, context)
    case .path, .union:
      guard let first = nodes(expression, context).first else { return [] }
      return withText(of: first) { Array($0) }
    case .normalizeSpace(let inner): return withText(inner, context) { $0.normalizingSpace }
    case .concat(let all):
      var joined: [UInt8] = []
      for inner in all { joined += text(inner, context) }
      return joined
    case .substringBefore(let a, let b):
      return withTexts(a, b, context) { text, part in
        text.firstRange(ofBytes: part).map { Array(text[..<$0]) } ?? []
      }
    case .substringAfter(let a, let b):
      return withTexts(a, b, context) { text, part in
        text.firstRange(ofBytes: part).map { Array(text[($0 + part.count)...]) } ?? []
      }
    default: return []
    }
  }

  private mutating func withText<Answer>(
    _ expression: StreamExpression, _ context: StreamContext, _ body: (UnsafeBufferPointer<UInt8>) -> Answer
  ) -> Answer {
    switch expression {
    case .path, .union:
      guard let first = nodes(expression, context).first else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
      return withText(of: first, body)
    case .string(let inner): return withText(inner, context, body)
    case .literal(let text): return text.withUnsafeBufferPointer(body)
    default: return text(expression, context).withUnsafeBufferPointer(body)
    }
  }

  private mutating func withTexts<Answer>(
    _ a: StreamExpression, _ b: StreamExpression, _ context: StreamContext,
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Answer
  ) -> Answer {
    let second = text(b, context)
    return withText(a, context) { first in second.withUnsafeBufferPointer { body(first, $0) } }
  }
}

extension UnsafeBufferPointer<UInt8> {
  func isSame(as other: [UInt8]) -> Bool {
    guard count == other.count, let base = baseAddress else { return count == other.count }
    return other.withUnsafeBufferPointer { memcmp(base, $0.baseAddress ?? base, count) == 0 }
  }

  /// Where the bytes first stand; the start where they are none.
  func firstRange(ofBytes part: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let start = part.baseAddress, !part.isEmpty else { return 0 }
    guard let base = baseAddress, count >= part.count else { return nil }
    var index = 0
    let last = count - part.count
    while index <= last, let found = memchr(base + index, Int32(part[0]), last - index + 1) {
      index = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      if memcmp(base + index, start, part.count) == 0 { return index }
      index += 1
    }
    return nil
  }

  func contains(bytes part: UnsafeBufferPointer<UInt8>) -> Bool { firstRange(ofBytes: part) != nil }

  /// XPath's `normalize-space`: no blanks at the ends, one space for any within.
  var normalizingSpace: [UInt8] {
    var result: [UInt8] = []
    var isPending = false
    for byte in self {
      if PageScanner.isBlank(byte) {
        isPending = !result.isEmpty
      } else {
        if isPending { result.append(0x20) }
        isPending = false
        result.append(byte)
      }
    }
    return result
  }
}
