import PluginHost
import Storage

/// Every watch with its subscriptions, for commands that look and run nothing.
public enum WatchDirectory {
  /// Equal watches are one, with the subscriptions of both; those whose site can't be read are left out.
  public static func watches(_ configuration: Configuration?, stored: [WatchRecord]) -> [Watch] {
    guard let configuration else { return [] }
    return WatchList(configuration: configuration, stored: stored.filter { $0.origin == .command }).watches
  }

  /// Those with `stop: true`, by watch: nothing is made for them, so ``watches(_:stored:)`` does not have them.
  public static func stopped(_ configuration: Configuration?) -> [String: [Subscription]] {
    var found: [String: [Subscription]] = [:]
    for rule in configuration?.watches ?? [] {
      let stopped = rule.notify.filter(\.stop)
      guard !stopped.isEmpty, let spec = configuration?.sites.first(where: { $0.id == rule.site }) else { continue }
      found[Watch(spec: spec, params: rule.params, every: rule.every, subscriptions: []).id, default: []] += stopped
    }
    return found
  }
}
