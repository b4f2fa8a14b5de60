import Language
import Testing

struct GlobTests {
  static let forbidden = [
    "/booking/v2/getFreeTurn", "/booking/v2/getFreeTurn/", "/booking/v2/GETFREETURN", "/booking/v2/get%46reeTurn",
    "/getFreeTurn", "getFreeTurn", "/booking/v2/getFreeTurn?x=1", "/booking/v2/getFreeTurn#x",
    "/booking/v2/get%2546reeTurn", "/booking/v2/get%252546reeTurn", "/booking/v2/getFreeTurn;jsessionid=1",
    "/booking/v2//getFreeTurn", "//getFreeTurn//", "/booking/./v2/./getFreeTurn/.", "/a/../getFreeTurn",
    "/booking/v2/getFreeTurn/x/..", "/booking/v2/getFreeTurn/%2e%2e/getFreeTurn", "/a/..;/getFreeTurn",
    "/booking/v2%2FgetFreeTurn", "/booking/v2%252fgetFreeTurn", "/booking\\v2\\getFreeTurn", "/v2%5cgetFreeTurn",
    "/booking/v2/getFreeTurn%20", "/booking/v2/getFreeTurn%00.json", "/booking/v2/%09getFreeTurn",
    "/v2%c0%afgetFreeTurn",
    "/booking/v2/getFreeTurn%3Bx=1", "/booking/v2/getFreeTurn%2F", "/%67%65%74%46%72%65%65%54%75%72%6e",
    "/v2;a=b/getFreeTurn;c", "/./getFreeTurn%2e/../getFreeTurn",
  ]

  @Test(arguments: forbidden)
  func `an endpoint that does harm is recognized however it is written`(path: String) throws {
    #expect(try Glob("**/getFreeTurn").matches(path: path))
  }

  static let allowed = [
    "/booking/v2/getFreeTurns", "/booking/v2/getFreeDays", "/", "", "/booking/v2/xgetFreeTurn", "/getFreeTurn/x",
    "/booking/v2/getFreeTurn/../getFreeDays/", "/dr/نمونه", "/a?b=/getFreeTurn", "/getFreeTurn%zz", "/get/FreeTurn",
  ]

  @Test(arguments: allowed)
  func `other endpoints are left alone`(path: String) throws {
    // The dots of the third may also be read literally; they do not end in the endpoint either way.
    #expect(try !Glob("**/getFreeTurn").matches(path: path))
  }

  @Test(arguments: [
    ("/api/*/book", "/api/v2/book", true), ("/api/*/book", "/api/v2/x/book", false),
    ("/api/*/book", "/api/book", false),
    ("/api/**", "/api", true), ("/api/**", "/api/a/b", true), ("/api/**", "/apix", false),
    ("/a/**/z", "/a/z", true), ("/a/**/z", "/a/b/c/z", true), ("/a/**/z", "/a/b/c", false),
    ("**/get*Turn", "/v2/getFreeTurn", true), ("**/get*Turn", "/v2/getTurn", true), ("**/get*Turn", "/get/Turn", false),
    ("/book", "/v2/book", false), ("/book", "/book", true), ("**/رزرو", "/%D8%B1%D8%B2%D8%B1%D9%88", true),
    ("**/%D8%B1%D8%B2%D8%B1%D9%88", "/رزرو", true), ("**/www/*/book", "/x/www/api/Book/", true),
    ("/v2/book", "/v2/x/../book", true), ("**/book/*", "/book/5", true), ("**/book/*", "/book", false),
    ("**/K", "/\u{212A}", true), ("**/suspend", "/\u{17F}uspend", true),
  ])
  func `stars and double stars`(glob: String, path: String, expected: Bool) throws {
    #expect(try Glob(glob).matches(path: path) == expected)
  }

  @Test(arguments: [
    ("/v2/§", true, false), ("/v2/getFree§", true, false), ("/v2/get§Turn", true, false),
    ("/v2/§/getFreeTurn", true, true),
    ("/v2/getFreeTurn§", true, false), ("/v2/getFreeTurns§", false, false), ("/v2/getFreeDays", false, false),
    ("/§/§", true, false), ("/dr/§/", true, false), ("/v2/getFreeTurn", true, true), ("/v2/§x", false, false),
  ])
  func `a path with holes`(path: String, could: Bool, must: Bool) throws {
    let glob = try Glob("**/getFreeTurn")
    #expect(glob.couldMatch(pathWithHoles: path, hole: "§") == could)
    #expect(glob.mustMatch(pathWithHoles: path, hole: "§") == must)
  }

  @Test func `a star takes a hole for certain`() throws {
    #expect(try Glob("/api/*/book").mustMatch(pathWithHoles: "/api/§/book", hole: "§"))
    #expect(try Glob("**/x*").mustMatch(pathWithHoles: "/a/x§", hole: "§"))
  }

  @Test(arguments: [
    ("", 0), ("getFreeTurn", 0), ("https://a.example/b", 0), ("**/a**", 4), ("/a?b", 2), ("**", 0), ("**/**", 0),
    ("/a/../b", 3), ("**/b#c", 4),
  ])
  func `a glob that would guard nothing is refused`(source: String, offset: Int) {
    #expect(performing: { try Glob(source) }, throws: { ($0 as? SyntaxError)?.offset == offset })
  }

  @Test func `a glob without a start suggests one`() {
    #expect(performing: { try Glob("book") }, throws: { ($0 as? SyntaxError)?.help == "did you mean '**/book'?" })
  }

  @Test func `long hostile paths and globs take no time to speak of`() throws {
    let glob = try Glob("/" + String(repeating: "**/*a*a*/", count: 20) + "b")
    #expect(!glob.matches(path: String(repeating: "/aaaaaaab", count: 200)))
    #expect(
      try !Glob("/" + String(repeating: "*a", count: 50) + "b").matches(path: "/" + String(repeating: "a", count: 4000))
    )
  }
}
