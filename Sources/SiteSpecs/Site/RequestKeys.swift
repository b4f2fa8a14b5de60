import Diagnostics
import Language
import PluginHost

/// What a request is made of, in a step or in a notifier's `send`.
struct RequestDraft {
  var method: Request.Method?
  var methodKey: Entry?
  var url: Template?
  var query: [(name: String, value: Template)] = []
  var headers: [(name: String, value: Template)] = []
  var body: RequestTemplate.Body = .none
  var bodyKey: Entry?
  var timeout: Duration?
  var cookies: Bool?

  /// nil where the URL is missing or wrong.
  func template(defaults: RequestDefaults = RequestDefaults()) -> RequestTemplate? {
    guard let method, let url else { return nil }
    let own = Set(headers.map { $0.name.lowercased() })
    return RequestTemplate(
      method: method, url: url, query: query,
      headers: defaults.headers.filter { !own.contains($0.name.lowercased()) } + headers, body: body,
      timeout: timeout ?? defaults.timeout, cookies: cookies ?? defaults.cookies)
  }
}

/// Something with a request in it, so that steps and notifiers share these keys.
protocol HoldsRequest: SendableMetatype { var request: RequestDraft { get set } }

extension Key where Target: HoldsRequest {
  /// - Parameters:
  ///   - url: What the method's value is.
  ///   - isAlone: Whether no `request:` says what holds where a key is not given.
  static func requestKeys(url: Reading<Template>, isAlone: Bool = false) -> [Key] {
    methods(url: url) + [
      Key("query", "Added to the URL, encoded.", .pairs) { entry, target, context in
        target.request.query = context.pairs(entry)
      },
      Key("headers", "Headers of the request.", .headers) { entry, target, context in
        target.request.headers = context.headers(entry)
      },
      Key("form", "A form body, encoded.", .pairs) { entry, target, context in
        target.request.set(.form(context.pairs(entry)), entry, context)
      },
      Key("json", "A JSON body.", .json) { entry, target, context in
        if let json = Reading<JSONTemplate>.json(entry, context) { target.request.set(.json(json), entry, context) }
      },
      Key("body", "A body as it is.", .template) { entry, target, context in
        if let text = Reading<Template>.template(entry, context) { target.request.set(.raw(text), entry, context) }
      },
      Key("timeout", "From the start to the last byte, at most 30s.", .someDuration, default: isAlone ? "30s" : nil) {
        entry, target, context in
        target.request.timeout = Reading<Duration>.timeout(entry, context)
      },
      Key("cookies", "Keep cookies between the requests of a watch.", .boolean, default: isAlone ? "false" : nil) {
        entry, target, context in
        target.request.cookies = Reading<Bool>.boolean(entry, context)
      },
    ]
  }

  private static func methods(url: Reading<Template>) -> [Key] {
    Request.Method.allCases.map { method in
      let name = method.rawValue.lowercased()
      return Key(name, "The URL of a \(method.rawValue) request.", url.shape) { entry, target, context in
        if let first = target.request.methodKey {
          context.refuseBoth(first, entry, help: "one step sends one request")
          return
        }
        target.request.method = method
        target.request.methodKey = entry
        target.request.url = url(entry, context)
      }
    }
  }
}

extension KeyRule {
  /// - Parameter others: What may stand in place of a request.
  static func ofRequests(or others: [String] = []) -> [KeyRule] {
    let bodies = ["form", "json", "body"]
    return [.exactlyOne(Request.Method.allCases.map { $0.rawValue.lowercased() } + others), .atMostOne(bodies)]
      + [Request.Method.get, .head].map { .excludes($0.rawValue.lowercased(), bodies) }
  }
}

extension RequestDraft {
  fileprivate mutating func set(_ body: RequestTemplate.Body, _ entry: Entry, _ context: SpecContext) {
    if let first = bodyKey {
      context.refuseBoth(first, entry, help: "a request has one body: keep one of them")
    } else if method == .get || method == .head {
      context.error(
        .exclusiveKeys, "a \(method?.rawValue ?? "") request has no body", at: entry.atKey,
        help: "use 'post', or 'query' for the URL")
    }
    self.body = body
    bodyKey = entry
  }
}

extension Shape {
  static let pairs = Shape.map(names: "names", .oneOrMany(.template))
  /// Tokens (RFC 9110, 5.6.2), but for what the engine sets itself, in capitals or not.
  static let headers = Shape.map(
    names: "header names", .template,
    KeyNames(pattern: "^(?!(\(ownHeaders))$)[A-Za-z0-9!#$%&'*+.^_`|~-]+$"))

  private static let ownHeaders = (Array(Request.Header.engineOwned) + ["cookie"]).sorted().map { name in
    name.map { $0.isLetter ? "[\($0)\($0.uppercased())]" : "\($0)" }.joined()
  }.joined(separator: "|")
}

