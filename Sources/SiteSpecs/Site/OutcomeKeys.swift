import Diagnostics
import Language
import PluginHost

/// One line of `outcomes`, of a site or a notifier, before its parts are held against each other.
struct OutcomeDraft {
  var statuses: [ClosedRange<Int>]?
  var anchorMissing = false
  var text: (any CompiledSelector)?
  var selector: SelectorList?
  var selectorKey: Entry?
  var equals: Value?
  var among: [Value]?
  var not: Value?
  var matches: (any CompiledSelector)?
  var reread: String?
  var receipt: SelectorList?
  var retryAfter: SelectorList?
  var to: SelectorList?
  var each: SelectorList?
  var refused: [Value] = []
}

extension KeyTable where Target == OutcomeDraft {
  /// What both kinds of files test an answer by, beside one selector named by its kind.
  fileprivate static let conditions: [Key<OutcomeDraft>] = [
    Key(
      "status", "HTTP statuses: one, a list, or a range such as 500..599.",
      Reading<ClosedRange<Int>>.range(100...599)
        .oneOrMany, into: \.statuses),
    Key("text", "A pattern that the body's text must match.", Reading<any CompiledSelector>.pattern, into: \.text),
    Key("equals", "The first match is this value.", Reading<Value>.literal, into: \.equals),
    Key("in", "The first match is one of these values.", Reading<Value>.literal.list(atLeast: 1), into: \.among),
    Key("not", "The first match is not this value; also true without any match.", Reading<Value>.literal, into: \.not),
    Key("matches", "The first match fits this pattern.", Reading<any CompiledSelector>.pattern, into: \.matches),
  ]

  private static let siteKeys =
    conditions + [
      Key(
        "missing", "True when the step's anchor is not there.",
        Reading<String>.word(among: ["anchor"]).map { _ in true },
        into: \.anchorMissing),
      Key(
        "reread", "Believe it only after this earlier step was read again.", Reading<String>.text, into: \.reread),
    ]

  private static let notifierKeys =
    conditions + [
      Key("receipt", "The channel's id of the message.", Reading<SelectorList>.selector, into: \.receipt),
      Key("retry_after", "Seconds to wait, or a date.", Reading<SelectorList>.selector, into: \.retryAfter),
      Key("to", "The recipient's new address.", Reading<SelectorList>.selector, into: \.to),
      Key("each", "One result per recipient of a batch, in order.", Reading<SelectorList>.selector, into: \.each),
      Key(
        "refused", "Results of 'each' that mean: this recipient was refused.", Reading<Value>.literal.list(),
        into: \.refused),
    ]

  private static let conditionRules: [KeyRule] =
    [
      .atLeastOne(["status", "text", "missing", KeyRule.selector]), .atMostOne([KeyRule.selector]),
      .atMostOne(["equals", "in", "not", "matches"]),
    ] + ["equals", "in", "not", "matches"].map { .needs($0, oneOf: [KeyRule.selector]) }

  static let siteOutcome = KeyTable("outcome", siteKeys, rules: conditionRules, further: .selector) {
    member, draft, context in
    selector(member, &draft, context, beside: siteKeys)
  }

  static let notifierOutcome = KeyTable(
    "notifier outcome", notifierKeys, rules: conditionRules + [.needs("refused", oneOf: ["each"])], further: .selector
  ) { member, draft, context in
    selector(member, &draft, context, beside: notifierKeys)
  }

  private static func selector(
    _ member: Entry, _ draft: inout OutcomeDraft, _ context: SpecContext, beside keys: [Key<OutcomeDraft>]
  ) {
    guard context.selectorKinds.contains(member.name) else {
      if member.name.unicodeScalars.contains(where: { "“”„«»".unicodeScalars.contains($0) }) {
        return context.error(
          .unknownKey, "unknown key \(quoted(member.name))", at: member.atKey, help: "YAML's quotes are plain: \" or '")
      }
      let known = Set(keys.map(\.name)).union(context.selectorKinds).sorted()
      context.error(
        .unknownKey, "unknown key \(quoted(member.name))", at: member.atKey,
        help: suggestion(for: member.name, among: known, calling: "keys here"))
      return
    }
    if let first = draft.selectorKey {
      context.error(
        .exclusiveKeys, "an outcome has one selector, this is the second", at: member.atKey,
        notes: [Diagnostic.Note("the first is", at: context.location(of: first.atKey))])
      return
    }
    draft.selectorKey = member
    draft.selector = Reading<SelectorList>.selector(kind: member.name)(member, context)
  }
}

