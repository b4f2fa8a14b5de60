import PluginHost

/// Told from inside the scheduler's loop that it goes round: a loop that is stuck tells nothing, whatever else lives.
public struct Heartbeat: Sendable {
  /// The loop goes round at least so often, also where nothing is due.
  public var interval: Duration
  /// Must return at once.
  public var beat: @Sendable () -> Void

  public init(every interval: Duration, _ beat: @escaping @Sendable () -> Void) {
    self.interval = interval
    self.beat = beat
  }
}

/// When the next beat is due.
struct Pulse {
  private let heartbeat: Heartbeat?
  private var next: Duration = .zero

  init(_ heartbeat: Heartbeat?) { self.heartbeat = heartbeat }

  mutating func beat(at uptime: Duration) {
    guard let heartbeat, uptime >= next else { return }
    next = uptime + heartbeat.interval
    heartbeat.beat()
  }

  /// How long the loop may sleep that would sleep for `wait`.
  func shortened(_ wait: Duration, at uptime: Duration) -> Duration {
    heartbeat == nil ? wait : min(wait, max(.zero, next - uptime))
  }
}
