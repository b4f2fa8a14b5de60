import PluginHost
import TestSupport
import Testing

@testable import Extractors

/// The matcher gives what libxml2 gives, or leaves the page to it.
struct StreamDifferenceTests {
  /// Fixed, so that a failure can be repeated; `make stream-diff SEED=n` asks other pages.
  private static let seed: UInt64 = 1405

  @Test(arguments: 0..<8)
  func `every selector finds the same with a tree and without, on pages of every quality`(_ part: Int) throws {
    let comparison = try PageComparison(
      reader: HTMLReader(), extractors: ["xpath": XPathExtractor(), "css": CSSExtractor()])
    for number in 0..<StreamPages.perPart {
      let page = StreamPages.page(part * StreamPages.perPart + number, seed: Self.seed)
      let audit = StreamAudit.audit(page.bytes, contentType: page.contentType)
      if case .different(let what) = audit { Issue.record("seed \(Self.seed), part \(part), page \(number): \(what)") }
      let difference = comparison.difference(on: page.bytes, contentType: page.contentType)
      #expect(difference == nil, "seed \(Self.seed), part \(part), page \(number)")
    }
  }

  @Test func `at least forty selectors are asked, and all of them need no tree`() throws {
    let comparison = try PageComparison(
      reader: HTMLReader(), extractors: ["xpath": XPathExtractor(), "css": CSSExtractor()])
    #expect(comparison.selectors >= 40)
    #expect(comparison.unfit == [])
  }

  @Test func `nearly every page that is not broken is read without a tree`() throws {
    var (taken, all) = (0, 0)
    for number in 0..<400 {
      let page = StreamPages.page(number, seed: Self.seed)
      guard !page.isBroken else { continue }
      all += 1
      if StreamAudit.audit(page.bytes, contentType: page.contentType) == .same { taken += 1 }
    }
    print("read without a tree: \(taken) of \(all) pages that are not broken")
    // All of them when this was written.
    #expect(all > 100 && taken * 100 >= all * 97)
  }

  @Test(.enabled(if: shared("captures") != nil, "needs ../shared/captures"))
  func `real pages are read without a tree, and say the same`() throws {
    let comparison = try PageComparison(
      reader: HTMLReader(), extractors: ["xpath": XPathExtractor(), "css": CSSExtractor()])
    for name in ["paziresh24/doctor_page_2025-07-09.html", "synthetic/nobat_ir_doctor_page.html"] {
      let page = try bytes(of: #require(shared("captures/" + name)))
      #expect(StreamAudit.audit(page) == .same, "\(name)")
      #expect(comparison.difference(on: page) == nil, "\(name)")
    }
  }

  @Test func `a difference is seen`() throws {
    let comparison = try PageComparison(
      reader: OtherPage(), extractors: ["xpath": XPathExtractor(), "css": CSSExtractor()])
    #expect(comparison.difference(on: Array("<title>a</title>".utf8)) != nil)
  }
}

/// Reads another page when it may leave the tree out.
private struct OtherPage: DocumentReader {
  static let kind = DocumentKind.html

  func read(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    try HTMLReader().read(body, contentType: contentType)
  }

  func readWithoutTree(_ body: [UInt8], contentType: String?) throws(ExtractError) -> DocumentNode {
    try HTMLReader().readWithoutTree(Array("<title>b</title>".utf8), contentType: contentType)
  }
}
