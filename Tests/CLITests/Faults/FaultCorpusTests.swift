import Glibc
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
    let faults = try FaultCorpus.read().faults.filter { $0.kind == .fault }
    let trials = try await FaultTrial.run(faults)
    let table = FaultTable(trials)
    print(table.text)
    let misses = table.misses.joined(separator: "\n")
    #expect(table.silent.isEmpty, "\(table.silent.map(\.miss).joined(separator: "\n"))")
    #expect(table.exactShare >= 0.99, "\(misses)")
    #expect(table.helpfulShare >= 0.90, "\(misses)")
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
