import Diagnostics
import Engine
import Fetchers
import Glibc
import Language
import PluginHost
import TestSupport
import Testing

@testable import CLI

/// Every recording under `samples/`, replayed through the shipped specs.
struct SamplesTests {
  static let isUpdating = getenv("UPDATE_SAMPLES") != nil

  /// `paziresh24/with-slots` …
  static let all: [String] = {
    let root = packageRoot + "/samples"
    let sites = ((try? Files.list(root)) ?? []).filter { Files.exists(packageRoot + "/sites/\($0).yaml") }
    return sites.flatMap { site in
      ((try? Files.list(root + "/" + site)) ?? []).filter { Files.isDirectory(root + "/\(site)/\($0)") }
        .map { "\(site)/\($0)" }
    }
  }()

  @Test(arguments: SamplesTests.all) func `a sample gives exactly what it expects`(name: String) async throws {
    let replay = try await SamplesTests.replay(name)
    if SamplesTests.isUpdating { _ = try replay.update() }
    let differences = replay.differences.flatMap(\.lines)
    #expect(differences.isEmpty, "\(name)\n\(differences.joined(separator: "\n"))")
    #expect(
      !SamplesTests.isUpdating,
      "expected.json was written anew: review `git diff samples/`, then run without UPDATE_SAMPLES")
  }

  /// The demo goes from one of its samples to the next, so some answers in them are for a step before.
  @Test(arguments: SamplesTests.all.filter { !$0.contains("/demo-") })
  func `a sample holds no exchange that nothing asks for`(name: String) async throws {
    let replay = try await SamplesTests.replay(name)
    #expect(replay.unused.isEmpty)
  }

  @Test func `every site has samples of what it gives and of how it fails`() throws {
    let sites = try Files.list(packageRoot + "/sites").filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    #expect(!sites.isEmpty)
    for site in sites {
      let cases = SamplesTests.all.filter { $0.hasPrefix(site + "/") }
      #expect(cases.count >= 8, "\(site)")
      let verdicts = try Set(cases.map { try SampleCase(folder: packageRoot + "/samples/" + $0).expectedVerdict })
      #expect(verdicts.isSuperset(of: ["items", "empty", "blocked", "gone", "unreadable"]), "\(site): \(verdicts)")
    }
  }

  private static func replay(_ name: String) async throws -> SampleReplay {
    try await SampleReplay(SampleCase(folder: packageRoot + "/samples/" + name), spec: try spec(of: name))
  }

  static func spec(of name: String) throws -> SiteSpec {
    let file = packageRoot + "/sites/" + name.prefix { $0 != "/" } + ".yaml"
    let workspace = Workspace(
      file: file, configuration: nil, sites: [], diagnostics: [], failedSites: [:], paths: [])
    let params = try SampleCase(folder: packageRoot + "/samples/" + name).params
    return try workspace.watch(file, params: params).spec
  }
}

extension SampleCase {
  var expectedVerdict: String {
    guard case .object(let object)? = expected, case .string(let verdict)? = object["verdict"] else { return "" }
    return verdict
  }
}
