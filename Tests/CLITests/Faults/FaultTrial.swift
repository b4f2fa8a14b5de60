import Language
import TestSupport

/// What `slothunter check --json` said of one broken file.
struct FaultTrial {
  struct Found {
    var file: String
    var line: Int
    var severity: String
    var code: String
    var text: String
    var help: String
    /// Lines that notes point at, in the same file.
    var noteLines: [Int]
    var hasFix: Bool
  }

  var broken: BrokenFile
  var found: [Found]

  var fault: Fault { broken.fault }
  private var severity: String { fault.kind == .unwise ? "warning" : "error" }

  /// What was told of the expected kind.
  var told: [Found] { found.filter { $0.severity == severity } }
  var isSilent: Bool { told.isEmpty }
  /// Told on the expected line, of what is really wrong.
  private var hits: [Found] { told.filter { $0.line == broken.line && says($0) } }
  var isExact: Bool { !hits.isEmpty && hits.contains { other($0) } }
  var isHelpful: Bool { fault.help.map { help in hits.contains { $0.help.contains(help) } } ?? isExact }
  /// Errors beyond those on the expected line: one fault is told once.
  var extras: [Found] { found.filter { $0.severity == "error" && $0.line != broken.line } }

  private func says(_ found: Found) -> Bool {
    fault.says.allSatisfy(found.text.contains) && (fault.code.map { $0 == found.code } ?? true)
  }

  private func other(_ found: Found) -> Bool { broken.otherLine.map(found.noteLines.contains) ?? true }

  var miss: String {
    let list =
      found.isEmpty
      ? " nothing"
      : found.map { "\n    \($0.line): \($0.severity) [\($0.code)] \($0.text) | \($0.help) | notes \($0.noteLines)" }
        .joined()
    let wanted = "line \(broken.line) says \(fault.says) help \(fault.help ?? "-") other \(broken.otherLine ?? 0)"
    return "\(fault): wanted \(wanted); told:\(list)"
  }
}

extension FaultTrial {
  /// Checks all of `faults` in one process, each in a folder of its own.
  static func run(_ faults: [Fault], arguments: [String] = ["--json"]) async throws -> [FaultTrial] {
    let home = try TemporaryFolder()
    var paths: [String] = []
    var brokenFiles: [BrokenFile] = []
    for fault in faults {
      let broken = try fault.broken()
      var files = fault.fileKind == .configuration ? try FaultCorpus.workspace() : [:]
      if fault.fileKind == .site {
        files = try FaultCorpus.workspace().filter { $0.key.hasPrefix("sites/certificates/") }
      }
      for (path, base) in fault.beside { files[path] = Array(try FaultCorpus.base(base).utf8) }
      files[broken.path] = broken.bytes
      for (path, bytes) in files { try home.write(bytes, to: "\(fault.id)/\(path)") }
      paths.append("\(fault.id)/\(broken.path)")
      brokenFiles.append(broken)
    }
    let result = try await slothunter(
      ["check"] + arguments + paths, folder: home.path, environment: FaultCorpus.environment)
    guard result.status == 0 || result.status == 2 else { throw SpawnProblem(description: "\(result)") }
    var byFault: [String: [Found]] = [:]
    for line in result.lines {
      let found = try Found(line)
      byFault[String(found.file.prefix { $0 != "/" }), default: []].append(found)
    }
    return brokenFiles.map { broken in
      let told = broken.fault.file ?? broken.path
      let all = byFault[broken.fault.id] ?? []
      return FaultTrial(
        broken: broken, found: all.filter { $0.file == "\(broken.fault.id)/\(told)" || broken.fault.kind == .fine })
    }
  }
}

extension FaultTrial.Found {
  init(_ line: String) throws {
    guard case .object(let object) = try JSON(parsing: Array(line.utf8)) else { throw SpawnProblem(description: line) }
    func text(_ name: String) -> String { if case .string(let text)? = object[name] { text } else { "" } }
    func number(_ name: String) -> Int { if case .integer(let number)? = object[name] { Int(number) } else { 0 } }
    file = text("file")
    self.line = number("line")
    severity = text("severity")
    code = text("code")
    self.text = text("message") + " @ " + text("key_path")
    help = text("help")
    noteLines = []
    if case .object? = object["fix"] { hasFix = true } else { hasFix = false }
    guard case .array(let notes)? = object["notes"] else { return }
    for case .object(let note) in notes {
      guard case .string(let at)? = note["at"] else { continue }
      let parts = at.split(separator: ":")
      if parts.count == 3, parts[0] == file, let line = Int(parts[1]) { noteLines.append(line) }
    }
  }
}
