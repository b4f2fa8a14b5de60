import PluginHost

/// Whether so much of a branch is missing that one reading is not believed.
///
/// Half a page, a soft 404 and a list that a site fills later all look like a calendar that emptied itself. Real ones
/// do that too, so such a reading is asked for once more instead of being refused.
struct Drop {
  /// Fewer items than this may go at once without a second look: a calendar of three that sells out is an everyday
  /// thing, and one wrong reading of it costs three lines. Found by judgement.
  static let least = 4

  /// Items that the branch held and that could still be there.
  var held = 0
  /// Those of them that the reading lacks.
  var missing = 0

  /// - Parameters:
  ///   - isPresent: Whether the reading has the item of the record at this index.
  ///   - over: Keys of items that `drop` would leave out now: their going needs no second look.
  init(before: [ItemRecord], isPresent: (Int) -> Bool, over: Set<String>) {
    for (index, record) in before.enumerated() where record.state == .open || record.state == .leaving {
      if over.contains(record.item.key) { continue }
      held += 1
      if !isPresent(index) { missing += 1 }
    }
  }

  /// More than half, and at least ``least``.
  var isDoubtful: Bool { missing >= Drop.least && missing * 2 > held }
}
