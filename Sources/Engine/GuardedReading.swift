import PluginHost

extension SiteSpec {
  /// What is quarantined when reading for it overruns: this spec until it is edited.
  var extractionOwner: String { "\(id)@\(version)" }
}

extension WatchRunner {
  /// Judges and reads an answer: on a thread of the pool within a budget, or here where there is no pool.
  func read(_ response: Response, with reader: AnswerReader, for spec: SiteSpec) async -> Answer {
    guard let extraction else { return reader.read(response) }
    do {
      return try await extraction.run(owner: spec.extractionOwner) { reader.read(response) }
    } catch {
      return Answer(Self.verdict(for: error), rule: reader.step.keyPath, detail: Self.words(for: error, spec))
    }
  }

  /// Having no thread left is our trouble, and says nothing about the page.
  private static func verdict(for error: any Error) -> Verdict {
    if case .exhausted? = error as? ExtractionFailure { return .failed }
    return .layoutBroken
  }

  /// What a step comes to without being asked, while its spec is quarantined: a page that can't be read is not fetched.
  func quarantined(_ step: Step, of spec: SiteSpec) -> Answer? {
    extraction?.quarantine(of: spec.extractionOwner).map {
      Answer(.layoutBroken, rule: step.keyPath, detail: Self.words(for: $0, spec))
    }
  }

  private static func words(for error: any Error, _ spec: SiteSpec) -> String {
    let cure = "\(spec.file) is not read again until it is edited, or SIGHUP asks for it"
    switch error as? ExtractionFailure {
    case .overran(let budget):
      return "reading took over \(budget.components.seconds) s (limit: extraction budget); \(cure)"
    case .quarantined(let budget):
      return "quarantined: an earlier reading took over \(budget.components.seconds) s; \(cure)"
    case .exhausted(let stuck):
      return "\(stuck) extraction threads are stuck in pages that never end (limit: stuck threads); restart SlotHunter"
    case nil: return "\(error)"
    }
  }
}
