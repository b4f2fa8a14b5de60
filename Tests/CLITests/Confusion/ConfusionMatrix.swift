import PluginHost

/// Breakages by what they were taken for, as a table of counts.
struct ConfusionMatrix {
  private let trials: [Trial]

  init(_ trials: [Trial]) { self.trials = trials }

  var text: String {
    let verdicts = Verdict.allCases.filter { verdict in trials.contains { $0.verdict == verdict } }
    let heads = ["broken how"] + verdicts.map(\.rawValue) + ["people heard", "when healed", "maintainers heard"]
    let rows = Breakage.Kind.allCases.map { kind in
      let own = trials.filter { $0.breakage.kind == kind }
      return [kind.rawValue] + verdicts.map { verdict in count(own) { $0.verdict == verdict } } + [
        "\(own.reduce(0) { $0 + $1.whileBroken.people.count })", "\(own.reduce(0) { $0 + $1.afterwards.people.count })",
        "\(own.reduce(0) { $0 + $1.whileBroken.maintainers.count })",
      ]
    }
    let table = [heads] + rows
    let widths = heads.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return "\(trials.count) broken pages\n"
      + table.map { row in
        zip(row, widths).enumerated().map { index, cell in
          let pad = String(repeating: " ", count: cell.1 - cell.0.count)
          return index == 0 ? cell.0 + pad : pad + cell.0
        }.joined(separator: "  ")
      }.joined(separator: "\n")
  }

  private func count(_ trials: [Trial], _ isCounted: (Trial) -> Bool) -> String {
    let count = trials.count { isCounted($0) }
    return count == 0 ? "·" : "\(count)"
  }
}
