import PluginHost

/// The rates of each recipient: of all, and of groups beside.
struct RecipientRates: Sendable {
  /// Remembering everyone ever written to would grow for ever.
  private static let most = 4096

  private let each: RateLimit?
  private let group: RateLimit?
  private let isGroup: @Sendable (String) -> Bool
  private var windows: [String: [RateWindow]] = [:]

  init(each: RateLimit?, group: RateLimit?, isGroup: @escaping @Sendable (String) -> Bool) {
    self.each = each
    self.group = group
    self.isGroup = isGroup
  }

  func wait(for recipient: String, at now: Duration) -> Duration {
    windows[recipient]?.map { $0.wait(at: now) }.max() ?? .zero
  }

  mutating func take(_ recipient: String, at now: Duration) {
    guard each != nil || group != nil else { return }
    var own = windows[recipient] ?? limits(of: recipient).map(RateWindow.init)
    for index in own.indices { own[index].take(at: now) }
    windows[recipient] = own
    if windows.count > RecipientRates.most { windows = windows.filter { !$0.value.allSatisfy { $0.isIdle(at: now) } } }
  }

  private func limits(of recipient: String) -> [RateLimit] {
    [each, group.flatMap { isGroup(recipient) ? $0 : nil }].compactMap(\.self)
  }
}
