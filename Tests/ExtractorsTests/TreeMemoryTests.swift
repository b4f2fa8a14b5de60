import PluginHost
import TestSupport
import Testing

@testable import Extractors

@Suite struct `Memory of trees` {
  private static func page(_ number: Int, rows: Int) -> [UInt8] {
    var text = "<html><body><h1>page \(number)</h1>"
    for row in 0..<rows {
      text += "<p class='row' title='\(String(repeating: "x", count: row % 900))'>\(number)-\(row)</p>"
    }
    return Array((text + "</body></html>").utf8)
  }

  private static func texts(_ page: [UInt8]) throws -> [String] {
    let selector = try XPathExtractor().compile("//p[@class='row']")
    return try selector.select(from: HTMLReader().read(page, contentType: "text/html")).map(\.text)
  }

  @Test func `pages read side by side, and let go of on other threads, do not touch each other`() async throws {
    let read = await withTaskGroup(of: (Int, [String]).self) { group in
      for number in 0..<64 {
        group.addTask {
          // Sizes on both sides of a first chunk, and of what is kept for the next page.
          let rows = [1, 40, 700, 5000][number % 4]
          let found = (try? Self.texts(Self.page(number, rows: rows))) ?? []
          await Task.yield()
          return (number, found)
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for number in 0..<64 {
      let rows = [1, 40, 700, 5000][number % 4]
      #expect(read[number] == (0..<rows).map { "\(number)-\($0)" })
    }
  }

  @Test func `a page that is refused leaves nothing that hurts the next one`() throws {
    let deep = Array((String(repeating: "<div>", count: 5000) + "x").utf8)
    for number in 0..<20 {
      #expect(throws: ExtractError.self) { try Self.texts(deep) }
      #expect(throws: ExtractError.self) { try HTMLReader().read([], contentType: nil) }
      #expect(throws: ExtractError.self) { try XMLReader().read(Array("<a><b></a>".utf8), contentType: nil) }
      #expect(try Self.texts(Self.page(number, rows: 3)) == ["\(number)-0", "\(number)-1", "\(number)-2"])
    }
  }

  @Test func `a node outlives whatever else was read meanwhile`() throws {
    let selector = try XPathExtractor().compile("//p")
    let kept = try selector.select(from: HTMLReader().read(Self.page(1, rows: 50), contentType: nil))
    for number in 2..<50 { _ = try Self.texts(Self.page(number, rows: 300)) }
    #expect(kept.map(\.text) == (0..<50).map { "1-\($0)" })
  }

  @Test func `a text that is larger than any chunk is read whole`() throws {
    let text = String(repeating: "نوبت ", count: 200_000)
    // A tag may be 256 KiB long.
    let words = String(repeating: "نوبت ", count: 20_000)
    let page = Array("<p title=\"\(words)\">\(text)</p>".utf8)
    let document = try HTMLReader().read(page, contentType: "text/html; charset=utf-8")
    let title = try XPathExtractor().compile("//p/@title").select(from: document)
    #expect(title.map(\.text) == [words])
    #expect(try XPathExtractor().compile("//p").select(from: document).map(\.text) == [text])
  }
}
