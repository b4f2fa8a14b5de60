/// How often something that costs milliseconds may be done for a site, however many runs it has.
///
/// ``burst`` at once, then one each ``pace``: a site of two thousand watches costs what one of ten does.
struct SampleAllowance: Sendable {
  let burst: Int
  let pace: Duration

  /// Deflating a page's body.
  static let kept = SampleAllowance(burst: 4, pace: .seconds(2))
  /// The same of a break, and what maintainers are shown of it: two pages read once more.
  static let broken = SampleAllowance(burst: 8, pace: .seconds(2))
  /// Reading a page into a tree.
  static let looked = SampleAllowance(burst: 2, pace: .seconds(10))

  private var spent: [String: (count: Int, since: Duration)] = [:]

  init(burst: Int, pace: Duration) {
    self.burst = burst
    self.pace = pace
  }

  /// - Parameter now: Uptime.
  mutating func take(_ site: String, now: Duration) -> Bool {
    var (count, since) = spent[site] ?? (0, now)
    let earned = Int((now - since) / pace)
    if earned > 0 {
      count = max(0, count - earned)
      since = count == 0 ? now : since + pace * earned
    }
    guard count < burst else {
      spent[site] = (count, since)
      return false
    }
    spent[site] = (count + 1, count == 0 ? now : since)
    return true
  }
}
