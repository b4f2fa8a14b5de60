import Engine
import Glibc
import Language
import PluginHost
import SiteSpecs
import TestSupport
import Testing

@testable import CLI

/// `slothunter test`: acceptance 3 of the maintainer's bench.
struct SampleTestCommandTests {
  @Test func `every sample of the repository is as expected`() async throws {
    let result = try await slothunter("test")
    #expect(result.status == 0, "\(result)")
    #expect(result.lines.last?.contains("samples, 0 failed") == true)
  }

  /// One character of one selector each.
  @Test(arguments: [
    ("json: $.key, as: instant", "json: $.kex, as: instant", "start"),
    ("center: $.name }", "center: $.nama }", "center"),
    ("service: $.alias_title", "service: $.alias_titlf", "service"),
    ("information.display_name", "information.display_nama", "start"),
    ("json: $.from, as: instant", "json: $.fron, as: instant", "start"),
    ("service_id: $.id,", "service_id: $.ie,", "start"), ("each: \"$.result[*]\"", "each: \"$.resulu[*]\"", "start"),
    ("entries: \"$.result[*][*].turns\"", "entries: \"$.result[*][*].turnz\"", "start"),
  ])
  func `a selector with one other character fails, and the difference names item and field`(
    right: String, wrong: String, field: String
  ) async throws {
    let path = packageRoot + "/sites/paziresh24.yaml"
    let text = try Files.text(path)
    #expect(text.contains(right))
    let (spec, problems) = SpecReader(catalog: Builtins.catalog)
      .readSite(file: "sites/paziresh24.yaml", text: text.replacing(right, with: wrong))
    let broken = try #require(spec, "\(problems)")
    let cases = SamplesTests.all.filter { $0.hasPrefix("paziresh24/") }.map { name in
      SampleFinder.Case(name: name, spec: broken, folder: packageRoot + "/samples/" + name)
    }
    let outcomes = try await SampleSuite.run(cases)
    let named = outcomes.flatMap(\.differences).filter { $0.field == field && !$0.subject.isEmpty }
    #expect(!named.isEmpty, "\(outcomes.flatMap(\.differences).flatMap(\.lines).prefix(20))")
    #expect(named.contains { $0.selector?.contains("steps[") == true })
  }

  @Test func `a difference shows old and new value and the selector that read it`() async throws {
    let folder = try copy()
    try folder.write(
      try Files.text(packageRoot + "/sites/paziresh24.yaml").replacing("center: $.name }", with: "center: $.nama }"),
      to: "sites/paziresh24.yaml")
    let result = try await slothunter("test", "paziresh24/with-slots", folder: folder.path)
    #expect(result.status == 1)
    for part in ["paziresh24/with-slots", ": center", "- \"مطب", "+ null", "steps[0].rows.fields.center: $.nama"] {
      #expect(result.out.contains(part), "\(part)\n\(result.out.prefix(600))")
    }
  }

  @Test func `without any network it does the same`() async throws {
    // A network namespace of its own, with no interface up; where none can be made, a debugger's eye on every call.
    let ways = [
      ("/usr/bin/unshare", ["-rn"]), ("/usr/bin/strace", ["-f", "-qq", "-e", "trace=connect,sendto,sendmsg"]),
    ]
    var tried = 0
    for (tool, options) in ways where Files.exists(tool) {
      guard try await runProgram(tool, options + ["/bin/true"]).status == 0 else { continue }
      tried += 1
      let binary = try #require(slothunterBinary)
      let result = try await runProgram(tool, options + [binary, "test", "--json"], folder: packageRoot)
      #expect(result.status == 0, "\(result)")
      #expect(result.lines.count == SamplesTests.all.count + 1)
      #expect(!result.err.contains("AF_INET"), "\(result.err)")
    }
    if tried == 0 { print("not shown from outside: neither unshare nor strace works here") }
  }

  @Test func `a request that no file answers fails the case, and says which`() async throws {
    let folder = try copy()
    unlink(folder.path + "/samples/paziresh24/with-slots/exchanges/03-days.request.yaml")
    let result = try await slothunter("test", "paziresh24/with-slots", folder: folder.path)
    #expect(result.status == 1)
    #expect(result.out.contains("no answer for POST https://apigw.paziresh24.com/booking/v2/getFreeDays"), "\(result)")
  }

