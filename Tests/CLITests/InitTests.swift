import Language
import LoopbackServer
import TestSupport
import Testing

/// `slothunter init`, from outside: the spec that it writes passes `check` and reads the page that it was made from.
struct InitTests {
  /// An invented page and what of it must be found.
  struct Page: CustomTestStringConvertible, Sendable {
    var name: String
    var file: String
    var body: String
    var items: Int
    /// Fields by name, with the value of the first item.
    var first: [String: String]
    var key: [String]
    var testDescription: String { name }
  }

  static let library = """
    <!DOCTYPE html><html><head><meta charset="utf-8"><title>Invented Library</title></head>
    <body><nav><ul><li class="nav-item"><a href="/">Home</a></li><li class="nav-item"><a href="/a">A</a></li>
    <li class="nav-item"><a href="/b">B</a></li><li class="nav-item"><a href="/c">C</a></li></ul></nav>
    <main><h1>New</h1><section id="books">
    <article class="book css-1x9k2z" data-id="b1"><h2 class="title"><a href="/book/1">One &amp; all</a></h2>
    <span class="price">12 €</span><time datetime="2026-03-01">1 March</time></article>
    <article class="book css-1x9k2z sold" data-id="b2"><h2 class="title"><a href="/book/2">Two</a></h2>
    <span class="price">8 €</span><time datetime="2026-03-02">2 March</time></article>
    <article class="book css-1x9k2z" data-id="b3"><h2 class="title"><a href="/book/3">Three {x}</a></h2>
    <span class="price">9 €</span><time datetime="2026-03-05">5 March</time></article></section></main></body></html>
    """

  static let table = """
    <html><head><title>Timetable</title></head><body><table class="timetable"><tr><th>Time</th><th>Doctor</th><th>Room</th></tr>
    <tr><td>09:00</td><td>دکتر نمونه</td><td>12</td></tr><tr><td>09:30</td><td>دکتر دیگر</td><td>14</td></tr>
    <tr><td>10:00</td><td>دکتر نمونه</td><td>12</td></tr></table></body></html>
    """

  static let links = """
    <html><body><div id="menu"><a href="/x">x</a></div><ul id="jobs">
    <li><a href="/job?id=7&amp;l=fa">Nurse</a></li><li><a href="/job?id=8">Porter</a></li><li><a href="/job?id=9">Porter</a></li></ul></body></html>
    """

  static let persian = """
    <!DOCTYPE html><html lang="fa"><head><meta charset="utf-8"><title>نوبت‌های آزاد</title></head><body>
    <div class="slots-list"><div class="slot-card"><span class="slot-date">۱۴۰۵/۰۷/۱۴</span><span class="slot-price">۱۲۰٬۰۰۰ تومان</span></div>
    <div class="slot-card"><span class="slot-date">۱۴۰۵/۰۷/۱۵</span><span class="slot-price">۱۲۰٬۰۰۰ تومان</span></div>
    <div class="slot-card"><span class="slot-date">۱۴۰۵/۰۷/۱۶</span><span class="slot-price">۹۰٬۰۰۰ تومان</span></div></div></body></html>
    """

  static let api = """
    {"ok":true,"data":{"total":3,"items":[
    {"id":11,"name":"Flu shot","startsAt":1767225600,"price":{"amount":120000},"url":"https://a.example/11"},
    {"id":12,"name":"X","startsAt":1767229200,"price":{"amount":120000},"url":"https://a.example/12"},
    {"id":13,"name":"Flu shot","startsAt":1767232800,"price":{"amount":90000},"url":"https://a.example/13"}]}}
    """

  static let keyed = #"{"days":{"2026-10-06":{"free":3},"2026-10-07":{"free":0},"2026-10-08":{"free":1}}}"#

  static let pages = [
    Page(
      name: "articles with ids, prices and times", file: "a.html", body: library, items: 3,
      first: [
        "id": "b1", "title": "One & all", "link": "https://invented.example/book/1", "price": "12 €",
        "time": "2026-03-01",
      ], key: ["id"]),
    Page(
      name: "a table whose heads name its columns", file: "t.html", body: table, items: 3,
      first: ["time": "09:00", "doctor": "دکتر نمونه", "room": "12"], key: ["time"]),
    Page(
      name: "a plain list of links", file: "l.html", body: links, items: 3,
      first: ["title": "Nurse", "link": "https://invented.example/job?id=7&l=fa"], key: ["link"]),
    Page(
      name: "Persian cards with Jalali days and prices", file: "p.html", body: persian, items: 3,
      first: ["slot_date": "2026-10-06"], key: ["slot_date"]),
    Page(
      name: "an API's list of objects", file: "j.json", body: api, items: 3,
      first: [
        "id": "11", "name": "Flu shot", "starts_at": "2026-01-01T00:00:00Z", "price_amount": "120000",
        "url": "https://a.example/11",
      ],
      key: ["id"]),
    Page(
      name: "an object whose members are days", file: "k.json", body: keyed, items: 3,
      first: ["entry": "2026-10-06", "value_free": "3"], key: ["entry"]),
  ]

