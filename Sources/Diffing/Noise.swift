import Language
import PluginHost

/// Tells a page whose keys change with every answer (a nonce, a time, an advertisement in the key) from one with news.
///
/// A reading in which nothing that was open is left, and all is new, is believed until it has happened
/// ``Noise/limit`` times within ``Noise/window``. From then on no reading is believed until for ``Noise/calm`` each had
/// the keys of the one before, or one that was open when the noise began. So a page that never calms down gives fewer
/// than ``Noise/limit`` alerts, and then none.
public enum Noise {
  /// Fewer open items than this may be exchanged as often as they like: a calendar with one free slot often is.
  public static let least = 4
  /// Exchanges within ``window`` that are too many.
  public static let limit = 6
  public static let window: Duration = .seconds(3600)
  /// A sixth of the window.
  public static let calm: Duration = .seconds(600)

  /// - Parameters:
  ///   - open: Keys that the reading before had.
  ///   - keys: Keys of this reading.
  ///   - hash: Of `keys`, in any stable order.
  /// - Returns: What to remember, and whether the reading is to be believed.
  public static func judge(
    _ before: BranchNoise?, open: Set<String>, keys: Set<String>, hash: String, now: Instant
  ) -> (after: BranchNoise?, isBelieved: Bool) {
    var noise = before ?? BranchNoise(count: 0, since: now, keys: hash, keysSince: now)
    let isSteady = noise.keys == hash || !open.isDisjoint(with: keys)
    if !isSteady || noise.keysSince > now { noise.keysSince = now }
    noise.keys = hash
    if noise.count >= limit {
      return now - noise.keysSince >= calm ? (nil, true) : (noise, false)
    }
    if noise.since > now || now - noise.since > window { (noise.count, noise.since) = (0, now) }
    if open.count >= least, keys.count >= least, open.isDisjoint(with: keys) { noise.count += 1 }
    return (noise.count == 0 ? nil : noise, noise.count < limit)
  }
}
