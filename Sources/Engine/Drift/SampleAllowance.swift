/// How often something that costs a millisecond may be done for a site, however many runs it has.
///
/// ``burst`` at once, then one each ``pace``: a site of two thousand watches costs what one of ten does.
struct SampleAllowance: Sendable {
  static let burst = 8
  static let pace = Duration.seconds(2)

  private var spent: [String: (count: Int, since: Duration)] = [:]

  /// - Parameter now: Uptime.
  mutating func take(_ site: String, now: Duration) -> Bool {
    var (count, since) = spent[site] ?? (0, now)
    let earned = Int((now - since) / SampleAllowance.pace)
    if earned > 0 {
      count = max(0, count - earned)
      since = count == 0 ? now : since + SampleAllowance.pace * earned
    }
    guard count < SampleAllowance.burst else {
      spent[site] = (count, since)
      return false
    }
    spent[site] = (count + 1, count == 0 ? now : since)
    return true
  }
}
