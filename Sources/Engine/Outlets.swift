import Language
import Matching
import PluginHost

/// Where messages can go at the moment: the enabled channels, and the maintainers' targets on them.
public struct Outlets: Sendable {
  /// Names of enabled channels.
  public var channels: Set<String>
  public var maintainers: [MaintainerTarget]

  public init(channels: Set<String>, maintainers: [MaintainerTarget]) {
    self.channels = channels
    self.maintainers = maintainers
  }

  public init(_ configuration: Configuration) {
    channels = Set(configuration.channels.filter(\.enabled).map(\.name))
    maintainers = configuration.maintainers.filter { [channels] in channels.contains($0.channel) }
  }
}

extension Subscription {
  /// Who it is for: subscriptions of one recipient on one channel are told together.
  var key: String { channel + "|" + (to ?? "") }
}

extension Subscribers {
  /// ``Subscription/key`` of a subscription.
  func key(of subscription: Int32) -> String { channel(of: subscription) + "|" + (recipient(of: subscription) ?? "") }

  /// Until when each recipient is snoozed: the first of their subscriptions to come back decides.
  var snoozes: [(subscription: String, until: Instant)] {
    var ends: [Int32: Instant?] = [:]
    for number in 0..<Int32(count) {
      let (lead, end) = (lead(of: number), manner(of: number).snooze)
      if let known = ends[lead] {
        ends[lead] = .some(known.flatMap { known in end.map { min(known, $0) } })
      } else {
        ends[lead] = .some(end)
      }
    }
    return ends.sorted { $0.key < $1.key }.compactMap { lead, end in end.map { (key(of: lead), $0) } }
  }
}

extension RandomSource {
  /// A stable id for a delivery: 26 letters and digits of 128 random bits.
  func deliveryID() -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    var text = "d_"
    for _ in 0..<2 {
      var bits = self.bits()
      for _ in 0..<13 {
        text.append(alphabet[Int(bits & 31)])
        bits >>= 5
      }
    }
    return text
  }
}
