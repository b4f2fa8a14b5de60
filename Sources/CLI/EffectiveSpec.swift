import Diagnostics
import Engine
import Language
import PluginHost
import SiteSpecs

/// A site spec as it runs: every value with where it comes from.
struct EffectiveSpec {
  enum Origin: Hashable {
    /// Written there.
    case written(SpecLocation)
    /// Not written: what the engine takes instead.
    case fallback
    /// Follows from what is written elsewhere.
    case derived(String)

    var words: String {
      switch self {
      case .written(let location): location.description
      case .fallback: "default"
      case .derived(let from): "derived from \(from)"
      }
    }
  }

  struct Line: Hashable {
    var path: String
    var value: String
    var origin: Origin
  }

  let spec: SiteSpec
  private let places: SpecPlaces
  private(set) var lines: [Line] = []

  init(_ spec: SiteSpec, configuration: Configuration?) {
    self.spec = spec
    places = SpecPlaces(file: spec.file, bytes: Array(spec.text.utf8))
    site()
    limits()
    for step in spec.steps { self.step(step, userAgent: configuration?.userAgent) }
    items()
    alert()
    canaries()
  }

  func place(_ path: String) -> SpecLocation? { places.nearest(path) }

  /// Where a path is written: the first of them that is.
  private mutating func add(_ path: String, _ value: String?, else fallback: Origin = .fallback, or others: String...) {
    guard let value else { return }
    let place = ([path] + others).lazy.compactMap { [places] in places[$0] }.first
    lines.append(Line(path: path, value: value, origin: place.map(Origin.written) ?? fallback))
  }

  private mutating func site() {
    add("site", spec.id)
    add("title", spec.title)
    add("timezone", spec.zone.identifier)
    for (index, link) in spec.links.enumerated() { add("links[\(index)]", link.source) }
    if !spec.parameters.isEmpty {
      lines.append(
        Line(
          path: "parameters", value: spec.parameters.joined(separator: ", "),
          origin: .derived(spec.links.isEmpty ? "the first step's URL" : "links and the first step's URL")))
    }
    lines.append(Line(path: "version", value: spec.version, origin: .derived("the file's bytes")))
  }

  private mutating func limits() {
    let limits = spec.limits
    add("limits.rate", limits.rate?.words ?? "unlimited")
    add("limits.burst", "\(limits.burst)")
    add("limits.gap", limits.pause.map(DurationText.format) ?? "0s")
    add("limits.concurrency", limits.concurrency.map(String.init) ?? "unlimited")
    add("limits.robots", limits.obeysRobots ? "obey" : "ignore")
    add("limits.min_interval", DurationText.format(limits.minInterval))
    for (index, glob) in limits.never.enumerated() { add("limits.never[\(index)]", glob.source) }
    if limits.never.isEmpty { add("limits.never", "nothing") }
    if let route = spec.route {
      add("request.proxy", "\(route.proxies.count) in turn", or: "request.proxies")
    }
  }

  private mutating func step(_ step: Step, userAgent: String?) {
    let path = step.keyPath
    let request = step.request
    add("\(path).step", step.name)
    add("\(path).when", step.when?.source ?? "always")
    add("\(path).\(request.method.rawValue.lowercased())", request.url.source)
    for (name, value) in request.query { add("\(path).query.\(name)", value.source) }
    header(
      "User-Agent", userAgent ?? Configuration.defaultUserAgent, step,
      userAgent == nil ? .fallback : .derived("user_agent of the configuration"))
    header("Accept", "*/*", step, .fallback)
    for (name, value) in request.headers { add("\(path).headers.\(name)", value.source, or: "request.headers.\(name)") }
    body(request.body, path)
    add("\(path).timeout", DurationText.format(request.timeout ?? .seconds(30)), or: "request.timeout")
    add("\(path).cookies", request.cookies ? "true" : "false", or: "request.cookies")
    add("\(path).refresh", step.refresh.map(DurationText.format) ?? "read every run")
    if let (selector, kind) = step.document {
      add("\(path).document", "\(kind.rawValue) inside \(selector.source)")
    } else {
      add("\(path).document", step.outerKind(contentType: nil).rawValue, else: .derived("its selectors"))
    }
    add("\(path).anchor", step.anchor?.source ?? "none: nothing proves that a page without rows is whole")
    if let pages = step.pages {
      add(pages.advance, path + ".pages")
      add("\(path).pages.at_most", "\(pages.atMost)")
      add("\(path).pages.until", pages.until?.source ?? "a page has no rows")
    }
    for field in step.fields { add(field) }
    for rule in step.rows { add(rule) }
  }