  @Test func `--update writes what it finds, fails once and is content then`() async throws {
    let folder = try copy()
    let path = "samples/doctuo/with-slots/expected.json"
    let text = try Files.text(folder.path + "/" + path)
    try folder.write(text.replacing("\"verdict\": \"items\"", with: "\"verdict\": \"empty\""), to: path)
    #expect(try await slothunter("test", "doctuo", folder: folder.path).status == 1)
    let first = try await slothunter("test", "doctuo", "--update", folder: folder.path)
    #expect(first.status == 1)
    #expect(first.err.contains("read the diff") && first.err.contains("run again"))
    #expect(try Files.text(folder.path + "/" + path) == text)
    #expect(try await slothunter("test", "doctuo", "--update", folder: folder.path).status == 0)
    #expect(try await slothunter("test", "doctuo", folder: folder.path).status == 0)
  }

  @Test func `--update compares nothing, so it takes neither --json nor --junit`() async throws {
    for flags in [["--json"], ["--junit", "report.xml"]] {
      let result = try await slothunter(["test", "doctuo", "--update"] + flags)
      #expect(result.status == 64 && result.err.contains(flags[0]), "\(result)")
    }
  }

  @Test(arguments: [
    ("expected.json", "{\"verdict\": ", "expected.json: "),
    ("exchanges/01-services.request.yaml", "method: GET\n", "01-services.request.yaml: `url` is missing"),
    ("exchanges/01-services.request.yaml", "url: [\n", "01-services.request.yaml:"),
    ("exchanges/01-services.request.yaml", "url: ftp://a.example/\n", "samples/doctuo/with-slots: a recorded URL"),
  ]) func `a case that can't be read fails with its file and reason, and the others run`(
    file: String, text: String, told: String
  ) async throws {
    let folder = try copy()
    try folder.write(text, to: "samples/doctuo/with-slots/" + file)
    let result = try await slothunter("test", "doctuo", "--junit", "report.xml", folder: folder.path)
    #expect(result.status == 1, "\(result)")
    #expect(result.out.contains("doctuo/with-slots\n  can't be read\n") && result.out.contains(told), "\(result)")
    let count = SamplesTests.all.count { $0.hasPrefix("doctuo/") }
    #expect(result.lines.last?.hasPrefix("\(count) samples, 1 failed") == true, "\(result)")
    #expect(try Files.text(folder.path + "/report.xml").contains("failures=\"1\""))
    let update = try await slothunter("test", "doctuo", "--update", folder: folder.path)
    #expect(update.status == 1 && update.err.contains(told), "\(update)")
    #expect(try Files.text(folder.path + "/samples/doctuo/with-slots/" + file) == text)
  }

  @Test func `--json has a line for each sample, --junit a case, --filter leaves others out`() async throws {
    let folder = try copy()
    let junit = folder.path + "/report.xml"
    let result = try await slothunter(
      "test", "--filter", "cut-off", "--json", "--junit", junit, folder: folder.path)
    let names = SamplesTests.all.filter { $0.contains("cut-off") }
    let lines = try result.lines.map { try JSON(parsing: $0) }
    #expect(lines.count == names.count + 1)
    for (line, name) in zip(lines, names.sorted()) {
      guard case .object(let object) = line else { throw SpawnProblem(description: line.text) }
      #expect(object["sample"] == .string(name) && object["passed"] == .bool(true))
    }
    let xml = try Files.text(junit)
    #expect(xml.contains("<testsuite name=\"samples\" tests=\"\(names.count)\" failures=\"0\""))
    #expect(xml.contains("<testcase classname=\"doctuo\" name=\"cut-off\""))
  }

  @Test func `what is not there gets a suggestion`() async throws {
    let result = try await slothunter("test", "paziresh24/with-slot")
    #expect(result.status == 66)
    #expect(result.err.contains("did you mean 'paziresh24/with-slots'?"), "\(result)")
    #expect(try await slothunter("test", "--filter", "no such case").status == 66)
  }

  /// Sites and samples of the repository, to be broken.
  private func copy() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for site in try Files.list(packageRoot + "/sites") {
      try folder.write(try Files.read("\(packageRoot)/sites/\(site)"), to: "sites/" + site)
    }
    for name in SamplesTests.all {
      let path = "\(packageRoot)/samples/\(name)"
      try folder.write(try Files.read(path + "/expected.json"), to: "samples/\(name)/expected.json")
      for file in try Files.list(path + "/exchanges") {
        try folder.write(try Files.read("\(path)/exchanges/\(file)"), to: "samples/\(name)/exchanges/\(file)")
      }
    }
    return folder
  }
}
