import Testing

@testable import Fetchers

/// Bodies that are kept.
struct DeflateTests {
  @Test(arguments: [0, 1, 100, 70_000]) func `what was deflated is what it was`(count: Int) {
    let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 / 7) }
    let packed = Deflate.compress(body)
    #expect(Deflate.expand(packed, size: count) == body)
    if count > 1 { #expect(Deflate.expand(packed, size: count - 1) == nil) }
  }

  @Test func `a page is a fraction of itself, and garbage is nothing`() {
    let page = Array(String(repeating: "<li class=\"slot\">۱۲:۳۰</li>", count: 500).utf8)
    #expect(Deflate.compress(page).count * 5 < page.count)
    #expect(Deflate.expand([1, 2, 3], size: 100) == nil && Deflate.expand([], size: 100) == nil)
  }
}