extension OutcomeDraft {
  var condition: OutcomeCondition {
    let test: OutcomeCondition.Test =
      if let equals { .equals(equals) } else if let among { .in(among) } else if let not {
        .not(not)
      } else if let matches {
        .pattern(matches)
      } else { .matches }
    return OutcomeCondition(
      statuses: statuses, selector: selector, test: test, text: text, anchorMissing: anchorMissing)
  }
}

extension SpecContext {
  /// Reads the list under `outcomes:`; `body` makes a rule of each word and its condition.
  func outcomes<Rule>(
    _ entry: Entry, words: [String], table: KeyTable<OutcomeDraft>,
    _ body: (String, OutcomeDraft, KeyTable<OutcomeDraft>.Given, Entry) -> Rule?
  ) -> [Rule] {
    // Outcomes also look at error pages, which need not be the kind of document that rows come from.
    let before = documents
    documents = nil
    defer { documents = before }
    guard let elements = entry.elements else {
      let _: Void? = mismatch("a list of outcomes", entry, help: "write each as - \(word(in: entry, words)): { … }")
      return []
    }
    refuseUnreachable(elements)
    return elements.compactMap { element in outcome(element, words: words, table: table, body) }
  }

  /// An outcome with the condition of one before it: the first that applies wins.
  private func refuseUnreachable(_ elements: [Entry]) {
    var seen: [String: Entry] = [:]
    for element in elements {
      guard let member = element.members?.first, member.members?.isEmpty == false else { continue }
      // What an outcome does beside its condition makes it no other condition.
      let condition = (member.members ?? []).filter { !["receipt", "retry_after", "to"].contains($0.name) }
      let text = condition.map { "\($0.name): \(source.text(of: $0.node))" }.sorted().joined(separator: "\n")
      guard let first = seen[text] else {
        seen[text] = member
        continue
      }
      error(
        .unreachableOutcome, "'\(member.name)' never applies: '\(first.name)' before it has the same condition",
        at: member.atKey, help: "remove one of them, or change its condition",
        notes: [Diagnostic.Note("the first is", at: location(of: first.atKey))])
    }
  }

  private func outcome<Rule>(
    _ element: Entry, words: [String], table: KeyTable<OutcomeDraft>,
    _ body: (String, OutcomeDraft, KeyTable<OutcomeDraft>.Given, Entry) -> Rule?
  ) -> Rule? {
    guard let members = element.members, members.count == 1, let member = members.first else {
      return mismatch(
        "one outcome with its condition", element, help: "write it as - \(word(in: element, words)): { … }")
    }
    guard words.contains(member.name) else {
      error(
        .unknownWord, "unknown outcome \(quoted(member.name))", at: member.atKey,
        help: suggestion(for: member.name, among: words, calling: "outcomes"))
      return nil
    }
    var draft = OutcomeDraft()
    guard let given = table.read(member, into: &draft, self), checkCondition(draft, given, table, at: member) else {
      return nil
    }
    var named = element
    named.key = member.key
    return body(member.name, draft, given, named)
  }

  /// The outcome to show as an example: the one that was meant, where that can be seen.
  private func word(in entry: Entry, _ words: [String]) -> String {
    entry.members?.first { words.contains($0.name) }?.name ?? words[0]
  }

  private func checkCondition(
    _ draft: OutcomeDraft, _ given: KeyTable<OutcomeDraft>.Given, _ table: KeyTable<OutcomeDraft>,
    at entry: Entry
  ) -> Bool {
    let tests = ["equals", "in", "not", "matches"].compactMap { given[$0] }
    if tests.count > 1 {
      refuseBoth(tests[0], tests[1], help: "write two outcomes, the first that applies wins")
      return false
    }
    if let test = tests.first, draft.selectorKey == nil {
      error(
        .lonelyKey, "'\(test.name)' needs a selector whose match it tests", at: test.atKey,
        help: "kinds: \(selectorKinds.joined(separator: ", "))")
      return false
    }
    let conditions = ["status", "text", "missing"].compactMap { given[$0] }
    if conditions.isEmpty, draft.selectorKey == nil {
      // What stands there was reported if it is no key.
      if given.keys.allSatisfy({ name in table.keys.contains { $0.name == name } }) {
        error(
          .emptyOutcome, "an outcome without a condition always applies", at: entry.atKey,
          help: "add status, json or text")
      }
      return false
    }
    return true
  }
}