  @Test(arguments: pages) func `an invented page's first spec is valid and reads it`(page: Page) async throws {
    let folder = try TemporaryFolder()
    try folder.write(page.body, to: page.file)
    let (spec, items) = try await proven(folder, page.file)
    #expect(items.count == page.items, "\(spec)")
    let first = try #require(items.first)
    for (name, value) in page.first {
      let text = first.text("$.\(name)")
      #expect(text == value || text == value.replacing("Z", with: "+00:00"), "\(name): \(first.text)\n\(spec)")
    }
    #expect(spec.contains("key: [\(page.key.joined(separator: ", "))]"), "\(spec)")
    #expect(spec.contains("expect: { count: 0..") && !spec.contains("css-1x9k2z"))
  }

  @Test(arguments: [
    ("paziresh24/with-slots", "01-services.response.html", 5), ("paziresh24/with-slots", "02-days.response.json", 2),
    ("doctuo/with-slots", "01-services.response.json", 2), ("doctuo/with-slots", "02-slots.response.json", 6),
    ("doctuo/demo-1-open", "02-slots.response.json", 2),
  ]) func `a page of our samples gives a valid spec with its items`(sample: String, file: String, least: Int)
    async throws
  {
    let folder = try TemporaryFolder()
    try folder.write(bytes(of: packageRoot + "/samples/\(sample)/exchanges/\(file)"), to: file)
    let (spec, items) = try await proven(folder, file)
    #expect(items.count >= least, "\(spec)")
  }

  /// Makes the spec, checks it, and tries it on the page as a recording.
  private func proven(_ folder: TemporaryFolder, _ file: String) async throws -> (spec: String, items: [JSON]) {
    let url = "https://invented.example/page"
    let made = try await slothunter("init", file, "--link", url, "-o", "invented.yaml", folder: folder.path)
    #expect(made.status == 0, "\(made)")
    let check = try await slothunter("check", "invented.yaml", folder: folder.path)
    // What a person has to decide is told: columns that are counted, and what a site that books must never be asked.
    let told = Set(check.out.matches(of: #/: warning: .* \[([a-z-]+)\]/#).map { String($0.1) })
    #expect(check.status == 0 && told.isSubset(of: ["positional-xpath", "no-never"]), "\(check)")
    try folder.write("url: \(url)\n", to: "case/exchanges/01-list.request.yaml")
    let name = "case/exchanges/01-list.response." + (file.split(separator: ".").last ?? "")
    try folder.write(bytes(of: folder.path + "/" + file), to: name)
    try folder.write(text(of: folder.path + "/invented.yaml"), to: "sites/invented.yaml")
    let tried = try await slothunter("try", "invented", "--from", "case", "--json", folder: folder.path)
    #expect(tried.status == 0, "\(tried)")
    let items = try TryOutput(tried).items.map { JSON.object($0) }
    #expect(made.err.contains("\(items.count) items on this page"), "\(made)")
    return (try text(of: folder.path + "/invented.yaml"), items)
  }

  @Test func `a link is fetched once, and its host names the site`() async throws {
    let server = try RecordingServer()
    server.on("GET", "/api/list", .json(InitTests.api))
    let result = try await slothunter(
      "init", "https://www.invented.example/api/list", "--origin", "https://www.invented.example=\(server.origin)")
    #expect(result.status == 0, "\(result)")
    #expect(
      result.out.contains("site: invented\n") && result.out.contains("get: \"https://www.invented.example/api/list\""))
    #expect(server.requests.count == 1)
  }

  @Test func `a file that is there stays as it is`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(InitTests.api, to: "a.json")
    try folder.write("mine", to: "shop.yaml")
    let result = try await slothunter("init", "a.json", "-o", "shop.yaml", folder: folder.path)
    #expect(result.status == 1 && result.err.contains("stays as it is"))
    #expect(try text(of: folder.path + "/shop.yaml") == "mine")
  }

  @Test func `a page on which nothing repeats says what to look for instead`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("<html><body><div id=app></div><script src=a.js></script></body></html>", to: "a.html")
    let result = try await slothunter("init", "a.html", folder: folder.path)
    #expect(result.status == 1 && result.err.contains("JSON that it loads"), "\(result)")
    let wrong = try await slothunter("init", "a.html", "-o", "x.yaml", "--as", "y", folder: folder.path)
    #expect(wrong.status == 64)
  }
}
