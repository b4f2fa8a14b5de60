import Language
import PluginHost
import Storage

/// Readings that are good by every rule of the spec, and say something else than the page does.
///
/// A class that was renamed leaves the anchor where it was and the rows out: that reads as "nothing is free". A page that
/// was cut, or whose bytes were spoilt, may lack a row or two. Such a reading is held against the page itself, and against
/// the last good one. Only runs that are no quiet ones come here, and the pages are read again only where a branch that
/// held items is empty, or where a page has flaws.
struct ReadingReview: Sendable {
  /// One item's text may stand on a page for many reasons; that of two, gone at once, for few.
  static let leastItems = 2
  /// What to do where it is no accident: another version of the spec has no page yet that its readings are held against.
  private static let remedy =
    "; are all pages like that now? Then any edit of the spec, be it a remark, takes them as they are"

  var catalog: PluginCatalog
  var extraction: ExtractionPool?
  var store: Store
  var keeper: BodyKeeper
  var watch: Watch
  var now: Instant

  private var spec: SiteSpec { watch.spec }
  private var pages: PageReading { PageReading(catalog: catalog, extraction: extraction) }

  /// Takes the belief from readings that deserve none.
  func review(_ result: inout RunResult, _ state: WatchState) async {
    guard state.keyFields == spec.items.key else { return }
    for index in result.branches.indices where result.branches[index].isRead {
      let branch = result.branches[index]
      if lacksHeld(branch, state), let detail = await flaw(of: branch) {
        result.branches[index].doubt(.unreadable, branch.trace.last?.rule ?? "default", detail)
        // Or every 304 from here on would be this page.
        result.pages = []
      } else if branch.items.isEmpty, let (rule, detail) = await stillShown(branch, result, state) {
        result.branches[index].doubt(.suspicious, rule, detail)
        result.branches[index].isStillShown = true
      }
    }
  }

  // MARK: Cut and spoilt pages

  /// What is all there hurts nobody, whatever its page looks like.
  private func lacksHeld(_ branch: BranchResult, _ state: WatchState) -> Bool {
    guard branch.trace.contains(where: { $0.flaws != PageFlaws() }) else { return false }
    let shown = Set(branch.items.map(\.key))
    return state.items.contains {
      $0.isHeld && $0.item.branch == branch.name && !shown.contains($0.item.key) && !isDropped($0.item)
    }
  }

  private func flaw(of branch: BranchResult) async -> String? {
    for trace in branch.trace where trace.flaws != PageFlaws() {
      guard let step = spec.step(trace.step), let usual = await usualFlaws(of: step) else { continue }
      if trace.flaws.isSuspectedCut, !usual.isSuspectedCut {
        return "the page ends before it is complete, as the last good one did not" + ReadingReview.remedy
      }
      if trace.flaws.isRecoded, !usual.isRecoded {
        return "the page holds bytes that are no text, or says another charset, as the last good one did not"
          + ReadingReview.remedy
      }
    }
    return nil
  }

  private func key(of step: String) -> String { "\(watch.id)|\(step)|\(spec.version)" }

  /// What pages of the step look like when all is well: some sites never close `<html>`.
  private func usualFlaws(of step: Step) async -> PageFlaws? {
    let key = key(of: step.name)
    if let known = keeper.knownFlaws(key) { return known }
    // Its own: another page of the site may have flaws that this one never had, and the other way round.
    guard let kept = try? await store.keptGood(site: spec.id, step: step.name, watch: watch.id),
      kept.watch == watch.id, kept.specVersion == spec.version, let response = kept.body.exchange?.response,
      let flaws = await pages.look(at: response, step, of: spec, { $0?.flaws })
    else { return nil }
    keeper.remember(flaws, key)
    return flaws
  }

  // MARK: Lists that only seem empty

  /// - Returns: The rule that finds no row, and why that is not believed.
  private func stillShown(
    _ branch: BranchResult, _ result: RunResult, _ state: WatchState
  ) async -> (rule: String, detail: String)? {
    guard let trace = branch.trace.last(where: { $0.verdict == .empty && $0.rule == "default" }),
      let step = spec.step(trace.step), !step.rows.isEmpty, let response = result.answer(to: trace)
    else { return nil }
    let evidence = Evidence(
      state.items.filter { $0.isHeld && $0.item.branch == branch.name && !isDropped($0.item) }.map(\.item),
      step.fieldRules.filter { $0.rows != nil }.map(\.field.name))
    guard evidence.count >= ReadingReview.leastItems else { return nil }
    let shown = await pages.look(at: response, step, of: spec) { page -> Int? in
      // Rows that `keep` leaves out were found: the page says itself that they are not free.
      page.map { $0.candidates.isEmpty ? evidence.shown(in: $0.node, response.body) : 0 }
    }
    guard let shown, shown * 2 >= evidence.count else { return nil }
    let rule = step.rows[0]
    return (
      rule.keyPath,
      "\(rule.source.text) finds no row, and \(shown) of \(evidence.count) items that would be gone still stand on the "
        + "page: has it changed? Where sold-out rows stay listed, say so with an `empty` outcome"
    )
  }

  private func isDropped(_ item: Item) -> Bool { watch.isDropped(item, RenderContext(zone: spec.zone, now: now)) }
}

extension BranchResult {
  fileprivate mutating func doubt(_ verdict: Verdict, _ rule: String, _ detail: String) {
    (self.verdict, self.rule, self.detail) = (verdict, rule, detail)
    items = []
  }
}

/// Texts that tell the items of a branch apart, and would not stand on a page without them.
struct Evidence: Sendable {
  /// Of each item that has any.
  private var texts: [[[UInt8]]] = []

  var count: Int { texts.count }

  /// - Parameter fields: Those that the step's own rows give; what an earlier step gave says nothing of this page.
  init(_ items: [Item], _ fields: [String]) {
    let all = items.map { item in Set(fields.flatMap { Evidence.texts(of: item[$0] ?? .null) }) }
    var uses: [String: Int] = [:]
    for own in all { for text in own { uses[text, default: 0] += 1 } }
    texts = all.map { own in own.filter { uses[$0] == 1 }.map { Array($0.utf8) } }.filter { !$0.isEmpty }
  }

  func shown(in node: DocumentNode, _ body: [UInt8]) -> Int {
    let places = [body, Array(Evidence.onOneLine(node.text).utf8)]
    return texts.count { own in own.contains { text in places.contains { ByteText.contains(text, in: $0) } } }
  }

  private static func texts(of value: Value) -> [String] {
    switch value {
    case .text(let text), .url(let text):
      let line = onOneLine(text)
      return line.count >= 4 ? [line] : []
    // A year or a price in thousands is no evidence, an id or a Unix time is.
    case .integer(let number) where number > 99_999: return ["\(number)"]
    case .instant(let instant): return ["\(instant.seconds)"]
    default: return []
    }
  }

  private static func onOneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
