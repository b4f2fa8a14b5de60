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
      let what = "\(trial.name) → \(trial.verdict) \(trial.details)"
      #expect(trial.whileBroken.people.isEmpty, "\(what): \(trial.whileBroken.people)")
      // A site that said for an hour that nothing is free, in its own way of saying it, has news when something is.
      let wasBelieved = trial.breakage.kind == .emptied && trial.verdict == .empty
      #expect(wasBelieved || trial.afterwards.people.isEmpty, "\(what): \(trial.afterwards.people)")
      let told = trial.whileBroken.maintainers
      #expect(told.count == (trial.verdict.isGood ? 0 : 1), "\(what): \(told)")
      #expect(trial.afterwards.maintainers.count == told.count, "\(what): \(trial.afterwards.maintainers)")
    }
  }

  @Test(arguments: [
    ("bazaar/7-offers", "stall"), ("doctuo/two-windows", "services"), ("doctuo/with-slots", "services"),
  ])
  func `a list that is empty in one reading and whole in the next is no news to anybody`(name: String, step: String)
    async throws
  {
    let subject = try #require(try Subject.all().first { $0.name == name })
    let breakage = try #require(
      Breakage.all(for: subject.spec, subject.answers(of: step)).first { $0.kind == .emptied })
    let trial = try await Trial.run(
      subject, step, breakage, on: [.added, .removed, .updated],
      Trial.Course(brokenFor: [.seconds(60)]))
    #expect(trial.verdict == .empty || trial.verdict == .unchanged, "\(trial.details)")
    #expect(trial.whileBroken.people.isEmpty && trial.afterwards.people.isEmpty, "\(trial)")
    #expect(trial.whileBroken.maintainers.isEmpty && trial.afterwards.maintainers.isEmpty, "\(trial)")
  }

  @Test func `of two watches of a site that is looked at for drift, too, each break is told the maintainers once`()
    async throws
  {
    let trials = try await ConfusionTests.all(.ofService, of: ConfusionTests.ofService)
    #expect(trials.count > 40)
    for trial in trials {
      let what = "\(trial.name) → \(trial.verdict) \(trial.details)"
      #expect(trial.beforehand.maintainers.isEmpty, "\(what): \(trial.beforehand.maintainers)")
      #expect(trial.whileBroken.people.isEmpty, "\(what): \(trial.whileBroken.people)")
      let breaks = trial.whileBroken.breaks
      #expect(breaks.count == (trial.verdict.isGood ? 0 : 1), "\(what): \(breaks)")
      #expect(trial.afterwards.breaks.count == breaks.count, "\(what): \(trial.afterwards.breaks)")
      // What reads well and is another page is drift, of which each thing is told once; what is broken is no drift.
      let drift = trial.whileBroken.drift
      #expect(trial.verdict.isGood || drift.isEmpty, "\(what): \(drift)")
      #expect(drift.count <= 1, "\(what): \(drift)")
      #expect(trial.afterwards.drift.count <= drift.count, "\(what): \(trial.afterwards.drift)")
    }
    #expect(trials.contains { !$0.whileBroken.drift.isEmpty })
  }

  /// A page of markup and one of JSON: there are many more runs in such a trial.
  private static func ofService() throws -> [Subject] {
    try Subject.all().filter { ["bazaar/7-offers", "doctuo/two-windows"].contains($0.name) }
  }

  private static func all(
    _ course: Trial.Course = Trial.Course(), of subjects: () throws -> [Subject] = Subject.all
  ) async throws -> [Trial] {
    var plans: [(Subject, String, Breakage)] = []
    for subject in try subjects() {
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
        // Whoever asked for it hears that a list which the site says is empty has emptied: that is what it says.
        let on: Set<Change.Kind>? = breakage.kind == .emptied ? nil : [.added, .removed, .updated]
        group.addTask { try await Trial.run(subject, step, breakage, on: on, course) }
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
