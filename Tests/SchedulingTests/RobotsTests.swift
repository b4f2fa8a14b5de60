import Language
import TestSupport
import Testing

@testable import Scheduling

struct RobotsTests {
  private func allows(_ file: String, _ target: String, as product: String = "SlotHunter") -> Bool {
    RobotsRules(Array(file.utf8), for: product).allows(target)
  }

  private func vectors(_ name: String) throws -> [JSONObject] {
    let path = try #require(shared("suites/robotstxt/\(name)_vectors.json"))
    guard case .array(let all) = try JSON(parsing: bytes(of: path)) else { return [] }
    return all.compactMap { if case .object(let vector) = $0 { vector } else { nil } }
  }

  private func text(_ value: JSON?) -> String { if case .string(let text)? = value { text } else { "" } }

  /// Path and query, as the sender gives them.
  private func target(_ url: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return url }
    let rest = url[scheme.upperBound...]
    guard let slash = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == ";" }) else { return "/" }
    return rest[slash] == "/" ? String(rest[slash...]) : "/" + rest[slash...]
  }

  /// Left out: tests of what Google's parser does beyond the RFC (`GoogleOnly_`), those that ask for no robot or no
  /// address at all, and two whose address is not percent-encoded, as ours always are.
  @Test(.enabled(if: shared("suites/robotstxt") != nil, "needs ../shared/suites/robotstxt"))
  func `every vector of Google's parser that is about the RFC`() throws {
    let all = try vectors("google")
    #expect(all.count == 130)
    var judged = 0
    for vector in all {
      let (test, agent, url) = (text(vector["test"]), text(vector["user_agent"]), text(vector["url"]))
      guard !test.hasPrefix("GoogleOnly_"), !agent.isEmpty, !url.isEmpty, url.utf8.allSatisfy({ $0 < 0x80 }) else {
        continue
      }
      judged += 1
      let found = allows(text(vector["robots"]), target(url), as: agent)
      #expect(JSON.bool(found) == vector["allowed"], "\(test): \(agent) \(url)\n\(text(vector["robots"]))")
    }
    #expect(judged == 70)
  }

  @Test func `the longest rule holds, Allow where two are as long, whatever their order`() {
    let file = "User-agent: *\nDisallow: /\nAllow: /dr/\nDisallow: /dr/private\nAllow: /dr/privat*\n"
    #expect(!allows(file, "/"))
    #expect(allows(file, "/dr/x"))
    #expect(allows(file, "/dr/private/1"))
    #expect(allows(file, "/robots.txt"))
    #expect(allows("User-agent: *\nDisallow:\n", "/x"))
  }

  @Test func `a star is anything, a dollar the end`() {
    let file = "User-agent: *\nDisallow: /*.php$\nDisallow: /a*b*c\nDisallow: /q$\n"
    #expect(!allows(file, "/x/y.php") && allows(file, "/x/y.php?z") && allows(file, "/x.phps"))
    #expect(!allows(file, "/a1b2c3") && allows(file, "/a1c2"))
    #expect(!allows(file, "/q") && allows(file, "/q/"))
  }

  @Test func `groups of our name count together, else those of everybody`() {
    let file = """
      User-agent: other
      Disallow: /
      User-agent: SLOTHUNTER/2.0
      User-agent: another
      Disallow: /a
      User-agent: *
      Disallow: /b
      User-agent: slothunter
      Disallow: /c
      """
    #expect(!allows(file, "/a") && allows(file, "/b") && !allows(file, "/c"))
    #expect(allows(file, "/a", as: "Somebody") && !allows(file, "/b", as: "Somebody"))
    #expect(RobotsRules.product(of: "SlotHunter/0.1 (+https://example.org)") == "SlotHunter")
  }

  @Test func `letters beyond ASCII are compared as they are sent`() {
    let file = "User-agent: *\nDisallow: /دکتر\nDisallow: /%d9%be\n"
    #expect(!allows(file, "/%D8%AF%DA%A9%D8%AA%D8%B1/1"))
    #expect(!allows(file, "/پ"))
    #expect(allows(file, "/x"))
  }

  @Test func `what is no robots file allows everything, and what is too long is not read`() {
    #expect(allows("<!DOCTYPE html><html><body>Disallow: nothing</body></html>", "/x"))
    #expect(allows("", "/x"))
    let late = "User-agent: *\n" + String(repeating: "# comment\n", count: 60_000) + "Disallow: /\n"
    #expect(late.utf8.count > RobotsRules.longest)
    #expect(allows(late, "/x"))
  }

  @Test(.enabled(if: shared("suites/robotstxt") != nil, "needs ../shared/suites/robotstxt"))
  func `eighteen real files are read, and the one that is a page of HTML allows everything`() throws {
    let names = [
      "www.bing.com", "aut.ac.ir", "en.wikipedia.org", "shirazu.ac.ir", "www.amazon.com", "www.google.com",
      "www.bbc.co.uk",
    ]
    for name in names {
      let path = try #require(shared("suites/robotstxt/real/\(name).txt"))
      let rules = RobotsRules(try bytes(of: path), for: "SlotHunter")
      #expect(!rules.rules.isEmpty, "\(name)")
    }
    let page = try #require(shared("suites/robotstxt/real/www.bsi.ir.txt"))
    #expect(RobotsRules(try bytes(of: page), for: "SlotHunter") == .allowAll)
  }

  /// A pattern costs its length times the path's, whatever it is made of.
  @Test func `a pattern of stars is not slow`() {
    let file = "User-agent: *\nDisallow: /" + String(repeating: "*a", count: 2000) + "$\n"
    #expect(allows(file, "/" + String(repeating: "a", count: 1999)))
  }
}
