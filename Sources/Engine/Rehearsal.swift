import Language
import PluginHost
import Storage

/// What a run that has been made would store and tell, against what is stored: nothing is stored or told.
public struct Rehearsal: Sendable {
  private var store: Store
  private var catalog: PluginCatalog

  public init(store: Store, catalog: PluginCatalog) {
    self.store = store
    self.catalog = catalog
  }

  /// Whether anything was ever stored of the watch.
  public func isKnown(_ watch: Watch) async throws -> Bool { try await store.lastRun(of: watch.id) != nil }

  public func commit(_ result: RunResult, of watch: Watch, outlets: Outlets, now: Instant) async throws -> RunCommit {
    let state = try await store.history(of: watch.id)
    // A reading that the service would not believe is no news here either.
    var result = result
    await ReadingReview(
      catalog: catalog, extraction: nil, store: store, keeper: BodyKeeper(), watch: watch, now: now
    ).review(&result, state)
    return RunPlanner(
      watch: watch, state: state, result: result, now: now, outlets: outlets, random: .system, interval: watch.every
    ).commit()
  }
}
