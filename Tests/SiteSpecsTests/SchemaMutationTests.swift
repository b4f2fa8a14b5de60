import Diagnostics
import Language
import Patterns
import PluginHost
import TestSupport
import Testing

@testable import SiteSpecs

/// What the schema refuses, the parser refuses: an editor that marks what runs is worse than none.
struct SchemaMutationTests {
  /// Values that stand in the examples, so that what is put in a wrong place is a right value elsewhere; and some that
  /// stand nowhere.
  private static func pool(_ root: JSON) -> [JSON] {
    var found: [JSON] = [
      .null, .bool(true), .bool(false), .integer(0), .integer(7), .integer(-1), .integer(5_000_000),
      .number(1.5, lexeme: "1.5"), .string(""), .string(" "), .string("none"), .string("15m"), .string("5/s"),
      .string("0..5"), .string("$.a"), .string("//a"), .string("a"), .string("json"), .string("+5/s"),
      .array([]), .array([.string("a")]), .array([.null]), .object(JSONObject()),
      .object(JSONObject([("css", .string("a"))])), .object(JSONObject([("from", .integer(1)), ("by", .integer(1))])),
    ]
    func look(_ value: JSON) {
      found.append(value)
      switch value {
      case .array(let items): items.forEach(look)
      case .object(let members): members.values.forEach(look)
      default: break
      }
    }
    look(root)
    return found
  }

  private static func paths(_ value: JSON, _ path: [SchemaPlaces.Step] = []) -> [[SchemaPlaces.Step]] {
    switch value {
    case .array(let items): [path] + items.enumerated().flatMap { paths($0.element, path + [.index($0.offset)]) }
    case .object(let members): [path] + zip(members.names, members.values).flatMap { paths($1, path + [.name($0)]) }
    default: [path]
    }
  }

  private static func mutated(
    _ root: JSON, _ pool: [JSON], _ names: [String], _ chance: inout SplitMix
  ) -> JSON {
    let all = paths(root)
    let path = all[chance.next(below: all.count)]
    let (first, second, third) = (chance.next(below: 6), chance.next(below: 1 << 20), chance.next(below: 1 << 20))
    return root.changed(at: path[...]) { value in
      switch (first, value) {
      case (0, .object(let members)) where !members.isEmpty:
        var pairs = Array(zip(members.names, members.values))
        pairs.remove(at: second % pairs.count)
        return .object(JSONObject(pairs))
      case (1, .object(let members)):
        let name = names[second % names.count]
        if members[name] != nil { return value }
        return .object(JSONObject(Array(zip(members.names, members.values)) + [(name, pool[third % pool.count])]))
      case (2, .object(let members)) where !members.isEmpty:
        var pairs = Array(zip(members.names, members.values))
        let name = names[third % names.count]
        if members[name] != nil { return value }
        pairs[second % pairs.count].0 = name
        return .object(JSONObject(pairs))
      case (3, .array(let items)): return .array(items + [pool[second % pool.count]])
      case (4, _): return .array([value])
      default: return pool[second % pool.count]
      }
    }
  }

  @Test(arguments: 0..<5)
  func `what the schema refuses the parser refuses`(seed: Int) throws {
    var chance = SplitMix(seed: UInt64(seed))
    var (refusedByParser, refusedByBoth) = (0, 0)
    for (kind, text) in SchemaTests.examples + SchemaTests.wide {
      let names = kind.tables.flatMap { $0.keys.map(\.name) } + SchemaPlaces.kinds + ["zz", "a b", "Host"]
      let root = try SchemaTests.json(text)
      let (pool, schema) = (Self.pool(root), try SchemaTests.schema(kind))
      let file =
        kind == .site ? nil : root.member("notifier").flatMap { "notifiers/\($0.text.dropFirst().dropLast()).yaml" }
      for _ in 0..<60 {
        let value = Self.mutated(root, pool, names, &chance)
        let problems = try schema.problems(of: value)
        let errors = SchemaTests.errors(kind, value.prettyText, file: file)
        refusedByParser += errors.isEmpty ? 0 : 1
        refusedByBoth += !errors.isEmpty && !problems.isEmpty ? 1 : 0
        #expect(problems.isEmpty || !errors.isEmpty, "seed \(seed): the parser takes \(value.text)\n\(problems)")
      }
    }
    // The rest is what only names, expressions and selectors tell.
    #expect(refusedByBoth * 2 > refusedByParser, "the schema finds \(refusedByBoth) of \(refusedByParser)")
  }

  /// Texts near each form: whole where pattern and parser must agree, and never one that only the parser takes.
  @Test(arguments: [
    (Shape.duration, "0123456789dhms .-+", true), (.rate, "0123456789/smindayhour+", true),
    (.quiet, "0123456789:-+", false), (.percentage, "0123456789%+-", true), (.time, "0123456789:+", true),
    (.budget, "0123456789 /dayprtsmege", true), (.id, "abz09_-A.é", true), (.name, "abz09_-A.é", true),
    (.url, "htps:/.{}?#a", false),
  ])
  func `a form's pattern takes every text that its parser takes`(shape: Shape, letters: String, isWhole: Bool) throws {
    guard case .form(let name, let example, let source?, _) = shape else { throw FileProblem(path: "", number: 0) }
    let pattern = try Pattern(source)
    var chance = SplitMix(seed: 1403)
    let letters = Array(letters)
    var taken = 0
    for _ in 0..<3_000 {
      var text = Array(example)
      for _ in 0...chance.next(below: 4) {
        let place = chance.next(below: text.count + 1)
        let letter = letters[chance.next(below: letters.count)]
        switch chance.next(below: 3) {
        case 0: text.insert(letter, at: place)
        case 1 where place < text.count: text[place] = letter
        default: if place < text.count { text.remove(at: place) }
        }
      }
      let word = String(text)
      let (matches, isTaken) = (try pattern.hasMatch(in: word), Self.isTaken(word, as: shape))
      #expect(matches || !isTaken, "\(name): '\(word)' is taken and does not match")
      if isWhole { #expect(isTaken || !matches, "\(name): '\(word)' matches and is not taken") }
      taken += isTaken ? 1 : 0
    }
    #expect(taken > 100, "\(name): \(taken)")
  }

  /// Whether the parser takes the quoted text.
  private static func isTaken(_ text: String, as shape: Shape) -> Bool {
    let (context, root) = SpecReader(catalog: catalog).open(file: "x", bytes: Array(JSON.string(text).text.utf8))
    guard let root else { return false }
    return switch shape {
    case .duration: Reading<Duration>.duration(.zero ... .seconds(1 << 50))(root, context) != nil
    case .rate: Reading<RateLimit>.rate(root, context) != nil
    case .quiet: Reading<Subscription.ClosedQuiet>.quiet(root, context) != nil
    case .percentage: Reading<Double>.part(root, context) != nil
    case .time: Reading<Digest>.digest(root, context).map { if case .at = $0 { true } else { false } } ?? false
    case .budget: Reading<Budget>.budget(root, context) != nil
    case .id: Reading<String>.id(root, context) != nil
    case .name: Reading<String>.name(root, context) != nil
    default: Reading<Template>.url(root, context) != nil
    }
  }
}
