import Language
import LoopbackServer
import TestSupport
import Testing

/// `slothunter try`, from outside, on recordings.
struct TryTests {
  @Test func `with --json each line is JSON, items first and the verdict last`() async throws {
    let result = try await slothunter("try", "paziresh24", "--from", "samples/paziresh24/with-slots", "--json")
    #expect(result.status == 0, "\(result)")
    let report = try TryOutput(result)
    #expect(report.verdict == "items")
    #expect(report.items.count == report.count && report.count > 0)
    #expect(report.items.allSatisfy { $0["start"] != nil && $0["service_id"] != nil })
    #expect(report.texts("start").contains("2026-10-06T15:00:00+03:30"))
  }

  @Test func `for people it names the steps, the branches with their verdicts, and the items in Persian`() async throws
  {
    let result = try await slothunter("try", "paziresh24", "--from", "samples/paziresh24/with-slots")
    #expect(result.status == 0)
    for part in [
      "paziresh24/دکتر-نمونه-رضایی-فر", "REQUESTS", "BRANCHES", "ITEMS", "services", "days", "رضایی‌فر",
      "https://apigw.paziresh24.com/booking/v2/getFreeDays", "verdict: items, ",
    ] { #expect(result.out.contains(part), "\(part)") }
    #expect(!result.out.contains("\u{1B}["))
    #expect(result.err.isEmpty)
  }

  @Test(arguments: [("declared-empty", "empty", 0), ("degraded", "unreadable", 1), ("challenge-page", "blocked", 1)])
  func `the exit code says whether the verdict is good`(name: String, verdict: String, status: Int) async throws {
    let result = try await slothunter("try", "paziresh24", "--from", "samples/paziresh24/\(name)", "--json")
    #expect(Int(result.status) == status)
    let report = try TryOutput(result)
    #expect(report.verdict == verdict && report.items.isEmpty && report.count == 0)
  }

  @Test func `a link, a watch and a spec's file mean the same as a site with parameters`() async throws {
    let slug = "دکتر-نمونه-رضایی-فر"
    let encoded = slug.utf8.map { "%" + String($0, radix: 16, uppercase: true) }.joined()
    for target in [
      "https://www.paziresh24.com/dr/\(slug)/", "https://www.paziresh24.com/dr/\(encoded)/", "paziresh24/\(slug)",
      "sites/paziresh24.yaml", "paziresh24",
    ] {
      let result = try await slothunter("try", target, "--from", "samples/paziresh24/with-slots", "--json")
      #expect(result.status == 0, "\(target): \(result)")
    }
  }

  @Test func `a parameter that is missing or unknown is a mistake with a hint`() async throws {
    let missing = try await slothunter("try", "paziresh24")
    #expect(missing.status == 64)
    #expect(missing.err.contains("'slug'") && missing.err.contains("--param slug=…"))
    let unknown = try await slothunter("try", "paziresh24", "--param", "slgu=x")
    #expect(unknown.status == 64)
    #expect(unknown.err.contains("did you mean 'slug'?"))
  }

  @Test func `a site that is not there gets a suggestion`() async throws {
    let result = try await slothunter("try", "pazirsh24", "--param", "slug=x")
    #expect(result.status == 66)
    #expect(result.err.contains("did you mean 'paziresh24'?"))
    let link = try await slothunter("try", "https://www.elsewhere.example/dr/x/")
    #expect(link.status == 2)
    #expect(link.err.contains("https://www.paziresh24.com/dr/{slug}/"))
  }

  @Test(arguments: ["tomorrow", "", "2026-13-40", "2026-10-06T99:00", "۱۴۰۵/۱/۱"])
  func `a time that is none is a mistake`(now: String) async throws {
    let result = try await slothunter("try", "paziresh24", "--from", "samples/paziresh24/with-slots", "--now", now)
    #expect(result.status == 64, "\(result)")
    #expect(result.err.contains("2026-10-06T09:00:00+03:30"))
  }

  @Test func `--now decides what has passed`() async throws {
    let from = "samples/paziresh24/with-slots"
    let late = try await slothunter("try", "paziresh24", "--from", from, "--now", "2027-01-01T00:00:00+03:30", "--json")
    #expect(try TryOutput(late).items.isEmpty)
  }

  @Test(arguments: ["x", "https://a.example", "https://a.example=", "https://a.example/p=http://127.0.0.1:1"])
  func `an origin that is none is a mistake`(origin: String) async throws {
    let result = try await slothunter("try", "paziresh24", "--param", "slug=x", "--origin", origin)
    #expect(result.status == 64)
  }

  @Test func `an origin where nobody answers is failed, and nothing else is asked`() async throws {
    let dead = try FaultServer.refusingOrigin()
    let result = try await slothunter(
      "try", "paziresh24", "--param", "slug=x", "--origin", "https://www.paziresh24.com=\(dead)", "--json")
    #expect(result.status == 1)
    #expect(try TryOutput(result).verdict == "failed")
  }

  @Test func `a spec with mistakes prints them and runs nothing`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(CheckTests.good.replacing("as: instant", with: "as: instnat"), to: "shop.yaml")
    let result = try await slothunter("try", "shop.yaml", folder: folder.path)
    #expect([2, 66].contains(result.status), "\(result)")
    #expect(result.err.contains("shop.yaml") || result.err.contains("slothunter.yaml"))
  }
}

/// What `try --json` printed.
struct TryOutput {
  var items: [JSONObject] = []
  var verdict = ""
  var count = -1
  var branches = JSONObject()

  init(_ result: ProgramResult) throws {
    let objects = try result.lines.map { line in
      guard case .object(let object) = try JSON(parsing: Array(line.utf8)) else {
        throw SpawnProblem(description: line)
      }
      return object
    }
    guard let last = objects.last else { throw SpawnProblem(description: "\(result)") }
    items = objects.dropLast()
    if case .string(let text)? = last["verdict"] { verdict = text }
    if case .integer(let number)? = last["items"] { count = Int(number) }
    if case .object(let object)? = last["branches"] { branches = object }
  }

  func texts(_ field: String) -> [String] {
    items.compactMap { if case .string(let text)? = $0[field] { text } else { nil } }
  }
}
