import Language
import PluginHost
import Storage
import Testing

@testable import Engine
@testable import Notifying

/// What maintainers read in Persian.
struct MaintainerWordsTests {
  private func message(_ status: Int) async throws -> Message {
    var desk = try ItemDesk()
    desk.outlets = Outlets(
      channels: ["people", "ops"], maintainers: [MaintainerTarget(channel: "ops", language: "fa")])
    try desk.show(["a": ["1"]])
    try await desk.run()
    desk.show("a", status: status)
    return try #require(try await desk.run().openingDeliveries.values.first?.first?.message)
  }

  @Test(arguments: [(404, "صفحه دیگر با تعریف سایت جور نیست"), (403, "سایت ما را نمی‌پذیرد")])
  func `each trouble of a site has its own words, and every line its direction`(_ status: Int, _ words: String)
    async throws
  {
    let message = try await message(status)
    #expect(message.title.contains(words), "\(message.title)")
    for text in [message.title] + message.lines.map(\.text) {
      let letter = try #require(text.unicodeScalars.first { $0.properties.isAlphabetic })
      #expect((0x0600...0x06FF).contains(letter.value), "read from left to right: \(text)")
    }
  }

  @Test func `one who is gone and several are counted in Persian`() {
    #expect(GoneWords.title(1, "fa") == "یک گیرنده دیگر در دسترس نیست و پیامی نمی‌گیرد")
    #expect(GoneWords.title(12, "fa") == "۱۲ گیرنده دیگر در دسترس نیستند و پیامی نمی‌گیرند")
  }

  @Test func `a channel is called silent when its breaker opens`() {
    #expect(ChannelTroubles.faults == Breaker.threshold)
  }
}
