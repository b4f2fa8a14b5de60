import Language
import PluginHost

/// Asks the same selectors of a page read with a tree and without, and says where the answers differ.
public struct PageComparison {
  private struct Probe {
    var selector: any CompiledSelector
    var fields: [any CompiledSelector]
  }

  private let reader: any DocumentReader
  private let probes: [Probe]
  /// Selectors, those of rows too; and how many of them need no tree.
  public private(set) var selectors = 0
  public private(set) var streamed = 0
  /// Those that need one, with the reason.
  public private(set) var unfit: [String] = []

  /// - Parameter extractors: By their kind.
  public init(
    reader: any DocumentReader, extractors: [String: any Extractor], probes: [PageProbe] = PageProbe.all
  ) throws {
    self.reader = reader
    var compiled: [Probe] = []
    for probe in probes {
      guard let extractor = extractors[probe.kind] else { continue }
      let fields = try probe.fields.map { try extractor.compile($0) }
      compiled.append(Probe(selector: try extractor.compile(probe.selector), fields: fields))
    }
    self.probes = compiled
    let all = compiled.flatMap { [$0.selector] + $0.fields }
    selectors = all.count
    unfit = all.compactMap { selector in selector.needsTree.map { "\(selector.source): \($0)" } }
    streamed = all.count - unfit.count
  }

  /// nil where the answers are the same.
  public func difference(on page: [UInt8], contentType: String? = nil) -> String? {
    let tree = Result { () throws(ExtractError) in try reader.read(page, contentType: contentType) }
    let bare = Result { () throws(ExtractError) in try reader.readWithoutTree(page, contentType: contentType) }
    switch (tree, bare) {
    case (.failure(let a), .failure(let b)): return a == b ? nil : "the error is '\(b.message)', not '\(a.message)'"
    case (.success(let a), .success(let b)):
      for probe in probes {
        if let difference = difference(probe, a, b) { return difference }
      }
      return nil
    case (.failure(let error), .success): return "the tree is refused: \(error.message)"
    case (.success, .failure(let error)): return "only the tree is read: \(error.message)"
    }
  }

  private func difference(_ probe: Probe, _ tree: DocumentNode, _ bare: DocumentNode) -> String? {
    let (found, other) = (select(probe.selector, tree), select(probe.selector, bare))
    let source = probe.selector.source
    if shown(found) != shown(other) { return "\(source): \(shown(other)) instead of \(shown(found))" }
    guard case .success(let rows) = found, case .success(let others) = other else { return nil }
    for (row, other) in zip(rows, others) {
      for field in probe.fields {
        let (a, b) = (shown(select(field, row)), shown(select(field, other)))
        if a != b { return "\(source) / \(field.source): \(b) instead of \(a)" }
        let (first, quick) = (
          Result { try field.firstOfSelected(from: row) }, Result { try field.firstValue(from: other) }
        )
        if (try? first.get()) != (try? quick.get()) {
          return "\(source) / first \(field.source): \(quick), not \(first)"
        }
        let direct = Result { try field.firstValue(from: row) }
        if (try? first.get()) != (try? direct.get()) {
          return "\(source) / first \(field.source) on the tree: \(direct), not \(first)"
        }
      }
    }
    return nil
  }

  private func select(_ selector: any CompiledSelector, _ node: DocumentNode) -> Result<[DocumentNode], ExtractError> {
    Result { () throws(ExtractError) in try selector.select(from: node) }
  }

  private func shown(_ result: Result<[DocumentNode], ExtractError>) -> [String] {
    switch result {
    case .failure(let error): ["! " + error.message]
    case .success(let nodes): nodes.map { $0.text }
    }
  }
}
