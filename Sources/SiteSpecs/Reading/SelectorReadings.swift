import Diagnostics
import Language
import PluginHost

/// The kinds of documents that are still possible for the step being read, narrowed by each selector.
struct DocumentChoice {
  /// nil: not narrowed yet.
  var kinds: Set<DocumentKind>?
  /// What narrowed it, for the note.
  var reason: String
  var location: SpecLocation?
}

extension Reading where Value == SelectorList {
  /// `$.json`, `//xpath`, `{ css: … }`, or a list of them of which the first that matches wins.
  static let selector = Reading(.oneOrMany(.selector)) { entry, context in
    guard let elements = entry.elements else { return one(entry, context).map(SelectorList.init) }
    if elements.isEmpty { return context.mismatch("at least one selector", entry) }
    let lists = elements.compactMap { one($0, context) }
    return lists.count == elements.count ? SelectorList(lists.flatMap { $0 }) : nil
  }

  /// The selector of one kind: what stands under `css:`.
  static func selector(kind: String) -> Reading<SelectorList> {
    Reading(.oneOrMany(.selectorText)) { entry, context in
      let parts = entry.elements ?? [entry]
      if parts.isEmpty { return context.mismatch("at least one selector", entry) }
      let lists = parts.map { part in
        part.members == nil ? context.compile(part, kind: kind).map { [$0] } : one(part, context)
      }
      let found = lists.compactMap { $0 }
      return found.count == lists.count ? SelectorList(found.flatMap { $0 }) : nil
    }
  }

  private static func one(_ entry: Entry, _ context: SpecContext) -> [any CompiledSelector]? {
    switch entry.node.content {
    case .sequence: return context.mismatch("a selector", entry)
    case .scalar(let scalar):
      guard let kind = kindByFirstCharacter(scalar.text), !entry.node.isNull else {
        return context.mismatch("a selector", entry, help: helpWithoutKind(scalar.text))
      }
      return context.compile(entry, kind: kind).map { [$0] }
    case .mapping(let members):
      guard members.count == 1, let member = entry.members?.first else {
        context.refuseSecondKey(of: entry)
        return nil
      }
      guard context.selectorKinds.contains(member.name) else {
        context.refuseSelectorKind(member)
        return nil
      }
      return selector(kind: member.name)(member, context)?.alternatives
    }
  }

  /// `$` is JSONPath, `/`, `./` and `(` XPath; anything else has to say what it is.
  private static func kindByFirstCharacter(_ text: String) -> String? {
    if text.hasPrefix("$") { return "json" }
    let isXPath = text.hasPrefix("/") || text.hasPrefix("(") || text.hasPrefix("./") || text.hasPrefix("../")
    return isXPath || text == "." || text == ".." ? "xpath" : nil
  }

  private static func helpWithoutKind(_ text: String) -> String {
    if text.hasPrefix("@") { return "an attribute of the row is './\(text)'" }
    if isNameWellFormed(text.lowercased()) {
      return "a member of the row is $.\(text) (JSONPath), an element ./\(text) (XPath)"
    }
    if text.hasPrefix(".") || text.hasPrefix("#") || text.contains(" > ") { return "CSS is spelled out: { css: '…' }" }
    return "selectors begin with '$' (JSONPath), '/', './' or '(' (XPath); others are spelled out: { css: '…' }"
  }
}

extension SpecContext {
  var selectorKinds: [String] { catalog.extractors.map { type(of: $0).kind }.sorted() }

  func refuseSelectorKind(_ member: Entry) {
    error(
      .unknownSelectorKind, "unknown selector kind \(quoted(member.name))", at: member.atKey,
      help: suggestion(for: member.name, among: selectorKinds, calling: "kinds"))
  }

  /// A selector among others stands alone: what else is asked of the value belongs to the field around them.
  func refuseSecondKey(of entry: Entry) {
    let members = entry.members ?? []
    guard let other = members.first(where: { !selectorKinds.contains($0.name) }) ?? members.dropFirst().first else {
      error(.missingValue, "a selector is missing here", at: entry, help: "write { css: '…' }")
      return
    }
    error(
      .exclusiveKeys, "\(quoted(other.name)) can't stand beside a selector here", at: other.atKey,
      help: selectorKinds.contains(other.name)
        ? "alternatives are a list: [ { css: … }, { xpath: … } ]"
        : "options of a field stand beside its list: { css: [ …, … ], \(other.name): … }")
  }

  /// Selectors longer than this are generated, and cost more to compile than a page to read. DESIGN.md, section 6.
  static let longestSelector = 4096

  func compile(_ entry: Entry, kind: String) -> (any CompiledSelector)? {
    guard let scalar = entry.node.scalar, !entry.node.isNull, !scalar.text.isEmpty else {
      return mismatch("a selector", entry, help: "selectors are $.json, //xpath or { css: '.class' }")
    }
    guard scalar.text.utf8.count <= Self.longestSelector else {
      error(
        .outOfRange, "the selector is longer than the limit of \(Self.longestSelector) bytes", at: entry,
        help: "name an id or class of what is wanted, and leave the way there out")
      return nil
    }
    guard let extractor = catalog.extractor(kind) else {
      error(.unknownSelectorKind, "no extractor reads selectors of the kind '\(kind)'", at: entry)
      return nil
    }
    do {
      let compiled = try extractor.compile(scalar.text)
      narrow(to: type(of: extractor).documents, kind: kind, at: entry)
      lintSelector(scalar.text, kind: kind, at: entry)
      return compiled
    } catch {
      // What nobody sees is told as what it is, not as a letter of the selector.
      if refuseHiddenCharacter(scalar.text, at: entry) { return nil }
      report(error, kind == "pattern" || kind == "text" ? .badPattern : .badSelector, at: entry, kind: kind)
      return nil
    }
  }

  /// All selectors of a step read one document, so there must be a kind that all can read.
  private func narrow(to kinds: Set<DocumentKind>, kind: String, at entry: Entry) {
    guard documents != nil else { return }
    guard let before = documents?.kinds else {
      documents = DocumentChoice(kinds: kinds, reason: "the first selector", location: location(of: entry))
      return
    }
    let both = before.intersection(kinds)
    if both.isEmpty {
      error(
        .otherDocument, "a selector of the kind '\(kind)' can't read this document", at: entry,
        help: "it reads \(words(kinds)); the document is \(words(before))",
        notes: documents.flatMap { choice in
          choice.location.map { [Diagnostic.Note("\(choice.reason) is", at: $0)] }
        } ?? [])
    } else {
      documents?.kinds = both
    }
  }

  private func words(_ kinds: Set<DocumentKind>) -> String { kinds.map(\.rawValue).sorted().joined(separator: " or ") }
}

/// A pattern of PCRE2, as in `text:` and `matches:` of an outcome.
extension Reading where Value == any CompiledSelector {
  static let pattern = Reading(.pattern) { entry, context in
    let documents = context.documents
    context.documents = nil
    defer { context.documents = documents }
    return context.compile(entry, kind: "pattern")
  }
}
