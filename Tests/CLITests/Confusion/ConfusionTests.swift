import Language
import PluginHost
import TestSupport
import Testing

/// Acceptance 5 of the maintainer's bench: what a broken page is taken for, and who hears of it.
struct ConfusionTests {
  @Test func `no broken page makes a user hear anything, and each reaches the maintainers once`() async throws {
    let trials = try await ConfusionTests.all()
    #expect(trials.count > 300)
    print(ConfusionMatrix(trials).text)
    for trial in trials {
      #expect(trial.whileBroken.people.isEmpty, "\(trial.name) → \(trial.verdict): \(trial.whileBroken.people)")
      #expect(trial.afterwards.people.isEmpty, "\(trial.name) → \(trial.verdict): \(trial.afterwards.people)")
      let told = trial.whileBroken.maintainers
      #expect(
        told.count == (trial.verdict.isGood ? 0 : 1),
        "\(trial.name) → \(trial.verdict) \(trial.details): \(told)")
      #expect(trial.afterwards.maintainers.count == told.count, "\(trial.name): \(trial.afterwards.maintainers)")
    }
  }

  private static func all() async throws -> [Trial] {
    var plans: [(Subject, String, Breakage)] = []
    for subject in try Subject.all() {
      for step in subject.steps {
        for breakage in Breakage.all(for: subject.spec, subject.answers(of: step)) {
          plans.append((subject, step, breakage))
        }
      }
    }
    return try await withThrowingTaskGroup(of: Trial.self) { group in
      var (trials, next) = ([Trial](), 0)
      func begin() {
        guard next < plans.count else { return }
        let (subject, step, breakage) = plans[next]
        next += 1
        group.addTask { try await Trial.run(subject, step, breakage) }
      }
      for _ in 0..<4 { begin() }
      while let trial = try await group.next() {
        trials.append(trial)
        begin()
      }
      return trials.sorted { $0.name < $1.name }
    }
  }
}
