import PluginHost

/// Reads kept answers once more, off a run's own path: on the threads where pages are read, within their budget.
struct PageReading: Sendable {
  var catalog: PluginCatalog
  /// nil reads here.
  var extraction: ExtractionPool?

  /// - Parameter look: Gets no page where the answer is none that the step can read.
  /// - Returns: nil also where reading took too long, or no thread is left.
  func look<Found: Sendable>(
    at response: Response, _ step: Step, of spec: SiteSpec, _ look: @escaping @Sendable (StepPage?) -> Found?
  ) async -> Found? {
    let catalog = catalog
    let read: @Sendable () -> Found? = { look(try? StepPage(response, step, catalog)) }
    guard let extraction else { return read() }
    return (try? await extraction.run(owner: spec.extractionOwner, read)).flatMap(\.self)
  }
}
