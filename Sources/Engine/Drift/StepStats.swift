import Language

/// What samples of one step have said so far, in one version of its spec. Rolling: what is long ago counts less.
struct StepStats: Sendable, Hashable {
  /// Something that was nearly always there, and is not any more.
  struct Presence: Sendable, Hashable {
    var seen = 0
    var there = 0
    /// Of late, without one that was there.
    var lacking = 0
    var lackingWatches: [String] = []
    var isTold = false

    var rate: Double { seen == 0 ? 0 : Double(there) / Double(seen) }
  }

  /// From this share on a thing counts as always there.
  static let always = 0.95
  /// Rows after which a field's share is known, and rows without it that are no chance.
  static let field = (known: 20, lacking: 5)
  /// The same for an anchor, which a sample has once.
  static let anchor = (known: 10, lacking: 3)
  /// Samples without a new layout after which another one is news, and samples that confirm it.
  static let layout = (known: 10, confirmed: 3)
  /// Samples in a row of one watch that make it the only one.
  static let alone = 50
  /// Layouts that a step may have side by side.
  static let layouts = 8
  /// Counts are halved here, so that a year's worth does not outweigh a week's.
  static let longest = 2000

  var samples = 0
  /// Rows of the last samples, rolling.
  var rowsPerSample = 0.0
  var fields: [String: Presence] = [:]
  var anchors: [String: Presence] = [:]
  var prints: [String] = []
  /// Samples since a layout was learnt.
  var steady = 0
  var newPrint: String?
  var newPrintCount = 0
  var newPrintWatches: [String] = []
  /// Whether something was lost with it, and told: then it is no news of its own.
  var newPrintIsTold = false
  /// Watches that gave samples, the newest few, in the order of their last ones.
  var watches: [String] = []
  /// Samples in a row of one watch, since the start.
  private var inARow = 0

  /// Takes a sample in.
  ///
  /// - Returns: What maintainers are to be told.
  mutating func add(_ sample: StepSample, of watch: String) -> [DriftNews] {
    samples += 1
    rowsPerSample += (Double(sample.rows) - rowsPerSample) / Double(min(samples, 20))
    note(watch)
    var news: [DriftNews] = []
    if sample.rows > 0 {
      for (name, filled) in sample.filled.sorted(by: { $0.key < $1.key }) {
        news += note(&fields[name, default: Presence()], sample.rows, filled, watch, StepStats.field).map {
          $0 ? .fieldBack(name) : .fieldLost(name, rows: fields[name]?.lacking ?? 0)
        }
      }
    }
    for (anchor, isThere) in sample.anchors.sorted(by: { $0.key < $1.key }) {
      news += note(&anchors[anchor, default: Presence()], 1, isThere ? 1 : 0, watch, StepStats.anchor).map {
        $0 ? .anchorBack(anchor) : .anchorLost(anchor)
      }
    }
    return news + (sample.print.map { note($0, watch, besides: news.contains(where: \.isLoss)) } ?? [])
  }

  /// Others are forgotten after so many samples without one of theirs: one that was taken out, or shows no rows for weeks,
  /// can't confirm anything.
  private mutating func note(_ watch: String) {
    inARow = watches.last == watch ? inARow + 1 : 1
    let others = inARow >= StepStats.alone ? [] : watches.filter { $0 != watch }
    watches = Array((others + [watch]).suffix(8))
  }

  /// Whether what was always there is lacking, and not told yet: it may only be late.
  private var awaitsLoss: Bool {
    fields.values.contains { $0.lacking > 0 && !$0.isTold } || anchors.values.contains { $0.lacking > 0 && !$0.isTold }
  }

  /// - Returns: True for what is there again, false for what is lost, nothing else.
  private func note(
    _ presence: inout Presence, _ seen: Int, _ there: Int, _ watch: String, _ least: (known: Int, lacking: Int)
  ) -> [Bool] {
    if there == 0, presence.seen >= least.known, presence.rate >= StepStats.always {
      presence.lacking += seen
      if !presence.lackingWatches.contains(watch) { presence.lackingWatches.append(watch) }
      // One watch among many may lack it for its own reasons.
      guard !presence.isTold, presence.lacking >= least.lacking, presence.lackingWatches.count >= min(2, watches.count)
      else { return [] }
      presence.isTold = true
      return [false]
    }
    (presence.lacking, presence.lackingWatches) = (0, [])
    presence.seen += seen
    presence.there += there
    if presence.seen > StepStats.longest { (presence.seen, presence.there) = (presence.seen / 2, presence.there / 2) }
    guard presence.isTold, there > 0 else { return [] }
    presence.isTold = false
    return [true]
  }

  /// - Parameter loss: Whether the same sample tells of something that is lost.
  private mutating func note(_ print: String, _ watch: String, besides loss: Bool) -> [DriftNews] {
    if prints.contains(print) {
      steady += 1
      (newPrint, newPrintCount, newPrintWatches, newPrintIsTold) = (nil, 0, [], false)
      return []
    }
    guard steady >= StepStats.layout.known, let last = prints.last else {
      learn(print)
      return []
    }
    if newPrint != print { (newPrint, newPrintCount, newPrintWatches, newPrintIsTold) = (print, 0, [], false) }
    if loss { newPrintIsTold = true }
    newPrintCount += 1
    if !newPrintWatches.contains(watch) { newPrintWatches.append(watch) }
    guard newPrintCount >= StepStats.layout.confirmed, newPrintWatches.count >= min(2, watches.count) else { return [] }
    // One change of a site is told once: what it took tells more than what is around it.
    if awaitsLoss { return [] }
    let isTold = newPrintIsTold
    learn(print)
    return isTold ? [] : [.layoutChanged(from: last, to: print)]
  }

  private mutating func learn(_ print: String) {
    prints = Array((prints + [print]).suffix(StepStats.layouts))
    (steady, newPrint, newPrintCount, newPrintWatches, newPrintIsTold) = (0, nil, 0, [], false)
  }
}

/// What maintainers hear of a site that still reads well.
enum DriftNews: Sendable, Hashable {
  case fieldLost(String, rows: Int)
  case fieldBack(String)
  case anchorLost(String)
  case anchorBack(String)
  case layoutChanged(from: String, to: String)

  /// Something that was always there is not, or not where it was.
  var isLoss: Bool {
    switch self {
    case .fieldLost, .anchorLost, .layoutChanged: true
    case .fieldBack, .anchorBack: false
    }
  }
}
