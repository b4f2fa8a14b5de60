import Notifying

/// How often the service looks after itself; the defaults are what it runs with.
public struct ServiceTuning: Sendable {
  public var worker = WorkerTuning()
  /// Between two looks at the store and at the wall clock.
  public var storeLooks = StoreKeeper.interval
  /// Between two looks at channels and recipients that are in trouble, where nothing was heard of any.
  public var troubleLooks = MaintainerDesk.interval
  /// Between two removals of history that is over.
  public var prunings: Duration = .seconds(3600)
  /// The threads that read pages; nil reads them on the threads that all tasks share, as simulations and tests with a
  /// clock of their own must.
  public var extraction: ExtractionPool.Settings?

  public init() {}
}