extension Reading where Value == Duration {
  /// DESIGN.md, section 6: total time 30 s.
  static let timeout = Reading<Duration>.duration(.milliseconds(1) ... .seconds(30))
}

extension SpecContext {
  /// Names with values; a list gives the name once per entry.
  func pairs(_ entry: Entry) -> [(name: String, value: Template)] {
    guard let members = entry.members else {
      let _: Void? = mismatch("a mapping", entry)
      return []
    }
    return members.flatMap { member in
      if member.name.isEmpty { error(.badName, "a name is missing here", at: member.atKey, help: "name: value") }
      return (Reading<Template>.template.oneOrMany(member, self) ?? []).map { (member.name, $0) }
    }
  }

  func headers(_ entry: Entry) -> [(name: String, value: Template)] {
    guard let members = entry.members else {
      let _: Void? = mismatch("a mapping from header names to values", entry)
      return []
    }
    var seen: [String: Entry] = [:]
    return members.compactMap { member in
      hideCredentials(member)
      guard checkHeader(member), let value = Reading<Template>.template(member, self) else { return nil }
      if let first = seen[member.name.lowercased()] {
        error(
          .duplicateName, "the header \(quoted(member.name)) is here twice: capitals make no other one",
          at: member.atKey, help: "keep one of them",
          notes: [Diagnostic.Note("the first is", at: location(of: first.atKey))])
        return nil
      }
      seen[member.name.lowercased()] = member
      lintCredentials(member, value)
      return (member.name, value)
    }
  }

  /// No excerpt shows them.
  private func hideCredentials(_ member: Entry) {
    guard isCredentials(member), member.node.scalar?.text.contains("{") == false else { return }
    secrets.append(member.range)
  }

  /// Whoever reads the file has them. Found among headers by the names that such things usually have.
  private func lintCredentials(_ member: Entry, _ value: Template) {
    guard isCredentials(member), value.references.isEmpty, !value.source.isEmpty else { return }
    let isNotifier = member.path.hasPrefix("send") || member.path.hasPrefix("variants")
    lint(
      .plainSecret, "what \(quoted(member.name)) proves is written into the file", at: member.atKey,
      help: isNotifier
        ? "make it an option, options: { token: { secret: true } }, and write {token} here"
        : "let a step before it read it from the site: {token}; a key that the site gives everybody may be allowed")
  }

  private func isCredentials(_ header: Entry) -> Bool {
    ["authorization", "x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token"].contains(
      header.name.lowercased())
  }

  private func checkHeader(_ member: Entry) -> Bool {
    // RFC 9110, 5.6.2: token.
    let isToken =
      !member.name.isEmpty
      && member.name.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || $0.properties.numericType != nil
            || "!#$%&'*+-.^_`|~".unicodeScalars.contains($0))
      }
    guard isToken else {
      error(
        .badHeader, "\(quoted(member.name)) can't be the name of a header", at: member.atKey,
        help: "letters, digits and '-', as in Accept-Language")
      return false
    }
    // The engine does send a spec's cookies, but only those of a jar.
    let isCookie = member.name.lowercased() == "cookie"
    if isCookie || Request.Header(member.name, "").isEngineOwned {
      error(
        .badHeader, "the header '\(member.name)' is set by SlotHunter itself", at: member.atKey,
        help: isCookie ? "use 'cookies: true'" : "leave it out")
      return false
    }
    if let text = member.node.scalar?.text, text.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) {
      error(.badHeader, "a header is one line", at: member, help: "write its value on one line")
      return false
    }
    return true
  }
}

/// `request:`: what every step has unless it says otherwise.
struct RequestDefaults {
  var headers: [(name: String, value: Template)] = []
  var timeout: Duration?
  var cookies = false
  var route = RouteDraft()
  var outcomes: [OutcomeRule] = []
}

extension KeyTable where Target == RequestDefaults {
  static let request = KeyTable(
    "request",
    [
      Key("headers", "Headers of every request; a step's own win.", .headers) {
        entry, target, context in
        target.headers = context.headers(entry)
      },
      Key(
        "timeout", "From the start to the last byte, at most 30s.", Reading<Duration>.timeout, default: "30s",
        into: \.timeout),
      Key(
        "cookies", "Keep cookies between the requests of a watch.", Reading<Bool>.boolean, default: "false",
        into: \.cookies),
    ] + Key.routeKeys + [
      Key("outcomes", "Tried after a step's own.", .siteOutcomes) { entry, target, context in
        target.outcomes = context.siteOutcomes(entry)
      }
    ], rules: [.atMostOne(["proxy", "proxies"])])
}
