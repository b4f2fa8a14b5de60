import Diagnostics
import Language
import PluginHost
import Testing

@testable import SiteSpecs

/// When watches run and what origins are spared, as files say it.
struct ScheduleReadingTests {
  private func load(_ watch: String) -> ConfigurationLoader.Result {
    var files = Examples.files
    files["slothunter.yaml"] = Examples.configuration.replacing("    every: 60s\n", with: watch)
    return loader(files).load("slothunter.yaml")
  }

  private func rule(_ watch: String) throws -> WatchRule {
    let result = load(watch)
    return try #require(result.configuration?.watches.first, "\(rendered(result.diagnostics))")
  }

  private func limits(_ text: String) -> (Limits?, String) {
    var files = Examples.files
    files["sites/paziresh24.yaml"] = Examples.site.replacing("  rate: 1/s\n", with: text)
    let result = loader(files).load("slothunter.yaml")
    return (result.configuration?.sites.first?.limits, rendered(result.diagnostics))
  }

  @Test func `an interval alone is nothing of the calendar`() throws {
    let rule = try rule("    every: 90s\n")
    #expect(rule.every == .seconds(90) && rule.timing == .plain && !rule.timing.isCalendar)
  }

  @Test func `cron lines, hours, zone, jitter and priority`() throws {
    let rule = try rule(
      """
          cron: ["*/10 7-22 * * sat-wed", "0 9 * * fri"]
          within: [sat-wed 07:00-23:00, fri]
          jitter: 20%
          priority: high

      """)
    #expect(rule.every == .seconds(600))
    #expect(rule.timing.cron.map(\.source) == ["*/10 7-22 * * sat-wed", "0 9 * * fri"])
    #expect(rule.timing.within.count == 2 && rule.timing.jitter == 0.2 && rule.timing.priority == .high)
    #expect(rule.timing.zone.identifier == "Asia/Tehran")
    #expect(
      try self.rule("    cron: 0 9 * * *\n    timezone: Europe/Berlin\n").timing.zone.identifier == "Europe/Berlin")
  }

  @Test(arguments: [
    ("    every: 60s\n    cron: 0 9 * * *\n", "'every' and 'cron' can't both say when this runs"),
    ("    cron: 0 3 * * *\n    within: 07:00-23:00\n", "no time of 'cron' lies in 'within'"),
    ("    corn: 0 9 * * *\n", "did you mean 'cron'?"),
    ("    cron: 0 9 * * sta\n", "did you mean 'sat'?"),
    ("    cron: 0 24 * * *\n", "the hour 24 is not in 0-23"),
    ("    within: sat-wde 07:00-23:00\n", "did you mean 'wed'?"),
    ("    within: 7-23\n", "no weekday"),
    ("    jitter: 0.2\n", "a percentage from 0% to 100%"),
    ("    priority: hihg\n", "did you mean 'high'?"),
  ])
  func `a mistake is refused with what to write instead`(_ watch: String, _ text: String) {
    let result = load(watch)
    #expect(
      result.configuration == nil && rendered(result.diagnostics).contains(text), "\(rendered(result.diagnostics))")
  }

  @Test func `a cron line is held to the site's minimum`() {
    var files = Examples.files
    files["slothunter.yaml"] = Examples.configuration.replacing("    every: 60s\n", with: "    cron: '* * * * *'\n")
    files["sites/paziresh24.yaml"] = Examples.site.replacing("min_interval: 60s", with: "min_interval: 5m")
    let text = rendered(loader(files).load("slothunter.yaml").diagnostics)
    #expect(text.contains("'* * * * *' runs each 60s, which is below the minimum of 5m for paziresh24"), "\(text)")
    #expect(text.contains("the minimum is set at sites/paziresh24.yaml"))
  }

  @Test func `rate, burst, gap and robots`() {
    let (limits, text) = limits("  rate: 10/s\n  burst: 3\n  gap: 50ms\n  robots: obey\n")
    #expect(limits?.gap == .milliseconds(100) && limits?.pause == .milliseconds(50), "\(text)")
    #expect(limits?.rate == RateLimit(count: 10, per: .seconds(1)) && limits?.burst == 3)
    #expect(limits?.obeysRobots == true)
    #expect(self.limits("  gap: 3s\n").0?.gap == .seconds(3))
    #expect(self.limits("  rate: 1/s\n").0?.obeysRobots == false)
  }

  @Test(arguments: [
    ("  rate: 1/s\n  burst: 3\n", "a burst of 3 is above the rate of 1"), ("  burst: 3\n", "'burst' needs a 'rate'"),
    ("  robots: obay\n", "did you mean 'obey'?"), ("  gap: 2h\n", "above the limit of 1h"),
  ])
  func `limits that can't be meant are refused`(_ lines: String, _ text: String) {
    let (_, found) = limits(lines)
    #expect(found.contains(text), "\(found)")
  }

  /// More than a spec may be long; element by element, so with places and paths as ever.
  @Test func `a configuration of thousands of watches is read, its mistakes at their places`() throws {
    let head = Examples.configuration.prefix(
      upTo: try #require(Examples.configuration.firstRange(of: "watches:")).lowerBound)
    func file(_ count: Int, _ last: String) -> String {
      var text = head + "watches:\n"
      for number in 0..<count {
        text +=
          "  - { site: paziresh24, params: { slug: dr-\(number) }, every: 90s } # \(String(repeating: "x", count: 40))\n"
      }
      return text + last
    }
    var files = Examples.files
    files["slothunter.yaml"] = file(12_000, "")
    #expect(files["slothunter.yaml"]?.utf8.count ?? 0 > 1 << 20)
    let result = loader(files).load("slothunter.yaml")
    #expect(result.configuration?.watches.count == 12_000, "\(rendered(result.diagnostics).prefix(500))")
    #expect(result.configuration?.watches.last?.params == ["slug": "dr-11999"])
    files["slothunter.yaml"] = file(
      3, "  - { site: paziresh24, parms: { slug: x } }\n  - { site: paziresh24, params: { slug: dr-1 } }\n")
    let text = rendered(loader(files).load("slothunter.yaml").diagnostics)
    #expect(text.contains("^ watches[3].parms") && text.contains("did you mean 'params'?"), "\(text)")
    #expect(text.contains("this watch is here twice") && text.contains("^ watches[4]"), "\(text)")
  }

  @Test func `what is read element by element knows anchors, and tells tags and repeated keys once`() throws {
    let start = try #require(Examples.configuration.firstRange(of: "watches:")).lowerBound
    func load(_ watches: String) -> ConfigurationLoader.Result {
      var files = Examples.files
      files["slothunter.yaml"] = Examples.configuration[..<start] + "watches:\n" + watches
      return loader(files).load("slothunter.yaml")
    }
    let shared = load(
      """
        - &first
          site: paziresh24
          params: { slug: a }
          notify: &people [ { channel: telegram, to: "123456789" } ]
        - { site: paziresh24, params: { slug: b }, notify: *people }

      """)
    #expect(shared.configuration?.watches.map(\.notify.count) == [1, 1], "\(rendered(shared.diagnostics))")
    let wrong = rendered(
      load("  - { site: !x paziresh24, params: { slug: a } }\n  - { site: paziresh24, site: b, params: { slug: b } }\n")
        .diagnostics)
    #expect(wrong.split(separator: "error: the tag '!x' means nothing here").count == 2, "\(wrong)")
    #expect(wrong.split(separator: "the key 'site' is here twice").count == 2, "\(wrong)")
    #expect(wrong.contains("^ watches[0].site") && wrong.contains("^ watches[1].site"), "\(wrong)")
    #expect(rendered(load("  a: b\n").diagnostics).contains("a list of watches"))
  }
}
