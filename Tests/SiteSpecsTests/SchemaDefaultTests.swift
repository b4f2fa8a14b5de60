import Language
import TestSupport
import Testing

@testable import SiteSpecs

/// What schema and reference pages call a default is what the parser does without the key.
struct SchemaDefaultTests {
  /// What a file is read as, without what every edit changes.
  private func meaning(_ kind: SpecKind, _ text: String) -> String? {
    switch kind {
    case .site:
      var spec = SpecReader(catalog: catalog).readSite(file: "sites/paziresh24.yaml", text: text).spec
      spec?.text = ""
      spec?.version = ""
      return spec.map { canonical($0) }
    case .notifier:
      var spec = SpecReader(catalog: catalog).readNotifier(file: "notifiers/telegram.yaml", text: text).spec
      spec?.version = ""
      return spec.map { canonical($0) }
    case .configuration:
      let result = loader(Examples.files.merging(["slothunter.yaml": text]) { $1 }).load("slothunter.yaml")
      // Sites and notifiers are those of other files; places move with the lines.
      return result.configuration.map {
        [$0.store, $0.userAgent, "\($0.allowedHosts)"].joined(separator: "|")
          + [canonical($0.channels), canonical($0.maintainers), canonical($0.watches)].joined(separator: "|")
          + canonical($0.metrics?.listen as Any)
      }
    }
  }

  @Test func `a default that is written out changes nothing`() throws {
    var tried: Set<String> = []
    for (kind, text) in SchemaTests.examples + SchemaTests.wide {
      let value = try SchemaTests.json(text)
      let name = kind == .notifier ? try #require(value.member("notifier")) : .null
      // One file name serves all three notifiers.
      let base = name == .null ? value : value.with("notifier", .string("telegram"))
      let before = meaning(kind, base.prettyText)
      #expect(before != nil, "\(text.prefix(40))")
      for place in SchemaPlaces.mappings(of: base, SchemaWriter(catalog: catalog).schema(of: kind)) {
        let table = kind.tables.first { $0.name.replacing(" ", with: "-") == place.table }
        for key in table?.keys ?? [] {
          guard let standard = key.standard, place.properties?.contains(key.name) == true else { continue }
          let value = try #require(PlainYAML.read(file: "x", bytes: Array(standard.utf8)).value)
          var isGiven = false
          let after = place.replaced(in: base) { members in
            isGiven = members.contains { $0.0 == key.name }
            return isGiven ? members : members + [(key.name, value)]
          }
          // Options that belong to one type are refused beside others.
          if isGiven || SchemaDefaultTests.belongsToATypeOnly(key.name, place, in: base) { continue }
          #expect(meaning(kind, after.prettyText) == before, "\(kind) \(place.path) \(key.name): \(standard)")
          tried.insert("\(place.table).\(key.name)")
        }
      }
    }
    #expect(tried.count >= 20, "\(tried.sorted())")
  }

  private static func belongsToATypeOnly(_ key: String, _ place: SchemaPlaces.Place, in root: JSON) -> Bool {
    var type: JSON?
    _ = root.changed(at: place.path[...]) { value in
      type = value.member("as")
      return value
    }
    return key == "calendar" && ![.string("instant"), .string("date")].contains(type)
  }
}

/// A value as text, equal for equal values: sets and dictionaries in order. No timeout of its own is the request's 30 s.
private func canonical(_ value: Any) -> String {
  if let duration = value as? Duration { return "\(duration)" }
  let mirror = Mirror(reflecting: value)
  let children = mirror.children.map { ($0.label ?? "", $0.label == "table" ? "" : canonical($0.value)) }
  switch mirror.displayStyle {
  case .dictionary, .set: return "{" + children.map(\.1).sorted().joined(separator: ",") + "}"
  case nil: return "\(value)"
  default:
    if children.isEmpty { return "\(value)" }
    return "("
      + children.map { $0 == "timeout" && $1 == "nil" ? "timeout:30.0 seconds" : "\($0):\($1)" }
      .joined(separator: ",") + ")"
  }
}

extension JSON {
  func with(_ name: String, _ value: JSON) -> JSON {
    guard case .object(let members) = self else { return self }
    return .object(
      JSONObject(zip(members.names, members.values).map { ($0.0, $0.0 == name ? value : $0.1) }))
  }
}
