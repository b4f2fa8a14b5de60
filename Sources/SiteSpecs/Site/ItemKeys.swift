import Diagnostics
import Language
import PluginHost

struct ItemsDraft {
  var key: [String] = []
  var track: [String] = []
  var keep: Expression?
  var drop: Expression?
  var expect: ClosedRange<Int>?
  var reopenAfter = Duration.zero
  var settle = Duration.zero
}

extension KeyTable where Target == ItemsDraft {
  static let items = KeyTable(
    "items",
    [
      Key(
        "key", "Fields that tell items apart.",
        Reading<String>.itemField(aParameterTells: "nothing apart").oneOrMany
          .described(as: .distinct(.oneOrMany(.name))),
        required: true, into: \.key),
      Key(
        "track", "Fields whose change is an 'updated'.",
        Reading<String>.itemField(aParameterTells: "no change").list().described(as: .distinct(.list(.name))),
        default: "[]", into: \.track),
      Key("keep", "Rows for which this is not true are no items.", Reading<Expression>.expression, into: \.keep),
      Key(
        "drop", "Items for which this is true leave as 'passed', without a change.", Reading<Expression>.expression,
        into: \.drop),
      Key("expect", "What a good reading looks like.", .table("expect")) { entry, draft, context in
        var expect = ExpectDraft()
        KeyTable<ExpectDraft>.expect.read(entry, into: &expect, context)
        draft.expect = expect.count
      },
      Key(
        "reopen_after", "An item back sooner than this is no news.", Reading<Duration>.duration(), default: "0s",
        into: \.reopenAfter),
      Key(
        "settle", "A blink shorter than this is no news.", Reading<Duration>.duration(), default: "0s", into: \.settle),
    ])
}

struct ExpectDraft { var count: ClosedRange<Int>? }

extension KeyTable where Target == ExpectDraft {
  static let expect = KeyTable(
    "expect",
    [
      Key(
        "count", "Items per branch; outside it the branch is suspicious.", Reading<ClosedRange<Int>>.range(0...10_000),
        required: true, into: \.count)
    ])
}

extension Reading where Value == String {
  /// The name of something that items have.
  ///
  /// - Parameter consequence: What a name that is the same for every item tells.
  static func itemField(aParameterTells consequence: String) -> Reading<String> {
    Reading(.name) { entry, context in
      guard let name = text(entry, context) else { return nil }
      let fields = context.names.fields
      context.used.insert(name)
      if fields.contains(name) { return name }
      if let other = context.names[name] {
        context.error(
          .unknownName, "\(quoted(name)) is \(other.origin.word), so it tells \(consequence)", at: entry,
          help: "fields: \(fields.joined(separator: ", "))")
      } else {
        context.error(
          .unknownName, "items have no field \(quoted(name))", at: entry,
          help: suggestion(for: name, among: fields, calling: "fields"))
      }
      return nil
    }
  }
}

struct AlertDraft {
  var on: [Change.Kind] = [.added]
  var title: [String: Template]?
  var line: [String: Template]?
  var link: Template?
  var usefulFor = AlertRules.defaultUsefulFor
  var until: String?
}

extension AlertRules {
  /// What a slot's alert is worth where a spec does not say: DESIGN.md's own example.
  static let defaultUsefulFor = Duration.seconds(15 * 60)
}

extension KeyTable where Target == AlertDraft {
  static let alert = KeyTable(
    "alert",
    [
      Key(
        "on", "Changes that are told: added, removed, updated.", Reading<Change.Kind>.choice.oneOrMany,
        default: "added", into: \.on),
      Key(
        "title", "The first line, per language.", Reading<[String: Template]>.localized, required: true, into: \.title),
      Key(
        "line", "One line per item, per language.", Reading<[String: Template]>.localized, required: true, into: \.line),
      Key("link", "Where a person goes on.", Reading<Template>.url, into: \.link),
      Key(
        "useful_for", "How long after the last sight of its item an alert is worth sending.",
        Reading<Duration>.duration(.seconds(1) ... .longestInSpec), default: "15m", into: \.usefulFor),
      Key(
        "until", "The field at whose instant an alert ends; 'start' where items have it.",
        Reading<String>.itemField(aParameterTells: "no end"), into: \.until),
    ])
}
