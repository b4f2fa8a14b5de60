import Language
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
