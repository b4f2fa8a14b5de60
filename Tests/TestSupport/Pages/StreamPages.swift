/// The pages that the matcher is compared on: a third of them well-formed, a third as people write, a third broken; some
/// in other charsets.
public struct StreamPages {
  public struct Page: Sendable {
    public var bytes: [UInt8]
    public var contentType: String?
    public var isBroken: Bool
  }

  /// Pages of one of the eight tests that run side by side: 800 in all, 20,000 by `make stream-diff`.
  public static let perPart = 100

  public static func page(_ number: Int, seed: UInt64) -> Page {
    var draw = PageDraw(seed: seed &+ UInt64(number) &* 7919)
    let style: PageGenerator.Style = number % 3 == 0 ? .wellFormed : .sloppy
    let made = PageGenerator.page(seed: seed &* 1_000_003 &+ UInt64(number), style: style)
    if number % 3 == 2 {
      let broken = PageMutation.mutate(made, &draw)
      return Page(
        bytes: broken, contentType: draw.percent(10) ? "text/html; charset=windows-1256" : nil, isBroken: true)
    }
    switch draw(12) {
    case 0: return Page(bytes: [0xEF, 0xBB, 0xBF] + made, contentType: nil, isBroken: false)
    case 1: return Page(bytes: utf16(made), contentType: nil, isBroken: false)
    case 2: return Page(bytes: made, contentType: "text/html; charset=utf-8", isBroken: false)
    // Persian read as Latin: nonsense, and the same nonsense either way.
    case 3: return Page(bytes: made, contentType: "text/html; charset=iso-8859-1", isBroken: false)
    case 4: return Page(bytes: made, contentType: "text/html; charset=windows-1256", isBroken: false)
    default: return Page(bytes: made, contentType: nil, isBroken: false)
    }
  }

  private static func utf16(_ page: [UInt8]) -> [UInt8] {
    [0xFF, 0xFE] + String(decoding: page, as: UTF8.self).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
  }
}
