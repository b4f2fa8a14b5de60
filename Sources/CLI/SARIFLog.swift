import Diagnostics
import Language

/// What was found as a SARIF 2.1.0 log: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
struct SARIFLog {
  private let diagnostics: [Diagnostic]
  /// Only the rules that are told, in the order of their names: results point at them by number.
  private let rules: [DiagnosticCode]

  init(_ diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
    rules = Set(diagnostics.compactMap(\.code)).sorted { $0.rawValue < $1.rawValue }
  }

  var json: JSON {
    object(
      ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .string("2.1.0")),
      (
        "runs",
        .array([
          object(
            ("tool", object(("driver", driver))), ("columnKind", .string("unicodeCodePoints")),
            ("results", .array(diagnostics.map(result))))
        ])
      ))
  }

  private var driver: JSON {
    object(
      ("name", .string("slothunter")), ("version", .string(SlotHunter.version)),
      (
        "rules",
        .array(
          rules.map { code in
            object(
              ("id", .string(code.rawValue)), ("shortDescription", text(code.summary)),
              ("defaultConfiguration", object(("level", .string(code.isWarning ? "warning" : "error")))))
          })
      ))
  }

  private func result(_ diagnostic: Diagnostic) -> JSON {
    var members: [(String, JSON)] = []
    if let code = diagnostic.code, let index = rules.firstIndex(of: code) {
      members += [("ruleId", .string(code.rawValue)), ("ruleIndex", .integer(Int64(index)))]
    }
    let help = diagnostic.help.map { "\n\($0)" } ?? ""
    var location: [(String, JSON)] = [("physicalLocation", place(diagnostic.location, to: diagnostic.end))]
    if !diagnostic.keyPath.isEmpty {
      location.append(("logicalLocations", .array([object(("fullyQualifiedName", .string(diagnostic.keyPath)))])))
    }
    members += [
      ("level", .string(diagnostic.severity.rawValue)), ("message", text(diagnostic.message + help)),
      ("locations", .array([.object(JSONObject(location))])),
    ]
    let notes = diagnostic.notes.filter { $0.location != nil }
    if !notes.isEmpty { members.append(("relatedLocations", .array(notes.enumerated().compactMap(related)))) }
    if let fix = diagnostic.fix { members.append(("fixes", .array([self.fix(fix, diagnostic.location.file)]))) }
    return .object(JSONObject(members))
  }

  private func related(_ index: Int, _ note: Diagnostic.Note) -> JSON? {
    note.location.map {
      object(("id", .integer(Int64(index))), ("physicalLocation", place($0, to: nil)), ("message", text(note.message)))
    }
  }

  private func fix(_ fix: Fix, _ file: String) -> JSON {
    let replacements = fix.edits.map { edit in
      object(
        ("deletedRegion", region(edit.start, to: edit.end)), ("insertedContent", object(("text", .string(edit.text)))))
    }
    return object(
      ("description", text(fix.title)),
      (
        "artifactChanges",
        .array([object(("artifactLocation", artifact(file)), ("replacements", .array(replacements)))])
      ))
  }

  private func place(_ location: SpecLocation, to end: SpecLocation?) -> JSON {
    object(("artifactLocation", artifact(location.file)), ("region", region(location, to: end)))
  }

  private func region(_ start: SpecLocation, to end: SpecLocation?) -> JSON {
    var members = [("startLine", JSON.integer(Int64(start.line))), ("startColumn", .integer(Int64(start.column)))]
    if let end, end >= start {
      members += [("endLine", .integer(Int64(end.line))), ("endColumn", .integer(Int64(end.column)))]
    }
    return .object(JSONObject(members))
  }

  /// A path as a URI: what is no letter, digit or `-._~/` is percent-encoded.
  private func artifact(_ path: String) -> JSON {
    let bytes = path.utf8.map { byte -> String in
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        byte < 0x80
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._~/".unicodeScalars.contains(scalar))
      if isPlain { return String(scalar) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count < 2 ? "0" : "") + digits
    }
    return object(("uri", .string((path.hasPrefix("/") ? "file://" : "") + bytes.joined())))
  }

  private func text(_ text: String) -> JSON { object(("text", .string(text))) }
  private func object(_ members: (String, JSON)...) -> JSON { .object(JSONObject(members)) }
}
