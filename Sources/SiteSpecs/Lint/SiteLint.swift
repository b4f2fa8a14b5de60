import Diagnostics
import Language
import PluginHost

/// What is legal in a site spec as a whole, and unwise.
extension SpecContext {
  func lintSite(_ given: KeyTable<SiteDraft>.Given, _ draft: SiteDraft) {
    warnAboutNever(given, draft)
    lintAlert(given["alert"], draft)
    lintItems(given["items"], draft)
    // A condition that does not compile asks for fields, too.
    if !diagnostics.hasErrors { lintDeadFields(given["steps"]) }
  }

  // MARK: A list of what must not be called

  /// A site is taken for one that books where a request may change something (anything but GET and HEAD), or where its
  /// words say so: then a wrong URL could hold or cancel something for real, and `never` is what stands between.
  private func warnAboutNever(_ given: KeyTable<SiteDraft>.Given, _ draft: SiteDraft) {
    guard draft.never.isEmpty else { return }
    var place: Entry
    let reason: String
    if let post = firstPost {
      (place, reason) = (post.atKey, "this site is sent \(post.name.uppercased()) requests")
    } else if let (entry, word) = bookingWord(given) {
      (place, reason) = (entry, "this looks like a site that books ('\(word)')")
    } else {
      return
    }
    if let never = given["limits"]?.members?.first(where: { $0.name == "never" }) { place = never.atKey }
    let help = "limits: { never: [\"**/book\"] } names what must not be called"
    let message = "\(reason) and has no 'never' list"
    // A request that may change something is told to whoever runs it, a likely word to whoever checks.
    if firstPost == nil {
      lint(.noNever, message, at: place, help: help)
    } else {
      warning(.noNever, message, at: place, help: help)
    }
  }

  private static let bookingWords = [
    "نوبت", "رزرو", "appointment", "booking", "reservation", "reserve", "ticket", "free slot",
  ]

  private func bookingWord(_ given: KeyTable<SiteDraft>.Given) -> (Entry, String)? {
    let alert = given["alert"]?.members ?? []
    let titles = alert.filter { $0.name == "title" }.flatMap { $0.members ?? [$0] }
    for entry in [given["title"]].compactMap({ $0 }) + titles {
      guard let text = entry.node.scalar?.text.lowercased() else { continue }
      // The site's own place tells more than a line of its alert.
      if let word = Self.bookingWords.first(where: { Self.begins($0, in: text) }) { return (entry, word) }
    }
    return nil
  }

  /// Whether the word begins one of the text's: "reserved" has to do with "reserve", "preserved" has not.
  private static func begins(_ word: String, in text: String) -> Bool {
    text.ranges(of: word).contains { range in
      guard range.lowerBound > text.startIndex else { return true }
      let before = text[text.index(before: range.lowerBound)]
      return !before.isASCII || !before.isLetter
    }
  }

  // MARK: Alert and items

  private func lintAlert(_ alert: Entry?, _ draft: SiteDraft) {
    guard let rules = draft.alert, let members = alert?.members else { return }
    let entries = Dictionary(members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    if let on = entries["on"], rules.on.contains(.updated), draft.items?.track.isEmpty == true {
      lint(
        .untrackedUpdate, "'updated' never comes: no field is tracked", at: on,
        help: "items: { track: [price] } names the fields whose change is one", notes: draft.trackNote(self))
    }
    guard let title = entries["title"], let line = entries["line"] else { return }
    let (titles, lines) = (languagesOf(title), languagesOf(line))
    if let missing = lines.subtracting(titles).sorted().first { warnOfLanguage(missing, title, line) }
    if let missing = titles.subtracting(lines).sorted().first { warnOfLanguage(missing, line, title) }
  }

  /// A text alone is for every language.
  private func languagesOf(_ entry: Entry) -> Set<String> {
    Set(entry.members?.map(\.name).filter(languages.contains) ?? languages)
  }

  private func warnOfLanguage(_ language: String, _ entry: Entry, _ other: Entry) {
    lint(
      .oneLanguage, "'\(entry.name)' has no text in '\(language)', '\(other.name)' has one", at: entry,
      help: "add \(language): '…'", notes: [Diagnostic.Note("'\(other.name)' is", at: location(of: other))])
  }

  private func lintItems(_ items: Entry?, _ draft: SiteDraft) {
    guard let rules = draft.items, let members = items?.members else { return }
    let entries = Dictionary(members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    if let expect = entries["expect"], let count = expect.members?.first(where: { $0.name == "count" }),
      rules.expect == 0...10_000
    {
      lint(
        .wideExpect, "0..10000 fits everything a run can bring", at: count, help: "what a good reading has: 0..500")
    }
    for element in entries["track"]?.elements ?? [] {
      guard let name = element.node.scalar?.text, rules.key.contains(name), let key = entries["key"] else { continue }
      lint(
        .trackedKey, "'\(name)' is part of the key: an item in which it changes is another item", at: element,
        help: "remove it from 'track'", notes: [Diagnostic.Note("the key is", at: location(of: key))])
    }
  }

  // MARK: Fields

  private func lintDeadFields(_ steps: Entry?) {
    for step in steps?.elements ?? [] {
      for member in step.members ?? [] where member.name == "fields" || member.name == "rows" {
        lintDeadFields(in: member)
      }
    }
  }

  private func lintDeadFields(in entry: Entry) {
    if entry.name == "fields" {
      for field in entry.members ?? [] where isDead(field) {
        lint(
          .deadField, "nothing asks for the field '\(field.name)'", at: field.atKey,
          help: "remove it, or name it in a template, a condition, 'key' or 'track'; as 'required' it guards the layout"
        )
      }
      return
    }
    for part in entry.elements ?? [entry] {
      for member in part.members ?? [] where member.name == "fields" || member.name == "rows" {
        lintDeadFields(in: member)
      }
    }
  }

  private func isDead(_ field: Entry) -> Bool {
    // `start` ends an alert without being named.
    guard !used.contains(field.name), field.name != "start" else { return false }
    let required = field.members?.first { $0.name == "required" }?.node.scalar?.text
    return required != "true"
  }
}

extension SiteDraft {
  fileprivate func trackNote(_ context: SpecContext) -> [Diagnostic.Note] {
    track.map { [Diagnostic.Note("'track' is", at: context.location(of: $0))] } ?? []
  }
}
