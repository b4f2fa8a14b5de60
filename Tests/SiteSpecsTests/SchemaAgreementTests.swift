import Diagnostics
import Glibc
import Language
import TestSupport
import Testing

@testable import SiteSpecs

/// The schemas over the fault corpus: what they can judge they refuse as the parser does, and they refuse nothing else.
struct SchemaAgreementTests {
  /// Faults that the schema can't see, with the reason: `Tests/Faults/beyond.schema`.
  private static func beyond() throws -> [String: String] {
    var reasons: [String: String] = [:]
    var reason = ""
    for line in try text(of: FaultCorpus.folder + "/beyond.schema").split(separator: "\n") where !line.hasPrefix("#") {
      if !line.hasPrefix("  ") { reason = String(line) }
      for id in line.split(separator: " ") where line.hasPrefix("  ") { reasons[String(id)] = reason }
    }
    return reasons
  }

  private static func kind(_ fault: Fault) -> SpecKind {
    switch fault.fileKind {
    case .site: .site
    case .notifier: .notifier
    case .configuration: .configuration
    }
  }

  private static func value(_ file: BrokenFile) -> JSON? {
    let reading = PlainYAML.read(file: file.path, bytes: file.bytes)
    return reading.diagnostics.isEmpty ? reading.value : nil
  }

  private static func problems(_ file: BrokenFile) throws -> [JSONSchema.Problem]? {
    // What is no YAML has no value that a schema could judge: an editor tells it by itself.
    guard let value = value(file) else { return nil }
    return try SchemaTests.schema(kind(file.fault)).problems(of: value)
  }

  @Test func `of all faults the schema refuses each that its words can express`() throws {
    let beyond = try Self.beyond()
    let faults = try FaultCorpus.read().faults.filter { $0.kind == .fault }
    #expect(faults.count >= 240)
    var (refused, unreadable) = (0, 0)
    for fault in faults {
      let file = try fault.broken()
      guard let problems = try Self.problems(file) else {
        unreadable += 1
        continue
      }
      if let reason = beyond[fault.id] {
        #expect(problems == [], "\(fault.id) is said to be beyond the schema (\(reason)), and it is refused")
      } else {
        #expect(!problems.isEmpty, "\(fault) is taken by the schema")
        refused += 1
      }
    }
    let known = Set(faults.map(\.id))
    #expect(Set(beyond.keys).subtracting(known) == [], "no such faults")
    #expect(refused >= 200, "\(refused) refused, \(beyond.count) beyond it, \(unreadable) no YAML, of \(faults.count)")
  }

  @Test func `what is fine and what is merely unwise is refused by no schema`() throws {
    let files = try FaultCorpus.read().faults.filter { $0.kind != .fault }
    #expect(files.count >= 60)
    for fault in files { #expect(try Self.problems(fault.broken()) == [], "\(fault)") }
  }

  /// `make schema-check` holds the shipped files against it; here every file of the corpus, by the shipped schemas.
  @Test(.enabled(if: hasJSONSchema, "needs python3 with jsonschema"))
  func `an independent validator judges every file of the corpus as the kit does`() async throws {
    var lines: [String] = []
    for fault in try FaultCorpus.read().faults {
      guard let value = Self.value(try fault.broken()) else { continue }
      let kind = Self.kind(fault)
      let shipped = try JSON(parsing: try text(of: "\(packageRoot)/docs/reference/\(kind.schemaFile)"))
      let isValid = try JSONSchema(shipped).problems(of: value).isEmpty
      lines.append(
        JSON.object([
          ("kind", .string(kind.rawValue)), ("id", .string(fault.id)), ("value", value), ("valid", .bool(isValid)),
        ]).text)
    }
    #expect(lines.count > 500)
    let folder = try TemporaryFolder()
    try folder.write(lines.joined(separator: "\n") + "\n", to: "cases.jsonl")
    let result = try await runProgram(
      "/usr/bin/env", ["python3", ".ci/schema-check.py", folder.path + "/cases.jsonl"], folder: packageRoot)
    #expect(result.status == 0, "\(result.out) \(result.err)")
    #expect(result.out.contains("\(lines.count) cases"))
  }
}

private let hasJSONSchema = system("python3 -c 'import jsonschema' 2>/dev/null") == 0
