import Diagnostics
import Language
import PluginHost

struct StepDraft: HoldsRequest {
  var name: String?
  var when: Expression?
  var request = RequestDraft()
  var refresh: Duration?
  var kind: DocumentKind?
  var document: (selector: SelectorList, kind: DocumentKind)?
  var anchor: SelectorList?
  var outcomes: [OutcomeRule] = []
  var fields: [FieldRule] = []
  var rows: [RowsRule] = []
  var pages: PagesRule?
}

extension KeyTable where Target == StepDraft {
  static let step = KeyTable(
    "step",
    [
      Key("step", "The step's name.", Reading<String>.id, required: true, into: \.name),
      Key(
        "when", "Rows for which this is false pass through untouched.", Reading<Expression>.expression, into: \.when),
      Key(
        "document", "What the answer is, or a document inside it.",
        .either([.word(DocumentKind.allCases.map(\.rawValue)), .table("document")])
      ) { entry, draft, context in
        context.document(entry, &draft)
      },
      Key("pages", "Repeats the step over windows, numbers or links.", .table("pages")) { entry, draft, context in
        draft.pages = context.pages(entry)
      },
    ] + Key.requestKeys(url: .url) + [
      Key(
        "refresh", "How long rows are kept before the page is read again.",
        Reading<Duration>.duration(.seconds(1) ... .longestInSpec), into: \.refresh),
      Key("anchor", "There on every healthy page, an empty one too.", Reading<SelectorList>.selector, into: \.anchor),
      Key("fields", "Read once per document, inherited by its rows.", .fields) { entry, draft, context in
        draft.fields = context.fields(entry)
      },
      Key("rows", "How rows are found; of a list the first that yields rows wins.", .rows) { entry, draft, context in
        draft.rows = context.rows(entry)
      },
      Key("outcomes", "What answers mean, in order; the first that applies wins.", .siteOutcomes) {
        entry, draft, context in
        draft.outcomes = context.siteOutcomes(entry)
      },
    ], rules: KeyRule.ofRequests())
}

struct InnerDocumentDraft {
  var selector: SelectorList?
  var selectorKey: Entry?
  var kind: DocumentKind?
}

extension KeyTable where Target == InnerDocumentDraft {
  static let document = KeyTable(
    "document",
    [Key("as", "What the match is read as.", Reading<DocumentKind>.choice, required: true, into: \.kind)],
    rules: [.exactlyOne([KeyRule.selector])], further: .selector,
    others: { member, draft, context in
      guard context.selectorKinds.contains(member.name) else { return context.refuseSelectorKind(member) }
      if draft.selectorKey != nil {
        context.error(
          .exclusiveKeys, "a document has one selector, this is the second", at: member.atKey, help: "keep one of them")
        return
      }
      draft.selectorKey = member
      draft.selector = Reading<SelectorList>.selector(kind: member.name)(member, context)
    })
}

extension SpecContext {
  fileprivate func document(_ entry: Entry, _ draft: inout StepDraft) {
    guard entry.members != nil else {
      draft.kind = Reading<DocumentKind>.choice(entry, self)
      narrowDocuments(to: draft.kind, entry)
      return
    }
    var inner = InnerDocumentDraft()
    KeyTable<InnerDocumentDraft>.document.read(entry, into: &inner, self)
    if inner.selectorKey == nil {
      error(
        .missingKey, "the document has no selector", at: entry.atKey,
        help: "write { xpath: '//script[@id=\"…\"]', as: json }")
    }
    if let selector = inner.selector, let kind = inner.kind { draft.document = (selector, kind) }
    narrowDocuments(to: inner.kind, entry)
  }

  private func narrowDocuments(to kind: DocumentKind?, _ entry: Entry) {
    documents = DocumentChoice(
      kinds: kind.map { [$0] }, reason: "the document", location: kind == nil ? nil : location(of: entry))
  }

  fileprivate func pages(_ entry: Entry) -> PagesRule? {
    var draft = PagesDraft()
    guard KeyTable<PagesDraft>.pages.read(entry, into: &draft, self) != nil else { return nil }
    if draft.advanceKey == nil {
      error(
        .missingKey, "these pages have no way to go on", at: entry.atKey,
        help: "write page: { from: 1, by: 1 }, or next: SELECTOR")
    }
    return draft.advance.map { PagesRule(advance: $0, until: draft.until, atMost: draft.atMost) }
  }

  /// A page name that the request leaves out asks for the same page again and again.
  private func checkPagesDiffer(_ pages: PagesRule?, at entry: Entry, _ request: RequestTemplate) {
    guard let name = pages?.advance.name, !request.names.contains(name) else { return }
    error(
      .samePage, "no part of the request says {\(name)}: every page would be the same one",
      at: entry.members?.first { $0.name == name }?.atKey ?? entry.atKey,
      help: "write {\(name)} in the URL, the query or the form")
  }

  /// Reads one step; the names it defines stay visible to the steps after it.
  func readStep(_ entry: Entry, defaults: RequestDefaults, never: [(Entry, Glob)]) -> Step? {
    documents = DocumentChoice(kinds: nil, reason: "", location: nil)
    defer { documents = nil }
    isInStep = true
    hasAnchor = entry.members?.contains { $0.name == "anchor" } == true
    readsAnswers = entry.members?.contains { $0.name == "rows" || $0.name == "fields" } == true
    defer { isInStep = false }
    var draft = StepDraft()
    let before = errorCount
    guard let given = KeyTable<StepDraft>.step.read(entry, into: &draft, self) else { return nil }
    if draft.request.methodKey == nil {
      error(
        .noRequest, "the step has no request", at: given["step"] ?? entry,
        help: "write get: https://…, or post: https://…")
    }
    if let method = draft.request.method, method != .get, method != .head, firstPost == nil {
      firstPost = draft.request.methodKey
    }
    if draft.anchor == nil, given["anchor"] == nil, let rows = given["rows"],
      draft.rows.contains(where: \.comesFromMarkup)
    {
      error(
        .noAnchor, "rows that come from CSS or XPath need an 'anchor'", at: rows.atKey,
        help: "anchor: a selector for what is on every healthy page, an empty one too")
    }
    guard let name = draft.name, let request = draft.request.template(defaults: defaults) else { return nil }
    if let url = draft.request.methodKey { checkNever(request.url, at: url, never) }
    if let pages = given["pages"], errorCount == before { checkPagesDiffer(draft.pages, at: pages, request) }
    return Step(
      name: name, when: draft.when, request: request, refresh: draft.refresh, kind: draft.kind,
      document: draft.document, anchor: draft.anchor, outcomes: draft.outcomes + defaults.outcomes,
      fields: draft.fields, rows: draft.rows, pages: draft.pages, keyPath: entry.path)
  }
}
