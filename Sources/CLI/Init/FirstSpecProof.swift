import Diagnostics
import Engine
import Fetchers
import Language
import PluginHost
import SiteSpecs

/// Runs a first spec on the page it was made from, and takes out what does not hold.
struct FirstSpecProof {
  var page: Response

  /// As many things may turn out wrong: each round takes one guess back.
  private static let rounds = 30

  func prove(_ first: FirstSpec) async throws -> (text: String, items: Int) {
    var spec = first
    var why = ""
    for _ in 0..<FirstSpecProof.rounds {
      let text = spec.yaml
      let (read, problems) = SpecReader(catalog: Builtins.catalog).readSite(file: spec.id + ".yaml", text: text)
      guard let read else {
        why = problems.map { $0.rendered() }.joined(separator: "\n")
        break
      }
      let result = try await run(read)
      let branch = result.branches.max { $0.verdict < $1.verdict }
      let items = result.branches.reduce(0) { $0 + $1.items.count }
      if result.verdict == .items {
        // A key that is not one: what else each row has is added to it.
        let twins = result.branches.reduce(0) { $0 + $1.duplicates }
        if twins > 0, let more = spec.rows.fields.first(where: { $0.share == 1 && !spec.key.contains($0.name) }) {
          spec.key.append(more.name)
          continue
        }
        return (text, items)
      }
      why = "\(branch?.rule ?? ""): \(branch?.detail ?? result.verdict.rawValue)"
      guard takeBack(&spec, branch?.rule ?? "", branch?.detail ?? "") else { break }
    }
    throw CommandFailure(
      .internalError, "the spec that was made does not read its own page: \(why)", help: "please report it")
  }

  private func run(_ spec: SiteSpec) async throws -> RunResult {
    var answer = page
    answer.status = 200
    guard let step = spec.steps.first else { throw CommandFailure(.internalError, "a spec without a step") }
    let exchange = RecordedExchange(method: .get, url: step.request.url.source, response: answer)
    let sample = SampleCase(folder: spec.id, exchanges: [exchange], params: [:], now: SystemTime().now())
    return try await SampleReplay(sample, spec: spec).result
  }

  /// The guess that a run has shown to be wrong: a field's type, then the field.
  private func takeBack(_ spec: inout FirstSpec, _ rule: String, _ detail: String) -> Bool {
    let name = rule.split(separator: ".").last.map(String.init) ?? ""
    if let index = spec.rows.fields.firstIndex(where: { $0.name == name }) {
      if spec.rows.fields[index].type != nil {
        spec.rows.fields[index].type = nil
      } else {
        spec.rows.fields.remove(at: index)
        spec.key = FirstSpec.key(of: spec.rows.fields)
      }
      return !spec.rows.fields.isEmpty
    }
    guard detail.hasPrefix("key field"), spec.rows.fields.count > 1 else { return false }
    spec.rows.fields.removeAll { spec.key.contains($0.name) }
    spec.key = FirstSpec.key(of: spec.rows.fields)
    return true
  }
}
