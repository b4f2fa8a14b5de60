import Language
import PluginHost

/// Writes what people are told, in their language, by the site's `alert`. Pure.
struct AlertWriter {
  var watch: Watch
  var now: Instant

  private var spec: SiteSpec { watch.spec }

  private func context(_ language: String) -> RenderContext {
    RenderContext(zone: spec.zone, now: now, language: language)
  }

  /// One message about changes of one run.
  func alert(_ changes: [Change], language: String) -> Message {
    message(
      .alert, title: title(of: changes.first?.item, language),
      changes.map { line($0.item, $0.kind, language) }, language)
  }

  /// One message of what is open now.
  func summary(_ items: [Item], language: String) -> Message {
    let suffix = language == "fa" ? " (اکنون باز است)" : " (open now)"
    return message(
      .summary, title: title(of: items.first, language) + suffix, items.map { line($0, nil, language) }, language)
  }

  private func message(_ kind: Message.Kind, title: String, _ lines: [Message.Line], _ language: String) -> Message {
    // A link over an item's fields is each line's own; lines that agree have one, below them all.
    let links = Set(lines.map(\.link))
    let shared = link(in: watch.scope) ?? (links.count == 1 ? links.first ?? nil : nil)
    let lines = lines.map { line in
      var line = line
      if line.link == shared { line.link = nil }
      return line
    }
    return Message(
      kind: kind, site: spec.id, watch: watch.id, language: language, title: title, lines: lines, link: shared, at: now)
  }

  private func title(of item: Item?, _ language: String) -> String {
    let text = spec.alert.title.template(for: language)?.text(in: scope(of: item), context(language)) ?? ""
    return text.isEmpty ? spec.title : text
  }

  private func line(_ item: Item, _ kind: Change.Kind?, _ language: String) -> Message.Line {
    let text = spec.alert.line.template(for: language)?.text(in: scope(of: item), context(language)) ?? item.key
    let fields = item.fields.map { ($0.name, $0.value.json(zone: spec.zone)) }
    return Message.Line(
      change: kind, text: text, itemKey: item.key, item: .object(JSONObject(fields)), link: link(in: scope(of: item)))
  }

  private func scope(of item: Item?) -> Scope {
    item.map { watch.scope.adding($0.fields.map { ($0.name, $0.value) }) } ?? watch.scope
  }

  private func link(in scope: Scope) -> String? {
    guard let template = spec.alert.link,
      let url = try? template.requiredText(in: scope, context("en"), encode: { percentEncoded($0) })
    else { return nil }
    return percentEncoded(url: url)
  }
}
