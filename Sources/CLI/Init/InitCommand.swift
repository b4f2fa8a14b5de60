import Engine
import Fetchers
import Glibc
import Language
import PluginHost
import SiteSpecs
import Synchronization

/// A first spec for a page or an API: what repeats there, and how to read it.
struct InitCommand: Command {
  static let name = "init"
  static let summary = "write a first spec for a page or an API: what repeats there, with candidate selectors"
  static let synopsis = "LINK|FILE"
  static let discussion = """
    Looks for what repeats on the page (elements alike, lists of objects in JSON, also in a page's scripts), proposes key,
    fields, types and bounds, and proves the spec on that page. LINK is fetched once; FILE is a saved page, whose address
    --link names. Prints the spec, or writes it with -o; a file that is there is never overwritten.

    EXAMPLES
      slothunter init https://clinic.example/slots -o sites/clinic.yaml
      slothunter init page.html --link https://clinic.example/slots --as clinic
    """
  static let flags = [
    Flag("--as", "NAME", "the site's id (default: from the address, or the file that is written)"),
    Flag("-o", "FILE", "write the spec there; its stem is the site's id"),
    Flag("--link", "URL", "where FILE was fetched from"), CommonFlags.origin, CommonFlags.config,
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.positionals.count == 1, let target = arguments.positionals.first else {
      throw CommandFailure(.usage, "one LINK or FILE is needed")
    }
    if let file = arguments["-o"], Files.exists(file) {
      throw taken(file)
    }
    let page = try await page(target, arguments, terminal)
    let look = try PageLook(page, link: target.contains("://") ? target : arguments["--link"])
    let id = try id(arguments, look.url)
    guard let spec = look.spec(id: id) else {
      throw CommandFailure(
        .negative, "nothing repeats on that page, so there is nothing to watch for",
        help: "is it drawn by scripts? look for the JSON that it loads (the browser's network tab), and init that")
    }
    let proven = try await FirstSpecProof(page: page).prove(spec)
    if let file = arguments["-o"] {
      try write(proven.text, to: file)
    } else {
      terminal.out(proven.text)
    }
    let where_ = arguments["-o"] ?? "sites/\(id).yaml"
    terminal.err(
      "\(proven.items) items on this page; next: slothunter check \(where_); slothunter try \(where_) --trace")
    return .success
  }

  private static func taken(_ file: String) -> CommandFailure {
    CommandFailure(.negative, "\(file) is there already, and stays as it is", help: "name another with -o")
  }

