import PluginHost
import Storage

/// Every watch with its subscriptions, for commands that look and run nothing.
public enum WatchDirectory {
  /// Equal watches are one, with the subscriptions of both; those whose site can't be read are left out.
  public static func watches(_ configuration: Configuration?, stored: [WatchRecord]) -> [Watch] {
    guard let configuration else { return [] }
    return WatchList(configuration: configuration, stored: stored.filter { $0.origin == .command }).watches
  }
}
