import PluginHost

/// Figures of a worker; the defaults are what the service runs with.
public struct WorkerTuning: Sendable, Hashable {
  /// Sends in flight at once.
  public var concurrency: Int
  /// How long a delivery is held at least; always two sends' timeouts and more.
  public var lease: Duration
  /// Deliveries that wait here for their recipient's rate, at most.
  public var holding: Int
  /// The outbox is looked at this often even when nobody wakes the worker.
  public var poll: Duration
  /// Beyond a request's own timeout: a send that has not come back by then is given up.
  public var grace: Duration
  /// What was handed out so long ago is asked about again before it is sent.
  public var recheck: Duration

  public init(
    concurrency: Int = 8, lease: Duration = .seconds(60), holding: Int = 256, poll: Duration = .seconds(30),
    grace: Duration = .seconds(2), recheck: Duration = .seconds(5)
  ) {
    self.concurrency = concurrency
    self.lease = lease
    self.holding = holding
    self.poll = poll
    self.grace = grace
    self.recheck = recheck
  }
}