  private static func write(_ text: String, to file: String) throws(CommandFailure) {
    // Not over a file that came meanwhile.
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw errno == EEXIST ? taken(file) : CommandFailure(.noInput, "\(file): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
    try Files.write(text, to: file)
  }

  private static func id(_ arguments: Arguments, _ url: String) throws(CommandFailure) -> String {
    let file = arguments["-o"]
    let stem = file.map { $0.split(separator: "/").last.map { String($0.prefix { $0 != "." }) } ?? $0 }
    if let stem, let name = arguments["--as"], stem != name {
      throw CommandFailure(
        .usage, "-o \(file ?? "") and --as \(name) name two sites", help: "a file's stem is the site's id")
    }
    let given = stem ?? arguments["--as"] ?? host(of: url)
    let first = given.utf8.first.map { isWord($0) } ?? false
    guard first, given.utf8.count <= 64,
      given.utf8.allSatisfy({ isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
    else {
      throw CommandFailure(
        .usage, "'\(given)' can be no site's id", help: "small letters, digits, '_' and '-': --as clinic")
    }
    return given
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// `clinic` of `https://www.clinic.example/slots`.
  private static func host(of url: String) -> String {
    let host = url.split(separator: "/").dropFirst().first.map(String.init) ?? "site"
    let parts = host.prefix { $0 != ":" }.lowercased().split(separator: ".").map(String.init)
    let named = parts.first == "www" || parts.first == "api" ? Array(parts.dropFirst()) : parts
    return named.first ?? "site"
  }

  private static func page(_ target: String, _ arguments: Arguments, _ terminal: Terminal) async throws -> Response {
    guard target.contains("://") else {
      let link = arguments["--link"] ?? ""
      return Response(status: 200, body: try Files.read(target), url: link)
    }
    terminal.progress("reading \(target) …")
    defer { terminal.clearProgress() }
    let workspace = try? Workspace.sites(arguments)
    let fetcher = try Network.fetcher(arguments, workspace?.configuration)
    let answer = try await OneAnswer.fetch(target, fetcher, userAgent: workspace?.configuration?.userAgent)
    guard (200..<300).contains(answer.status) else {
      throw CommandFailure(.negative, "\(target) answers \(answer.status)")
    }
    return answer
  }
}

/// Fetches one page as a run would: politely, redirects followed.
enum OneAnswer {
  static func fetch(_ link: String, _ fetcher: any Fetcher, userAgent: String?) async throws -> Response {
    // A spec of one request, so that all of a run's rules hold for it.
    let text = """
      site: page
      title: page
      timezone: UTC
      steps: [ { step: page, get: \(FirstSpec.quoted(FirstSpec.literal(link))), document: text, fields: { text: { pattern: "^." } } } ]
      items: { key: [text], expect: { count: 0..1 } }
      alert: { title: { en: page }, line: { en: page } }
      """
    let (spec, problems) = SpecReader(catalog: Builtins.catalog).readSite(file: "page.yaml", text: text)
    guard let spec else {
      throw CommandFailure(.usage, "'\(link)' can't be fetched: \(problems.first?.message ?? "no URL")")
    }
    let seen = Mutex<Response?>(nil)
    let time = SystemTime()
    let runner = WatchRunner(
      catalog: Builtins.catalog,
      sender: RequestSender(fetcher: fetcher, governor: OriginGovernor(time: time), time: time), time: time,
      userAgent: userAgent ?? Configuration.defaultUserAgent,
      witness: { answer in seen.withLock { $0 = answer.response } })
    let result = await runner.run(
      Watch(spec: spec, params: [:], every: .seconds(60), subscriptions: []), now: time.now())
    if let response = seen.withLock({ $0 }) { return response }
    let trace = result.trace.last
    throw CommandFailure(.negative, "\(link): \(trace?.detail ?? trace?.failure?.rawValue ?? "no answer")")
  }
}

/// What there is on a page, as HTML or as JSON.
struct PageLook {
  let url: String
  private let title: String
  private let candidates: [FirstSpec.Rows]

  init(_ page: Response, link: String?) throws(CommandFailure) {
    if let json = try? JSON(parsing: page.body) {
      url = link ?? "https://example.com/change-me"
      title = ""
      candidates = DocumentRows(json: json).candidates
      return
    }
    let document: DocumentNode
    do throws(ExtractError) {
      guard let reader = Builtins.catalog.reader(.html) else { throw ExtractError(.malformed, "no HTML reader") }
      document = try reader.read(page.body, contentType: page.header("Content-Type"))
    } catch {
      throw CommandFailure(.negative, "neither JSON nor HTML: \(error.message)")
    }
    guard let rows = PageRows(document) else { throw CommandFailure(.negative, "the page holds no element") }
    url = link ?? rows.address.flatMap { $0.hasPrefix("http") ? $0 : nil } ?? "https://example.com/change-me"
    title = rows.title ?? ""
    var found = rows.candidates
    for script in rows.scripts {
      let document = "{ xpath: \(FirstSpec.quoted(script.selector)), as: json }"
      found += DocumentRows(json: script.json, document: document).candidates
    }
    candidates = found.sorted { $0.score > $1.score }
  }

  func spec(id: String) -> FirstSpec? {
    guard let best = candidates.first else { return nil }
    return FirstSpec(
      id: id, title: title.isEmpty ? id : String(title.prefix(80)), url: url, rows: best,
      others: Array(candidates.dropFirst()))
  }
}
