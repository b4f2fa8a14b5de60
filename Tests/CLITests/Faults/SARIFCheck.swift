import Language

/// What SARIF 2.1.0 asks of a log, as far as one of a linter goes: sections 3.13 (log), 3.14 (run), 3.19 (tool
/// component), 3.27 (result), 3.28 (location), 3.29 (physical location), 3.30 (region), 3.49 (reporting descriptor),
/// 3.55 (fix), 3.56 (artifact change), 3.57 (replacement).
struct SARIFCheck {
  private(set) var problems: [String] = []
  private(set) var results = 0

  init(_ log: JSON) {
    expect(text(log, "version") == "2.1.0", "version")
    expect(text(log, "$schema")?.contains("sarif-2.1.0") == true, "$schema")
    let runs = array(log, "runs")
    expect(runs.count == 1, "one run")
    for run in runs { check(run: run) }
  }

  private mutating func check(run: JSON) {
    let driver = member(member(run, "tool"), "driver")
    expect(text(driver, "name") == "slothunter", "driver.name")
    expect(text(run, "columnKind") == "unicodeCodePoints", "columnKind: scalars are what columns count")
    let rules = array(driver, "rules")
    let ids = rules.compactMap { text($0, "id") }
    expect(ids.count == rules.count && Set(ids).count == ids.count, "every rule has an id of its own")
    for rule in rules {
      expect(text(member(rule, "shortDescription"), "text")?.isEmpty == false, "shortDescription")
      expect(isLevel(text(member(rule, "defaultConfiguration"), "level")), "level of a rule")
    }
    for result in array(run, "results") {
      results += 1
      check(result, ids)
    }
  }

  private mutating func check(_ result: JSON, _ ids: [String]) {
    expect(text(member(result, "message"), "text")?.isEmpty == false, "message.text")
    expect(isLevel(text(result, "level")), "level")
    if let index = number(result, "ruleIndex") {
      expect(ids.indices.contains(index) && ids[index] == text(result, "ruleId"), "ruleIndex points at ruleId")
    } else {
      expect(false, "every result has a rule")
    }
    let locations = array(result, "locations")
    expect(locations.count == 1, "one location")
    for location in locations { check(place: member(location, "physicalLocation")) }
    for related in array(result, "relatedLocations") {
      check(place: member(related, "physicalLocation"))
      expect(text(member(related, "message"), "text")?.isEmpty == false, "message of a related location")
    }
    for fix in array(result, "fixes") {
      let changes = array(fix, "artifactChanges")
      expect(!changes.isEmpty, "a fix changes something")
      for change in changes {
        check(uri: text(member(change, "artifactLocation"), "uri"))
        let replacements = array(change, "replacements")
        expect(!replacements.isEmpty, "a change replaces something")
        for replacement in replacements {
          check(region: member(replacement, "deletedRegion"))
          expect(text(member(replacement, "insertedContent"), "text") != nil, "insertedContent")
        }
      }
    }
  }

  private mutating func check(place: JSON?) {
    check(uri: text(member(place, "artifactLocation"), "uri"))
    check(region: member(place, "region"))
  }

  /// RFC 3986: ASCII, without blanks; relative to where the command ran.
  private mutating func check(uri: String?) {
    let allowed = "-._~/%:"
    let isURI = uri?.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || allowed.unicodeScalars.contains($0))
    }
    expect(isURI == true && uri?.isEmpty == false, "uri: \(uri ?? "none")")
  }

  private mutating func check(region: JSON?) {
    guard let line = number(region, "startLine"), let column = number(region, "startColumn") else {
      return expect(false, "a region begins somewhere")
    }
    expect(line >= 1 && column >= 1, "lines and columns count from 1")
    guard let endLine = number(region, "endLine"), let endColumn = number(region, "endColumn") else { return }
    expect(endLine > line || endLine == line && endColumn >= column, "a region ends behind its beginning")
  }

  private mutating func expect(_ isRight: Bool, _ what: String) { if !isRight { problems.append(what) } }

  private func isLevel(_ level: String?) -> Bool { ["none", "note", "warning", "error"].contains(level ?? "") }

  private func member(_ value: JSON?, _ name: String) -> JSON? {
    if case .object(let object)? = value { object[name] } else { nil }
  }

  private func array(_ value: JSON?, _ name: String) -> [JSON] {
    if case .array(let elements)? = member(value, name) { elements } else { [] }
  }

  private func text(_ value: JSON?, _ name: String) -> String? {
    if case .string(let text)? = member(value, name) { text } else { nil }
  }

  private func number(_ value: JSON?, _ name: String) -> Int? {
    if case .integer(let number)? = member(value, name) { Int(number) } else { nil }
  }
}
