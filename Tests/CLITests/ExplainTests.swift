import Diagnostics
import Language
import SiteSpecs
import TestSupport
import Testing

@testable import CLI

/// `slothunter explain`, from outside.
struct ExplainTests {
  @Test func `every value stands with the line it is written at, as default, or with what it is derived from`()
    async throws
  {
    let result = try await slothunter("explain", "doctuo")
    #expect(result.status == 0, "\(result)")
    let spec = try text(of: packageRoot + "/sites/doctuo.yaml").split(separator: "\n", omittingEmptySubsequences: false)
    func place(_ line: String, _ column: Int) throws -> String {
      let number = try #require(spec.firstIndex { $0.hasPrefix(line) }, "\(line)") + 1
      return "sites/doctuo.yaml:\(number):\(column)"
    }
    func row(_ path: String) throws -> String {
      String(try #require(result.lines.first { $0.hasPrefix("  \(path) ") }, "\(path)"))
    }
    #expect(try row("limits.rate").hasSuffix(place("  rate: 1/s", 9)))
    #expect(try row("limits.burst").hasSuffix("default"))
    #expect(try row("parameters").hasSuffix("derived from links and the first step's URL"))
    // A step's timeout and headers are those of `request:`.
    #expect(try row("steps[0].timeout").hasSuffix(place("  timeout: 30s", 12)))
    #expect(try row("steps[1].headers.app-version").hasSuffix(place("    app-version: 2.0.0", 18)))
    #expect(try row("steps[1].cookies").hasSuffix("default"))
    #expect(try row("alert.until").contains("start") && row("alert.until").hasSuffix("derived from the field 'start'"))
    #expect(try row("items.reopen_after").contains("0s"))
  }

  @Test
  func `selectors are named streamed or with what needs a tree, outcomes stand in their order with the engine's last`()
    async throws
  {
    let folder = try TemporaryFolder()
    let good = CheckTests.good.replacing("get: https://shop.example/slots.json", with: "get: https://shop.example/")
      .replacing("anchor: $.slots", with: "anchor: { css: \"#slots\" }")
      .replacing(
        "each: \"$.slots[*]\", fields: { id: $.id, start: { json: $.at, as: instant } }",
        with: "each: { css: li.slot }, fields: { id: { css: b }, start: { css: i, as: instant } }")
    try folder.write(good, to: "shop.yaml")
    let streamed = try await explained("shop.yaml", folder)
    #expect(streamed.texts("$.steps[*].streamed") == ["true"], "\(streamed.text)")
    #expect(streamed.texts("$.steps[0].outcomes[-1].verdict") == ["items"])
    #expect(streamed.texts("$.steps[0].outcomes[?@.rule == 'default'].verdict").contains("throttled"))

    let needy = good.replacing("    rows:", with: "    outcomes: [ { gone: { css: \"li:has(b)\" } } ]\n    rows:")
    try folder.write(needy, to: "shop.yaml")
    let treed = try await explained("shop.yaml", folder)
    #expect(treed.texts("$.steps[*].streamed") == ["false"], "\(treed.text)")
    #expect(treed.text("$.steps[0].reading").contains(":has()"))
    #expect(treed.text("$.steps[0].outcomes[0].rule") == "steps[0].outcomes[0]")
    #expect(treed.text("$.steps[0].outcomes[0].condition") == "li:has(b) is there")
  }

  @Test func `canaries are explained with their facts, and that there is none`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(CheckTests.good + "\ncanary: { least: 2, facts: [\"id != ''\", start > now] }\n", to: "shop.yaml")
    let with = try await explained("shop.yaml", folder)
    func value(_ path: String) -> String { with.text("$.values[?@.path == '\(path)'].value") }
    #expect(value("canary.every") == "6h" && value("canary.least") == "2", "\(with.text)")
    #expect(with.text("$.values[?@.path == 'canary.every'].origin") == "default")
    #expect(value("canary.facts[0]") == "id != ''" && value("canary.facts[1]") == "start > now")
    #expect(with.text("$.values[?@.path == 'canary.facts[1]'].at").hasPrefix("shop.yaml:15:"))
    try folder.write(CheckTests.good, to: "shop.yaml")
    #expect(try await explained("shop.yaml", folder).text("$.values[?@.path == 'canary'].value").hasPrefix("none"))
  }

  @Test func `the shipped sites explain every value that their files hold`() async throws {
    for site in ["paziresh24", "doctuo"] {
      let json = try JSON(parsing: try await slothunter("explain", site, "--json").out)
      let paths = json.texts("$.values[?@.origin == 'written'].path")
      for part in ["site", "limits.min_interval", "steps[0].anchor", "items.key", "alert.title.fa", "alert.useful_for"]
      {
        #expect(paths.contains(part), "\(site): \(part)")
      }
      #expect(json.texts("$.values[*].value").allSatisfy { !$0.isEmpty })
      #expect(!json.texts("$.politeness[*]").isEmpty && !json.texts("$.schedule[*]").isEmpty)
    }
  }

  @Test(arguments: ["paziresh24", "doctuo"])
  func `nothing that a file says is missing from its explanation`(site: String) throws {
    let file = packageRoot + "/sites/\(site).yaml"
    let workspace = Workspace(file: file, configuration: nil, sites: [], diagnostics: [], failedSites: [:], paths: [])
    let spec = try workspace.spec(file)
    let places = SpecPlaces(file: file, bytes: Array(spec.text.utf8))
    let written = EffectiveSpec(spec, configuration: nil).lines.compactMap { line -> SpecLocation? in
      if case .written(let place) = line.origin { place } else { nil }
    }
    let rules = spec.steps.flatMap { StepExplanation(step: $0).outcomes.compactMap { places[$0.rule] } }
    let told = Set(written + rules)
    #expect(told.count > 30)
    let paths = places.paths.filter { !$0.isEmpty }
    let inner = { (path: String) in paths.contains { $0.hasPrefix(path + ".") || $0.hasPrefix(path + "[") } }
    for path in paths where !inner(path) {
      // The value itself, or what it is a part of.
      var part = path
      var isTold = false
      while !part.isEmpty, !isTold {
        isTold = places[part].map(told.contains) ?? false
        part = String(part[..<(part.lastIndex { $0 == "." || $0 == "[" } ?? part.startIndex)])
      }
      #expect(isTold, "\(path)")
    }
  }

  @Test func `a site that is not there gets a suggestion`() async throws {
    let result = try await slothunter("explain", "pazirsh24")
    #expect(result.status == 66 && result.err.contains("did you mean 'paziresh24'?"), "\(result)")
  }

  private func explained(_ file: String, _ folder: TemporaryFolder) async throws -> JSON {
    let main = "sites: [.]\nnotifiers: [\(packageRoot)/notifiers]\n"
    try folder.write(main, to: "slothunter.yaml")
    let result = try await slothunter("explain", file, "--json", "--config", "slothunter.yaml", folder: folder.path)
    #expect(result.status == 0, "\(result)")
    return try JSON(parsing: result.out)
  }
}
