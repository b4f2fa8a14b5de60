import Engine
import Language
import PluginHost

/// Takes out of a recording what must not be kept, the same everywhere in it, so that what was read before is read after.
struct Scrubbing {
  enum Kind: String, CaseIterable {
    case secret, cookie, token, phone, email = "e-mail", nationalID = "national id", name
  }

  private struct Change {
    var kind: Kind
    var text: String
    var standIn: String
    /// Only where it stands as a word of its own.
    var isWord = false
  }

  /// What was exchanged, by place: `02-days body` → phone → 3.
  private(set) var tally: [(place: String, counts: [Kind: Int])] = []
  private var changes: [Change] = []
  private var numbers: [Kind: [String: Int]] = [:]
  private let now: Instant
  /// Stands in the spec for everybody to read: exchanging it would only make the spec ask for something else.
  private let publicText: String

  init(now: Instant, spec: SiteSpec) {
    self.now = now
    publicText = spec.text
  }

  // MARK: What to look for

  /// - Parameter names: As they were given: `رضا احمدی`. Each word goes wherever it stands.
  mutating func add(secrets: [Secret], names: [String]) {
    for secret in secrets.map({ $0.reveal() }) where secret.utf8.count >= 4 {
      let standIn = StandIn.token(secret, number(.secret, secret))
      add(Change(kind: .secret, text: secret, standIn: standIn))
      add(Change(kind: .secret, text: percentEncoded(secret), standIn: percentEncoded(standIn)))
    }
    for name in names {
      for word in name.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map(String.init) where word.count > 1 {
        let standIn = StandIn.word(word, number(.name, word))
        for spelling in Scrubbing.spellings(word) {
          add(Change(kind: .name, text: spelling, standIn: standIn, isWord: true))
        }
      }
    }
  }

  /// Arabic and Persian ي and ك look alike, and sites write both.
  private static func spellings(_ word: String) -> Set<String> {
    let persian = word.replacing("ي", with: "ی").replacing("ك", with: "ک")
    return [
      word, persian, persian.replacing("ی", with: "ي"), persian.replacing("ک", with: "ك"),
      persian.replacing("ی", with: "ي").replacing("ک", with: "ك"),
    ]
  }

  /// Looks for what must go in a text of the recording.
  mutating func find(in text: String) {
    for part in EncodedRuns.texts(in: text) {
      for find in PersonalData.finds(in: part, now: now) {
        let number = number(find.kind, find.identity)
        add(Change(kind: find.kind, text: find.text, standIn: standIn(find, number)))
      }
    }
    for token in Tokens.finds(in: text) where !publicText.contains(token) {
      add(Change(kind: .token, text: token, standIn: StandIn.token(token, number(.token, token))))
    }
  }

  mutating func find(cookies headers: [Request.Header]) {
    for header in headers where header.name.lowercased() == "set-cookie" {
      let pair = header.value.prefix { $0 != ";" }
      guard let equals = pair.firstIndex(of: "=") else { continue }
      let value = String(pair[pair.index(after: equals)...])
      guard value.count >= 6 else { continue }
      add(Change(kind: .cookie, text: value, standIn: StandIn.token(value, number(.cookie, value))))
    }
  }

  private func standIn(_ find: PersonalData.Find, _ number: Int) -> String {
    switch find.kind {
    case .phone: StandIn.phone(find.text, number)
    case .nationalID: StandIn.nationalID(find.text, number)
    default: StandIn.email(find.text, number)
    }
  }

  private mutating func number(_ kind: Kind, _ identity: String) -> Int {
    if let known = numbers[kind]?[identity] { return known }
    let next = (numbers[kind]?.count ?? 0) + 1
    numbers[kind, default: [:]][identity] = next
    return next
  }

  private mutating func add(_ change: Change) {
    guard change.text != change.standIn, !changes.contains(where: { $0.text == change.text }) else { return }
    changes.append(change)
    // The longest first: a number's long form must not be left with its tail exchanged.
    changes.sort { ($0.text.utf8.count, $0.text) > ($1.text.utf8.count, $1.text) }
  }

  // MARK: Exchanging

