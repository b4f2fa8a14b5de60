import Diagnostics
import TestSupport
import Testing

@testable import SiteSpecs

/// One file of `BadSpecs/`, named for what is wrong in it; the part before `.yaml` says what kind of file it is.
struct BadSpec: Sendable, CustomTestStringConvertible {
  var name: String

  static let folder = packageRoot + "/Tests/SiteSpecsTests/BadSpecs"

  static let all: [BadSpec] = (SpecFiles.disk.list(folder) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted().map { BadSpec(name: $0) }

  var testDescription: String { name }
  var expectedPath: String { "\(Self.folder)/\(name.dropLast(".yaml".count)).expected" }

  /// What reading the file says.
  func diagnostics() throws -> String {
    let bytes = try bytes(of: "\(Self.folder)/\(name)")
    let reader = SpecReader(catalog: catalog)
    if name.hasSuffix(".site.yaml") { return rendered(reader.readSite(file: name, bytes: bytes).diagnostics) }
    if name.hasSuffix(".notifier.yaml") { return rendered(reader.readNotifier(file: name, bytes: bytes).diagnostics) }
    var files = Examples.files
    files[name] = String(decoding: bytes, as: UTF8.self)
    return rendered(loader(files).load(name).diagnostics)
  }
}

struct BadSpecTests {
  @Test func `there are bad specs to try`() {
    #expect(BadSpec.all.count >= 100)
  }

  @Test(arguments: BadSpec.all)
  func `a bad spec prints exactly its expected diagnostics`(_ spec: BadSpec) throws {
    try expectGolden(spec.diagnostics(), at: spec.expectedPath)
  }

  @Test(arguments: BadSpec.all)
  func `every diagnostic shows a line of the file, a key or a suggestion`(_ spec: BadSpec) throws {
    let printed = try spec.diagnostics()
    #expect(!printed.isEmpty)
    #expect(printed.contains("help: ") || printed.contains("note: ") || printed.contains(" | "))
  }
}
