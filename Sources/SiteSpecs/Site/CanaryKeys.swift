import Diagnostics
import Language
import PluginHost

struct CanaryDraft {
  var params: [String: String] = [:]
  var every = Canary.defaultEvery
  var least = 0
  var facts: [Expression] = []
}

extension KeyTable where Target == CanaryDraft {
  static let canary = KeyTable(
    "canary",
    [
      Key("params", "The example: a value for each parameter of the site.", .map(names: "parameters", .text)) {
        entry, draft, context in
        draft.params = context.canaryParams(entry)
      },
      Key(
        "every", "How often it is run.", Reading<Duration>.duration(.seconds(600) ... .longestInSpec), default: "6h",
        into: \.every),
      Key("least", "Items that it has at least.", Reading<Int>.integer(0...10_000), default: "0", into: \.least),
      Key("facts", "What is true of every item.", Reading<Expression>.expression.oneOrMany, into: \.facts),
    ])
}

extension SpecContext {
  /// One canary, or a list of them. Called when the steps have defined what items have.
  ///
  /// - Parameter site: With its parameters, which every canary supplies, and its limits.
  func canaries(_ entry: Entry, _ site: SiteDraft) -> [Canary] {
    (entry.elements ?? [entry]).compactMap { canary($0, site) }
  }

  private func canary(_ entry: Entry, _ site: SiteDraft) -> Canary? {
    let parameters = site.parameters
    var draft = CanaryDraft()
    guard let given = KeyTable<CanaryDraft>.canary.read(entry, into: &draft, self) else { return nil }
    let minimum = site.limits.minInterval
    if given["every"] == nil { draft.every = max(draft.every, minimum) }
    if let every = given["every"], draft.every < minimum {
      error(
        .belowMinimum, "\(durationText(draft.every)) is below the site's minimum of \(durationText(minimum))",
        at: every,
        help: "at least \(durationText(minimum))",
        notes: site.minInterval.map { [Diagnostic.Note("'min_interval' is", at: location(of: $0))] } ?? [])
    }
    for member in given["params"]?.members ?? [] where !parameters.contains(member.name) {
      error(
        .unknownParameter, "this site has no parameter \(quoted(member.name))", at: member.atKey,
        help: suggestion(for: member.name, among: parameters, calling: "parameters"))
    }
    if let missing = parameters.first(where: { draft.params[$0] == nil }) {
      error(
        .missingParameter, "the canary has no value for the parameter '\(missing)'",
        at: given["params"]?.atKey ?? entry.atKey,
        help: "params: { \(missing): … }")
    }
    if given["least"] == nil, given["facts"] == nil {
      warning(
        .noFacts, "this canary has no facts: it only shows that the page can be read", at: entry.atKey,
        help: "least: 1, or facts: ['price > 0']")
    }
    return Canary(
      params: draft.params, every: draft.every, least: draft.least, facts: draft.facts, keyPath: entry.path)
  }

  fileprivate func canaryParams(_ entry: Entry) -> [String: String] {
    var params: [String: String] = [:]
    for member in entry.members ?? [] {
      guard let text = Reading<String>.text(member, self) else { continue }
      lintHiddenCharacters(text, at: member)
      guard let value = LinkPattern.canonicalValue(text) else {
        error(.malformedValue, "\(quoted(text)) can be no value of \(member.name)", at: member)
        continue
      }
      params[member.name] = value
    }
    return params
  }
}