  /// - Parameter place: For the tally; nil where it is counted already.
  mutating func scrubbed(_ text: String, at place: String?) -> String {
    var counts: [Kind: Int] = [:]
    let changes = changes
    let result = EncodedRuns.changing(text) { part in
      changes.reduce(part) { text, change in
        guard text.contains(change.text) else { return text }
        let (changed, count) = Scrubbing.exchange(change, in: text)
        if count > 0 { counts[change.kind, default: 0] += count }
        return changed
      }
    }
    if let place, !counts.isEmpty { tally.append((place, counts)) }
    return result
  }

  /// Bytes that are no UTF-8 are gone through as if each were a character, so that nothing else changes.
  mutating func scrubbed(_ body: [UInt8], at place: String) -> [UInt8] {
    if let text = String(validating: body, as: UTF8.self) { return Array(scrubbed(text, at: place).utf8) }
    let text = String(String.UnicodeScalarView(body.map { Unicode.Scalar($0) }))
    return scrubbed(text, at: place).unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  mutating func scrubbed(_ json: JSON) -> JSON {
    switch json {
    case .string(let text): return .string(scrubbed(text, at: nil))
    case .array(let all): return .array(all.map { scrubbed($0) })
    case .object(let object):
      var result = JSONObject()
      for (name, value) in zip(object.names, object.values) { result[scrubbed(name, at: nil)] = scrubbed(value) }
      return .object(result)
    default:
      // A number may be somebody's.
      let text = json.text
      let changed = scrubbed(text, at: nil)
      return changed == text ? json : (try? JSON(parsing: changed)) ?? json
    }
  }

  private static func exchange(_ change: Change, in text: String) -> (String, Int) {
    let (hay, needle) = (Array(text.unicodeScalars), Array(change.text.unicodeScalars))
    guard !needle.isEmpty, hay.count >= needle.count else { return (text, 0) }
    var (result, at, count) = (String.UnicodeScalarView(), 0, 0)
    while at < hay.count {
      let end = at + needle.count
      let isHere = end <= hay.count && hay[at] == needle[0] && hay[at..<end].elementsEqual(needle)
      if isHere,
        !change.isWord || (isEdge(hay, at - 1, beside: needle[0]) && isEdge(hay, end, beside: needle[needle.count - 1]))
      {
        result.append(contentsOf: change.standIn.unicodeScalars)
        count += 1
        at = end
      } else {
        result.append(hay[at])
        at += 1
      }
    }
    return (String(result), count)
  }

  /// Whether a word may end there: no letter of its script goes on with it. `n` in `\\nرضا` is an escape's.
  private static func isEdge(_ scalars: [Unicode.Scalar], _ at: Int, beside word: Unicode.Scalar) -> Bool {
    guard scalars.indices.contains(at) else { return true }
    let scalar = scalars[at]
    guard scalar.properties.isAlphabetic, scalar.isASCII == word.isASCII else { return true }
    return at > 0 && scalars[at - 1] == "\\"
  }

  /// What should have gone, and stands in a text all the same: by kind, never the value.
  ///
  /// - Parameter hasTokens: Whether it is of a site: what a spec names its own fields makes no token of them.
  func residue(in text: String, hasTokens: Bool = true) -> Set<Kind> {
    let parts = EncodedRuns.texts(in: text)
    var left = Set(
      changes.filter { change in
        parts.contains { part in part.contains(change.text) && Scrubbing.exchange(change, in: part).1 > 0 }
      }.map(\.kind))
    // Looked for once more: nothing that was never found may stay either.
    for find in parts.flatMap({ PersonalData.finds(in: $0, now: now) })
    where !StandIn.isInvented(find) && !publicText.contains(find.text) && !isStandIn(find.text) {
      left.insert(find.kind)
    }
    if hasTokens, Tokens.finds(in: text).contains(where: { !publicText.contains($0) && !isStandIn($0) }) {
      left.insert(.token)
    }
    return left
  }

  private func isStandIn(_ text: String) -> Bool {
    changes.contains { $0.kind != .name && (text.contains($0.standIn) || $0.standIn.contains(text)) }
  }
}