  private mutating func add(_ advance: PagesRule.Advance, _ path: String) {
    switch advance {
    case .date(let name, let from, let by): add("\(path).\(name)", "from \(from.source) by \(DurationText.format(by))")
    case .number(let name, let from, let by): add("\(path).\(name)", "from \(from) by \(by)")
    case .link(let selectors): add("\(path).next", selectors.source)
    }
  }

  private mutating func header(_ name: String, _ value: String, _ step: Step, _ origin: Origin) {
    guard !step.request.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) else { return }
    add("\(step.keyPath).headers.\(name)", value, else: origin)
  }

  private mutating func body(_ body: RequestTemplate.Body, _ path: String) {
    switch body {
    case .none: break
    case .form(let fields): for (name, value) in fields { add("\(path).form.\(name)", value.source) }
    case .json: add("\(path).json", "a JSON body")
    case .raw(let text): add("\(path).body", text.source)
    }
  }

  private mutating func add(_ rule: RowsRule) {
    let (key, source) =
      switch rule.source {
      case .each(let selectors): ("each", selectors.source)
      case .entries(let selectors): ("entries", selectors.source)
      }
    add("\(rule.keyPath).\(key)", source)
    for field in rule.fields { add(field) }
    add("\(rule.keyPath).keep", rule.keep?.source)
    add("\(rule.keyPath).limit", rule.limit.map(String.init))
    for inner in rule.rows { add(inner) }
  }

  private mutating func add(_ field: FieldRule) { add(field.keyPath, field.words) }

  private mutating func items() {
    let items = spec.items
    add("items.key", items.key.joined(separator: ", "))
    add("items.track", items.track.isEmpty ? "nothing: no change is an 'updated'" : items.track.joined(separator: ", "))
    add("items.keep", items.keep?.source ?? "every row")
    add("items.drop", items.drop?.source ?? "nothing")
    add("items.expect.count", items.expect.map { "\($0.lowerBound)..\($0.upperBound)" } ?? "any number")
    add("items.reopen_after", DurationText.format(items.reopenAfter))
    add("items.settle", DurationText.format(items.settle))
  }

  private mutating func alert() {
    let alert = spec.alert
    add("alert.on", Change.Kind.allCases.filter(alert.on.contains).map(\.rawValue).joined(separator: ", "))
    for (name, texts) in [("title", alert.title), ("line", alert.line)] {
      for (language, template) in texts.templates.sorted(by: { $0.key < $1.key }) {
        add("alert.\(name).\(language)", template.source, or: "alert.\(name)")
      }
    }
    add("alert.link", alert.link?.source ?? "none")
    add("alert.useful_for", DurationText.format(alert.usefulFor))
    add("alert.until", alert.until ?? "none", else: alert.until == nil ? .fallback : .derived("the field 'start'"))
  }

  private mutating func canaries() {
    if spec.canaries.isEmpty { add("canary", "none: nothing of it is run for the maintainers") }
    for canary in spec.canaries {
      let path = canary.keyPath
      for name in spec.parameters { add("\(path).params.\(name)", canary.params[name]) }
      add("\(path).every", DurationText.format(canary.every))
      add("\(path).least", "\(canary.least)")
      for (index, fact) in canary.facts.enumerated() {
        add("\(path).facts[\(index)]", fact.source, or: "\(path).facts")
      }
    }
  }
}

extension FieldRule {
  /// `$.from as instant, required`
  var words: String {
    var text =
      switch source {
      case .selector(let selectors): selectors.source
      case .join(let parts): "join " + parts.map(\.source).joined(separator: " + ")
      }
    if let then { text += " | " + then.source }
    if let type {
      text += " as \(type.type.rawValue)"
      if type.calendar != .gregorian { text += " (\(type.calendar.rawValue))" }
      if let format = type.format { text += " '\(format)'" }
      if let unit = type.unit { text += " in \(unit.rawValue)" }
    }
    return required ? text + ", required" : text
  }
}

extension RateLimit {
  /// `10/day`
  var words: String {
    let units: [Duration: String] = [
      .seconds(1): "s", .seconds(60): "min", .seconds(3600): "h", .seconds(86_400): "day",
    ]
    return "\(count)/\(units[per] ?? DurationText.format(per))"
  }
}
