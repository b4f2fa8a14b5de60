/// Offsets with the seconds from which each holds, and the rule for what comes after the last.
struct OffsetTable: Sendable {
  /// Unix seconds, ascending.
  var starts: [Int64]
  /// In force from the start of the same index.
  var offsets: [Int32]
  /// Before the first start.
  var initial: Int32
  /// From the last start on; nil keeps the last offset.
  var rule: PosixZoneRule?

  init(fixed seconds: Int) {
    self.init(starts: [], offsets: [], initial: Int32(clamping: seconds), rule: nil)
  }

  init(starts: [Int64], offsets: [Int32], initial: Int32, rule: PosixZoneRule?) {
    self.starts = starts
    self.offsets = offsets
    self.initial = initial
    self.rule = rule
  }

  func offset(at seconds: Int64) -> Int {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    if low == starts.count, let rule { return rule.offset(at: seconds) }
    return Int(low == 0 ? initial : offsets[low - 1])
  }
}
