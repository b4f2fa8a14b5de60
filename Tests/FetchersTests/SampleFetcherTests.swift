import Fetchers
import PluginHost
import Testing

struct SampleFetcherTests {
  private func recorded(
    _ method: Request.Method = .get, _ url: String, _ body: RecordedExchange.BodyMatch? = nil, _ text: String
  ) -> RecordedExchange {
    RecordedExchange(
      method: method, url: url, body: body, response: Response(status: 200, body: Array(text.utf8), url: url))
  }

  @Test func `matching exchanges are given in order, the last one for ever`() async throws {
    let fetcher = try SampleFetcher([
      recorded(.get, "https://a.example/x", nil, "1"), recorded(.get, "https://a.example/x", nil, "2"),
      recorded(.get, "https://a.example/y", nil, "y"),
    ])
    var answers: [String] = []
    for path in ["x", "y", "x", "x", "y"] {
      answers.append(try await fetcher.exchange(Request(url: "https://a.example/\(path)")).text)
    }
    #expect(answers == ["1", "y", "2", "2", "y"])
    #expect(fetcher.unused.isEmpty)
  }

  @Test func `encoding and order of a query do not matter, values do`() async throws {
    let fetcher = try SampleFetcher([recorded(.get, "https://a.example/dr/دکتر/?b=2&a=%31+x", nil, "ok")])
    let same = "https://a.example:443/dr/%d8%af%DA%A9%D8%AA%D8%B1/?a=1%20x&b=2"
    #expect(try await fetcher.exchange(Request(url: same)).text == "ok")
    #expect(
      try await fetcher.exchange(Request(url: same)).url == "https://a.example/dr/%d8%af%DA%A9%D8%AA%D8%B1/?a=1%20x&b=2"
    )
    for url in ["https://a.example/dr/x/?a=1%20x&b=2", "https://a.example/dr/دکتر/?a=1%20x", "http://a.example/"] {
      #expect(await fetcher.failure(of: Request(url: url))?.reason == .connect)
    }
  }

  @Test func `form fields choose the exchange`() async throws {
    let fetcher = try SampleFetcher([
      recorded(.post, "https://a.example/f", .form(["id": "1", "نام": "ی"]), "one"),
      recorded(.post, "https://a.example/f", .form(["id": "2"]), "two"),
      recorded(.post, "https://a.example/f", .bytes([1, 2]), "bytes"),
    ])
    func post(_ body: String) -> Request {
      Request(method: .post, url: "https://a.example/f", body: Array(body.utf8))
    }
    #expect(try await fetcher.exchange(post("x=9&id=2")).text == "two")
    #expect(try await fetcher.exchange(post("%D9%86%D8%A7%D9%85=%DB%8C&id=1")).text == "one")
    #expect(try await fetcher.exchange(post("\u{1}\u{2}")).text == "bytes")
    let failure = await fetcher.failure(of: post("id=3"))
    #expect(failure == FetchFailure(.connect, "no recorded answer for POST https://a.example/f"))
  }

  @Test func `a recorded body keeps to the request's limit`() async throws {
    let fetcher = try SampleFetcher([recorded(.get, "https://a.example/", nil, "123")])
    #expect(await fetcher.failure(of: Request(url: "https://a.example/", maxBody: 2))?.reason == .tooLarge)
  }
}
