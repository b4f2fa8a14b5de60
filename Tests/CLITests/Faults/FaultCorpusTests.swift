import Diagnostics
import TestSupport
import Testing

/// The seeded faults through the real command: located, explained, none let through; and nothing said of valid files.
struct FaultCorpusTests {
  @Test func `the corpus is large, and every edit and place in it fits exactly once`() throws {
    let corpus = try FaultCorpus.read()
    #expect(corpus.faults.count { $0.kind == .fault } >= 240)
    for kind in Fault.FileKind.allCases {
      #expect(corpus.faults.count { $0.kind == .fault && $0.fileKind == kind } >= 60, "\(kind)")
    }
    var mistakes: [String] = []
    for fault in corpus.faults { do { _ = try fault.broken() } catch { mistakes.append("\(error)") } }
    #expect(mistakes.isEmpty, "\(mistakes.joined(separator: "\n"))")
  }

  @Test func `single faults are told on their line with the right suggestion, and none is accepted`() async throws {
    let trials = try await FaultTrial.run(FaultCorpus.read().faults.filter { $0.kind == .fault })
    let table = FaultTable(trials)
    print(table.text)
    let silent = table.silent.map(\.miss)
    #expect(silent == [])
    let (exact, helpful) = (table.exactShare, table.helpfulShare)
    let misses = table.misses
    #expect(exact >= 0.99, "\(misses.joined(separator: "\n"))")
    #expect(helpful >= 0.90, "\(misses.joined(separator: "\n"))")
    // One slip of the pen is told once: what follows from it and is told too stays rare.
    let extras = trials.filter { !$0.extras.isEmpty }.map(\.miss)
    #expect(extras.count * 100 <= trials.count * 3, "\(extras.joined(separator: "\n"))")
  }

  @Test func `what is legal and unwise is told by its code, as a warning that refuses nothing`() async throws {
    let faults = try FaultCorpus.read().faults.filter { $0.kind == .unwise }
    #expect(faults.count >= 30)
    let trials = try await FaultTrial.run(faults)
    print(FaultTable(trials).text)
    let misses = trials.filter { !$0.isExact || !$0.isHelpful }.map(\.miss)
    #expect(misses == [])
    let refused = trials.filter { $0.found.contains { $0.severity == "error" } }.map(\.miss)
    #expect(refused == [])
  }

  @Test func `nothing is said of valid files`() async throws {
    let faults = try FaultCorpus.read().faults.filter { $0.kind == .fine }
    #expect(faults.count >= 40)
    let told = try await FaultTrial.run(faults).filter { !$0.found.isEmpty }.map(\.miss)
    #expect(told == [])
  }

  @Test func `every code is a code, and every fault is told by one`() async throws {
    let trials = try await FaultTrial.run(FaultCorpus.read().faults.filter { $0.kind != .fine })
    let codes = Set(trials.flatMap(\.found).map(\.code))
    #expect(!codes.contains(""))
    #expect(codes.allSatisfy { DiagnosticCode(rawValue: $0) != nil })
    // The corpus reaches nearly all there are: the rest needs a huge file, a missing disk or a recording.
    let missing = DiagnosticCode.allCases.filter { !codes.contains($0.rawValue) }.map(\.rawValue)
    #expect(missing.count <= 16, "\(missing)")
  }
}

/// Counts by topic.
struct FaultTable {
  var trials: [FaultTrial]

  init(_ trials: [FaultTrial]) { self.trials = trials }

  var silent: [FaultTrial] { trials.filter(\.isSilent) }
  var exactShare: Double { share(\.isExact) }
  var helpfulShare: Double { share(\.isHelpful) }
  var misses: [String] { trials.filter { !$0.isExact || !$0.isHelpful }.map(\.miss) }

  private func share(_ isGood: (FaultTrial) -> Bool) -> Double {
    Double(trials.count(where: isGood)) / Double(trials.count)
  }

  var text: String {
    var lines = ["topic            faults   exact line   right suggestion   silent   told elsewhere too"]
    for topic in FaultCorpus.topics + ["all"] {
      let part = trials.filter { topic == "all" || $0.fault.topic == topic }
      if part.isEmpty { continue }
      lines.append(
        column(topic, 17) + column("\(part.count)", 9) + column(percent(part.count(where: \.isExact), part.count), 13)
          + column(percent(part.count(where: \.isHelpful), part.count), 19)
          + column("\(part.count(where: \.isSilent))", 9)
          + "\(part.count { !$0.extras.isEmpty })")
    }
    return lines.joined(separator: "\n")
  }

  private func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private func percent(_ count: Int, _ all: Int) -> String {
    let tenths = count * 1000 / max(all, 1)
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
