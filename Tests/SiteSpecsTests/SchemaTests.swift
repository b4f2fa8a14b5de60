import Diagnostics
import Language
import TestSupport
import Testing

@testable import SiteSpecs

/// The JSON Schemas against the parser that they are made of.
struct SchemaTests {
  private static let schemas = Result {
    try Dictionary(
      uniqueKeysWithValues: SpecKind.allCases.map {
        ($0, try JSONSchema(SchemaWriter(catalog: catalog).schema(of: $0)))
      })
  }

  static func schema(_ kind: SpecKind) throws -> JSONSchema { try #require(try schemas.get()[kind]) }

  /// Errors only: what is unwise is accepted.
  static func errors(_ kind: SpecKind, _ text: String, file: String? = nil) -> [Diagnostic] {
    let found =
      switch kind {
      case .site: SpecReader(catalog: catalog).readSite(file: file ?? "sites/paziresh24.yaml", text: text).diagnostics
      case .notifier:
        SpecReader(catalog: catalog).readNotifier(file: file ?? "notifiers/telegram.yaml", text: text).diagnostics
      case .configuration:
        loader(Examples.files.merging(["slothunter.yaml": text]) { $1 }).load("slothunter.yaml").diagnostics
      }
    return found.filter { $0.severity == .error }
  }

  static func json(_ text: String) throws -> JSON {
    try #require(PlainYAML.read(file: "x.yaml", bytes: Array(text.utf8)).value)
  }

  static let examples: [(SpecKind, String)] = [
    (.site, Examples.site), (.notifier, Examples.notifier), (.notifier, Examples.sms), (.notifier, Examples.webhook),
    (.configuration, Examples.configuration),
  ]

  @Test func `every file that ships and every example is accepted`() throws {
    var files = Self.examples
    for (kind, folder) in [(SpecKind.site, "sites"), (.notifier, "notifiers")] {
      for name in SpecFiles.disk.list("\(packageRoot)/\(folder)") ?? [] where name.hasSuffix(".yaml") {
        files.append((kind, try text(of: "\(packageRoot)/\(folder)/\(name)")))
      }
    }
    files.append((.configuration, try text(of: packageRoot + "/slothunter.yaml")))
    #expect(files.count > 12)
    for (kind, text) in Self.wide { #expect(Self.errors(kind, text).map(\.message) == []) }
    for (kind, text) in files + Self.wide {
      #expect(try Self.schema(kind).problems(of: Self.json(text)) == [], "\(text.prefix(60))")
    }
  }

  @Test(arguments: SpecKind.allCases)
  func `beside a reference there are annotations only, which draft-07 ignores`(kind: SpecKind) throws {
    let annotations = ["$ref", "description", "default", "examples"]
    func look(_ schema: JSON) {
      switch schema {
      case .array(let items): items.forEach(look)
      case .object(let members):
        if members["$ref"] != nil { #expect(members.names.allSatisfy(annotations.contains), "\(schema.text)") }
        members.values.forEach(look)
      default: break
      }
    }
    look(SchemaWriter(catalog: catalog).schema(of: kind))
  }

  @Test(arguments: SpecKind.allCases)
  func `every table is reached from its file, and further keys are described where they are read`(kind: SpecKind) {
    var reached: Set<String> = []
    var waiting = [kind.tables[0].name]
    while let name = waiting.popLast() {
      guard reached.insert(name).inserted, let table = kind.tables.first(where: { $0.name == name }) else { continue }
      waiting += table.keys.flatMap(\.shape.tables)
      if case .named(_, let shape)? = table.further { waiting += shape.tables }
    }
    #expect(reached == Set(kind.tables.map(\.name)))
  }

  /// What the parser says of a key that nobody knows is the list of those that it does.
  @Test func `every key that the parser accepts in a mapping is in the schema, and no other`() throws {
    var tables: Set<String> = []
    for (kind, text) in Self.examples + Self.wide {
      let root = SchemaWriter(catalog: catalog).schema(of: kind)
      let value = try Self.json(text)
      for place in SchemaPlaces.mappings(of: value, root) {
        guard let properties = place.properties, !place.isOpen else { continue }
        let broken = place.replaced(in: value) { $0 + [("zz_top", .integer(1))] }
        let found = Self.errors(kind, broken.prettyText).first { $0.message.contains("'zz_top'") }
        let words = try #require(found?.help, "\(kind) \(place.path): nothing was said of a key that is not known")
        let known = words.split(separator: ":").last?.split(separator: ",").map {
          String($0.drop { $0 == " " })
        }
        // Where the selector itself was not found, its kinds are told and not the keys beside it.
        let isOfKinds = found?.message.hasPrefix("unknown selector kind") == true
        let taken = Set(known ?? []).union(place.takesSelectors ? SchemaPlaces.kinds : [])
        #expect(isOfKinds ? taken == Set(SchemaPlaces.kinds) : taken == Set(properties), "\(kind) \(place.path)")
        let all = place.replaced(in: value) { given in
          given + properties.filter { name in !given.contains { $0.0 == name } }.map { ($0, .null) }
        }
        for error in Self.errors(kind, all.prettyText) where error.message.hasPrefix("unknown") {
          Issue.record("\(kind) \(place.path): \(error.message)")
        }
        tables.insert(place.table)
      }
    }
    let closed = SpecKind.allCases.flatMap(\.tables).filter { table in
      if case .named? = table.further { false } else { true }
    }
    #expect(tables.isSuperset(of: closed.map { $0.name.replacing(" ", with: "-") }), "no example of some table")
  }
}
