import Glibc
import Language
import TestSupport
import Testing

/// JSONTestSuite: what every JSON reader must accept (y_), must refuse (n_), and may do as it likes with (i_).
struct JSONSuiteTests {
  static let folder = "suites/json-parsing/test_parsing"

  @Test(.enabled(if: shared(folder) != nil, "needs ../shared/suites/json-parsing"))
  func `JSONTestSuite: 95 accepted, 188 refused, 35 as declared`() throws {
    let folder = try #require(shared(Self.folder))
    var counts: [Character: Int] = [:]
    for name in try names(in: folder) {
      let accepted = (try? JSON(parsing: try bytes(of: folder + "/" + name))) != nil
      let kind = try #require(name.first)
      counts[kind, default: 0] += 1
      switch kind {
      case "y": #expect(accepted, "\(name)")
      case "n": #expect(!accepted, "\(name)")
      default: #expect(accepted == Self.acceptedByChoice(name), "\(name)")
      }
    }
    #expect(counts == ["y": 95, "n": 188, "i": 35])
  }

  /// Numbers beyond a double, lone surrogates (as U+FFFD), a byte order mark and 500 levels are read; whatever is not
  /// UTF-8 is refused.
  static func acceptedByChoice(_ name: String) -> Bool {
    name.contains("number") || name.contains("surrogate") && !name.contains("UTF8")
      || name.contains("escape_valid") || name.contains("BOM_empty_object") || name.contains("500_nested")
  }

  @Test(.enabled(if: shared("suites/json-parsing/test_transform") != nil, "needs ../shared/suites/json-parsing"))
  func `what transforms elsewhere is kept here`() throws {
    let folder = try #require(shared("suites/json-parsing/test_transform"))
    for name in try names(in: folder) {
      // Bytes that are not UTF-8: refused, as above.
      if name.contains("_invalid_codepoint") { continue }
      let value = try JSON(parsing: try bytes(of: folder + "/" + name))
      #expect(try JSON(parsing: value.text) == value, "\(name)")
      #expect(try JSON(parsing: value.prettyText) == value, "\(name)")
    }
    let big = try JSON(parsing: try bytes(of: folder + "/number_10000000000000000999.json"))
    #expect(big.text.contains("10000000000000000999"))
    for name in ["object_key_nfc_nfd.json", "object_key_nfd_nfc.json"] {
      let value = try JSON(parsing: try bytes(of: folder + "/" + name))
      guard case .object(let members) = value, members.count == 2 else {
        Issue.record("\(name) lost a member")
        continue
      }
    }
  }

  private func names(in folder: String) throws -> [String] {
    let listing = try #require(opendir(folder))
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasSuffix(".json") { names.append(name) }
    }
    return names.sorted()
  }
}
