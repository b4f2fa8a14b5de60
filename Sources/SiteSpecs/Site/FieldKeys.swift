import Diagnostics
import Language
import PluginHost

/// A field as it is read, before its parts are held against each other.
struct FieldDraft {
  var selector: SelectorList?
  var selectorKey: Entry?
  var join: [SelectorList]?
  var type: ValueType?
  var calendar: TypeSpec.Calendar?
  var format: String?
  var zone: TimeZoneRules?
  var unit: MoneyUnit?
  var then: FilterChain?
  var required = false
}

/// Which types use which option.
private let optionUsers: [(option: String, types: Set<ValueType>)] = [
  ("calendar", [.date, .instant]), ("format", [.date, .instant, .time]), ("timezone", [.instant]), ("unit", [.money]),
]

extension KeyTable where Target == FieldDraft {
  /// Beside these a field has one selector, named by its kind.
  static let field = KeyTable(
    "field",
    [
      Key(
        "join", "Selectors whose texts are joined by a space before typing; null when one is missing.",
        Reading<SelectorList>.selector.list(atLeast: 2), into: \.join),
      Key("as", "The type the text is read as.", Reading<ValueType>.fieldType, into: \.type),
      Key(
        "calendar", "The calendar of a date.", Reading<TypeSpec.Calendar>.choice, default: "gregorian",
        into: \.calendar),
      Key(
        "format", "The form of a date or time, as yyyy-MM-dd HH:mm.", Reading<String>.text, into: \.format),
      Key("timezone", "The zone of a time, where it is not the site's.", Reading<TimeZoneRules>.zone, into: \.zone),
      Key("unit", "The unit of money where the text does not say.", Reading<MoneyUnit>.choice, into: \.unit),
      Key("then", "Filters applied before typing, as in templates.", Reading<FilterChain>.filters, into: \.then),
      Key(
        "required", "Whether a page without it is a broken layout.", Reading<Bool>.boolean, default: "false",
        into: \.required),
    ],
    rules: [.exactlyOne(["join", KeyRule.selector])]
      + optionUsers.map { option, types in
        .belongs(option, to: "as", ValueType.allCases.filter(types.contains).map(\.rawValue))
      }, further: .selector,
    others: { member, draft, context in
      let keys = context.selectorKinds
      guard keys.contains(member.name) else {
        context.refuseFieldKey(member, hasSelector: draft.selector != nil)
        return
      }
      if let first = draft.selectorKey {
        context.error(
          .exclusiveKeys, "a field has one selector, this is the second", at: member.atKey,
          help: "alternatives are a list: \(first.name): [ …, … ]",
          notes: [Diagnostic.Note("the first is", at: context.location(of: first.atKey))])
        return
      }
      draft.selectorKey = member
      draft.selector = Reading<SelectorList>.selector(kind: member.name)(member, context)
    })
}

extension SpecContext {
  /// A key that is neither an option of fields nor a selector kind: which of them it was meant to be decides the words.
  fileprivate func refuseFieldKey(_ member: Entry, hasSelector: Bool) {
    let keys = KeyTable<FieldDraft>.field.keys.map(\.name)
    if hasSelector
      || didYouMean(member.name, among: keys) != nil && didYouMean(member.name, among: selectorKinds) == nil
    {
      error(
        .unknownKey, "unknown key \(quoted(member.name))", at: member.atKey,
        help: suggestion(for: member.name, among: keys + selectorKinds, calling: "keys here"))
    } else {
      refuseSelectorKind(member)
    }
  }
}

extension Reading where Value == FieldRule {
  /// A selector alone, or a mapping with a selector and what is done to its match.
  static let field = Reading(.either([.oneOrMany(.selector), .table("field")])) { entry, context in
    guard entry.members != nil else {
      return Reading<SelectorList>.selector(entry, context).map {
        FieldRule(
          name: entry.name, source: .selector($0), type: nil, then: nil, required: false, keyPath: entry.path)
      }
    }
    var draft = FieldDraft()
    guard let given = KeyTable<FieldDraft>.field.read(entry, into: &draft, context) else { return nil }
    context.checkOptions(of: draft, given)
    guard let source = context.source(of: draft, given, at: entry) else { return nil }
    return FieldRule(
      name: entry.name, source: source, type: draft.typeSpec, then: draft.then, required: draft.required,
      keyPath: entry.path)
  }
}

