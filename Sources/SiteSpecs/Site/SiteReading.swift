import Diagnostics
import Language
import PluginHost

/// A site spec with what `slothunter.yaml` is checked against beside it.
struct SiteReading {
  var spec: SiteSpec
  /// Where the shortest interval is set; nil where it is the default.
  var minInterval: SpecLocation?
  /// What a subscription's `when` may use, and of what type it is.
  var itemNames: [String: ValueType]
  /// Those of them that are read without a type.
  var untyped: [String: NameScope.Untyped] = [:]
}

extension SpecContext {
  func site(_ root: Entry, file: String, bytes: [UInt8]) -> SiteReading? {
    names.set("site", .text, .builtin)
    let parameters = defineParameters(root)
    var draft = SiteDraft()
    draft.parameters = parameters
    guard let given = KeyTable<SiteDraft>.site.read(root, into: &draft, self) else { return nil }
    if let entry = given["site"], let id = draft.id { checkStem(id, of: file, at: entry) }
    lintSite(given, draft)
    guard !diagnostics.hasErrors, let id = draft.id, let zone = draft.zone, let items = draft.items,
      let alert = draft.alert
    else { return nil }
    let spec = SiteSpec(
      id: id, title: draft.title ?? id, zone: zone, links: draft.links, limits: draft.limits, steps: draft.steps,
      items: items, alert: alert, parameters: parameters, version: fingerprint(bytes), file: file,
      text: String(decoding: bytes, as: UTF8.self), route: draft.request.route.route, canaries: draft.canaries)
    return SiteReading(
      spec: spec, minInterval: draft.minInterval.map { location(of: $0) }, itemNames: names.types,
      untyped: names.untyped)
  }

  /// The file's name is the id: one place to look, and no two files for one id.
  func checkStem(_ id: String, of file: String, at entry: Entry) {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    guard id != stem else { return }
    error(
      .fileName, "'\(entry.name): \(id)' does not match the file's name \(quoted(name))", at: entry,
      help: "rename the file to \(id).yaml, or write \(stem)")
  }
}
