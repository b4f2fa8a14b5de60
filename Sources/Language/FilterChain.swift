/// Filters applied one after the other: what follows `|` in a template, and the list after `then:`.
public struct FilterChain: Sendable, Hashable {
  /// As written, without the first `|`.
  public let source: String
  let calls: [FilterCall]

  /// Parses `"trim | replace: 'a', 'b'"`. Empty text is an error: it does nothing.
  public init(_ source: String) throws(SyntaxError) {
    var cursor = TextCursor(source)
    calls = try Self.parse(&cursor)
    if !cursor.isAtEnd {
      throw SyntaxError(
        "'|' or the end is expected here", offset: cursor.offset, help: "filters are written as trim | truncate: 20")
    }
    self.source = source
  }

  /// The calls of a chain that ends before `}` or at the end of the text.
  init(parsing cursor: inout TextCursor) throws(SyntaxError) {
    let start = cursor.offset
    calls = try Self.parse(&cursor)
    source = trimmed(cursor.text(from: start))
  }

  init() {
    source = ""
    calls = []
  }

  public var isEmpty: Bool { calls.isEmpty }

  /// Null passes through every filter but those made for it (`default`). Never fails: what a filter can't read it leaves
  /// as it is.
  public func apply(to value: Value, _ context: RenderContext) -> Value {
    calls.reduce(value) { value, call in
      if value.isNull, !call.kind.takesNull { return .null }
      return call.run(value, context)
    }
  }
}

/// One filter of a chain with its arguments, ready to run. Equal when written alike.
struct FilterCall: Sendable, Hashable {
  let kind: FilterKind
  let arguments: [String]
  let run: @Sendable (Value, RenderContext) -> Value

  static func == (a: FilterCall, b: FilterCall) -> Bool { a.kind.name == b.kind.name && a.arguments == b.arguments }
  func hash(into hasher: inout Hasher) {
    hasher.combine(kind.name)
    hasher.combine(arguments)
  }
}

extension FilterChain {
  /// More filters on one value than this are a mistake, or an attack on whoever renders it.
  private static let longest = 32

  private static func parse(_ cursor: inout TextCursor) throws(SyntaxError) -> [FilterCall] {
    var calls: [FilterCall] = []
    repeat {
      cursor.skipSpace()
      guard calls.count < longest else {
        throw SyntaxError("a value takes at most \(longest) filters", offset: cursor.offset)
      }
      calls.append(try call(&cursor))
      cursor.skipSpace()
    } while cursor.take("|")
    return calls
  }

  private static func call(_ cursor: inout TextCursor) throws(SyntaxError) -> FilterCall {
    let start = cursor.offset
    let name = cursor.takeName()
    guard !name.isEmpty else {
      throw SyntaxError("a filter's name is expected here", offset: start, help: knownFilters)
    }
    guard let kind = FilterKind.named[name] else {
      let near = didYouMeanFilter(name)
      throw SyntaxError("unknown filter '\(name)'", offset: start, help: near + knownFilters)
    }
    var arguments: [(text: String, offset: Int)] = []
    cursor.skipSpace()
    if cursor.take(":") {
      repeat {
        cursor.skipSpace()
        let offset = cursor.offset
        arguments.append((try argument(&cursor), offset))
        cursor.skipSpace()
      } while cursor.take(",")
    }
    guard kind.arguments.contains(arguments.count) else {
      throw SyntaxError(
        "'\(name)' takes \(kind.argumentCount), not \(arguments.count)", offset: start, help: "as in \(kind.example)")
    }
    do {
      let texts = arguments.map(\.text)
      return FilterCall(kind: kind, arguments: texts, run: try kind.make(texts))
    } catch {
      throw SyntaxError(error.message, offset: arguments.first?.offset ?? start, help: error.help)
    }
  }

  /// A quoted text, or a bare word or number.
  private static func argument(_ cursor: inout TextCursor) throws(SyntaxError) -> String {
    if cursor.next == "'" || cursor.next == "\"" { return try cursor.takeQuoted() }
    let word = cursor.takeWhile {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || "_-.+".unicodeScalars.contains($0)
    }
    guard !word.isEmpty else {
      throw SyntaxError("an argument is expected here", offset: cursor.offset, help: "texts stand in 'quotes'")
    }
    return word
  }
}