extension FieldDraft {
  fileprivate var typeSpec: TypeSpec? {
    type.map { TypeSpec($0, calendar: calendar ?? .gregorian, format: format, zone: zone, unit: unit) }
  }
}

extension SpecContext {
  fileprivate func source(
    of draft: FieldDraft, _ given: KeyTable<FieldDraft>.Given, at entry: Entry
  ) -> FieldRule.Source? {
    if let join = given["join"], let selector = draft.selectorKey {
      refuseBoth(join, selector)
      return nil
    }
    if let join = draft.join { return .join(join) }
    if let selector = draft.selector { return .selector(selector) }
    let isMissing = given["join"] == nil && draft.selectorKey == nil
    let hasUnknown = given.keys.contains { name in
      !selectorKinds.contains(name) && !KeyTable<FieldDraft>.field.keys.contains { $0.name == name }
    }
    // A mistyped selector kind was reported already.
    if isMissing, !hasUnknown {
      error(
        .missingKey, "the field \(quoted(entry.name)) has no selector", at: entry.atKey,
        help: "kinds: \((selectorKinds + ["join"]).joined(separator: ", "))")
    }
    return nil
  }

  /// Options that the type does not use are mistakes: something else was meant.
  fileprivate func checkOptions(of draft: FieldDraft, _ given: KeyTable<FieldDraft>.Given) {
    for (option, types) in optionUsers {
      guard let entry = given[option], given["as"] == nil || draft.type.map({ !types.contains($0) }) ?? false else {
        continue
      }
      let words = ValueType.allCases.filter(types.contains).map(\.rawValue).joined(separator: ", ")
      error(
        .unfitOption, "'\(option)' is an option of other types", at: entry.atKey, help: "it belongs to 'as:' \(words)")
      return
    }
    guard let entry = given["format"], let type = draft.typeSpec else { return }
    do throws(SyntaxError) { try type.checkFormat() } catch { return report(error, .badFormat, at: entry) }
    if let text = draft.format, let meant = meantPattern(text) {
      error(
        .badFormat, "'mm' are minutes and 'MM' months: one stands where the other is meant", at: entry,
        help: "write \(meant)")
    }
  }
}

extension Reading where Value == ValueType {
  static let fieldType: Reading<ValueType> = {
    let words = ValueType.allCases.filter { $0 != .unknown }.map(\.rawValue)
    let reading = Reading<String>.word(among: words)
    return Reading(reading.shape) { entry, context in reading(entry, context).flatMap(ValueType.init(rawValue:)) }
  }()
}

extension Shape {
  static let zone = Shape.form(name: "time zone", example: "Asia/Tehran", pattern: notEmpty)
  static let filter = Shape.form(name: "filter", example: "trim", pattern: notEmpty)
}

extension Reading where Value == TimeZoneRules {
  static let zone = Reading(.zone) { entry, context in
    guard let text = Reading<String>.text(entry, context) else { return nil }
    if let zone = TimeZoneRules(identifier: text) { return zone }
    context.error(
      .badZone, "\(quoted(entry.name)): \(quoted(text)) is not a time zone of this system", at: entry,
      help: ZoneNames.help(for: text))
    return nil
  }
}

extension Reading where Value == FilterChain {
  /// `trim | replace: 'a', 'b'`, or a list of such.
  static let filters = Reading(.oneOrMany(.filter)) { entry, context in
    let parts = entry.elements ?? [entry]
    let sources = parts.compactMap { part -> String? in
      guard let text = Reading<String>.text(part, context) else { return nil }
      do throws(SyntaxError) { return try FilterChain(text).source } catch {
        context.report(error, .badFilter, at: part)
        return nil
      }
    }
    guard sources.count == parts.count, !sources.isEmpty else { return nil }
    return try? FilterChain(sources.joined(separator: " | "))
  }
}
