import Language
import PluginHost

/// Fills a notifier's request template for one send.
///
/// Whatever is inserted is data: percent-encoded in URLs and forms, a JSON value in JSON, refused in a header where it
/// holds a control character. Only an option that begins the URL (`{api}`) is taken as it is.
struct RequestBuilding {
  /// For everything from connecting to the last byte, where the notifier names no other.
  static let timeout: Duration = .seconds(15)
  private static let connectTimeout: Duration = .seconds(10)
  /// Channels answer in a few hundred bytes.
  private static let answerLimit = 1 << 20

  var template: RequestTemplate
  var scope: Scope
  var context: RenderContext
  /// Names that are the operator's, not data.
  var options: Set<String>
  /// Leave out `parse_mode`: it is what makes APIs like Telegram's read a text as markup.
  var plain: Bool

  func request() throws(Unsendable) -> Request {
    var headers = try headerFields()
    let (body, type) = try bodyAndType()
    if let type, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      headers.append(Request.Header("Content-Type", type))
    }
    return Request(
      method: template.method, url: try url(), headers: headers, body: body,
      timeout: template.timeout ?? RequestBuilding.timeout, connectTimeout: RequestBuilding.connectTimeout,
      maxBody: RequestBuilding.answerLimit, maxRedirects: 0)
  }

  private func headerFields() throws(Unsendable) -> [Request.Header] {
    var fields: [Request.Header] = []
    for (name, value) in template.headers {
      guard let text = text(value) else { continue }
      let trimmed = trimmed(text)
      guard trimmed.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" }) else {
        throw Unsendable(
          isConfiguration: false, message: "the value of header '\(name)' holds a line break or control character")
      }
      fields.append(Request.Header(name, trimmed))
    }
    return fields
  }

  private func bodyAndType() throws(Unsendable) -> ([UInt8]?, String?) {
    switch template.body {
    case .none: (nil, nil)
    case .form(let members): (Array(pairs(members, encode: formEncoded).utf8), "application/x-www-form-urlencoded")
    case .json(let json): (filled(json).utf8(), "application/json")
    case .raw(let text): (Array(bodyText(text).utf8), "text/plain; charset=utf-8")
    }
  }

  /// A body that is exactly `{message}` may be longer than a template's output limit, and is an object for `json`.
  private func bodyText(_ template: Template) -> String { template.value(in: scope, context).plainText }

  /// nil where a value it needs is not there: the member is left out.
  private func text(_ value: Template) -> String? {
    let isComplete = value.references.allSatisfy { $0.name == "now" || !(scope[$0.name] ?? .null).isNull }
    return isComplete ? value.text(in: scope, context) : nil
  }

  private func pairs(_ members: [(name: String, value: Template)], encode: (String) -> String) -> String {
    members.compactMap { name, value in
      if plain, name == "parse_mode" { return nil }
      return text(value).map { encode(name) + "=" + encode($0) }
    }.joined(separator: "&")
  }
}

extension RequestBuilding {
  private func filled(_ template: JSONTemplate) -> JSON {
    switch template {
    case .literal(let json): json
    case .text(let text): text.value(in: scope, context).json(zone: context.zone)
    case .array(let items): .array(items.map(filled))
    case .object(let members): .object(JSONObject(members.compactMap(filledMember)))
    }
  }

  /// nil for what is left out: a reference to nothing.
  private func filledMember(_ member: JSONTemplate.Member) -> (String, JSON)? {
    if plain, member.name == "parse_mode" { return nil }
    let value = filled(member.value)
    if case .text = member.value, value == .null { return nil }
    return (member.name, value)
  }
}

extension RequestBuilding {
  /// Checked here because a URL that is refused later counts as the channel's fault, and would stop it for everybody.
  private func url() throws(Unsendable) -> String {
    let url = try wholeURL()
    guard url.utf8.count <= RequestBuilding.urlLimit else {
      throw Unsendable(isConfiguration: false, message: "the URL is longer than \(RequestBuilding.urlLimit) bytes")
    }
    return url
  }

  /// In bytes: DESIGN.md section 6.
  private static let urlLimit = 8 << 10

  private func wholeURL() throws(Unsendable) -> String {
    var url = ""
    for (index, part) in template.url.parts.enumerated() {
      switch part {
      case .literal(let text): url += text.hasPrefix("/") && url.hasSuffix("/") ? String(text.dropFirst()) : text
      case .reference(let reference, let filters):
        let value = filters.apply(to: scope[reference.name] ?? .null, context).plainText
        guard !value.isEmpty else {
          throw Unsendable(
            isConfiguration: options.contains(reference.name),
            message: "the URL needs '\(reference.name)', which is empty")
        }
        if index == 0, options.contains(reference.name) {
          url += try start(trimmed(value), option: reference.name)
        } else {
          url += try inserted(value, name: reference.name, after: url)
        }
      }
    }
    let query = pairs(template.query) { percentEncoded($0) }
    guard !query.isEmpty else { return url }
    return url + (url.contains("?") ? "&" : "?") + query
  }

  /// An option that is an address itself; only what no URL can hold is encoded.
  private func start(_ value: String, option: String) throws(Unsendable) -> String {
    let scheme = value.prefix(8).lowercased()
    guard scheme.hasPrefix("https://") || scheme.hasPrefix("http://") else {
      throw Unsendable(isConfiguration: true, message: "option '\(option)' is no http or https address")
    }
    return percentEncoded(value, keeping: RequestBuilding.printable)
  }

  /// Every printable ASCII character, `%` too: the option is encoded where it needs to be.
  private static let printable = String(String.UnicodeScalarView((0x21...0x7E).map { Unicode.Scalar(UInt8($0)) }))

  /// Before the path begins, a value could choose the host: nothing but unreserved characters pass there.
  private func inserted(_ value: String, name: String, after url: String) throws(Unsendable) -> String {
    guard value != ".", value != ".." else {
      throw Unsendable(isConfiguration: options.contains(name), message: "'\(name)' can't be part of a path")
    }
    let afterScheme = url.utf8.dropFirst("https://".utf8.count)
    return percentEncoded(value, keeping: afterScheme.contains(UInt8(ascii: "/")) ? ":" : "")
  }

  private func trimmed(_ text: String) -> String {
    var rest = text[...]
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    return String(rest)
  }
}
