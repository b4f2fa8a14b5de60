import Language
import PluginHost

/// Fills a request's templates with a row's values. A value that is null is a layout break: nothing is asked for
/// half a request.
struct RequestBuilder {
  var spec: SiteSpec
  var context: RenderContext
  var userAgent: String

  func request(for template: RequestTemplate, watch: String, in scope: Scope) throws(NullReference) -> Request {
    var url = try template.url.requiredText(in: scope, context, encode: { percentEncoded($0) })
    let query = try pairs(template.query, in: scope)
    if !query.isEmpty { url += (url.contains("?") ? "&" : "?") + query.formEncoded }
    var request = Request(method: template.method, url: percentEncoded(url: url))
    request.headers = [Request.Header("User-Agent", userAgent), Request.Header("Accept", "*/*")]
    if let timeout = template.timeout { request.timeout = min(timeout, .seconds(30)) }
    switch template.body {
    case .none: break
    case .form(let fields):
      request.body = Array(try pairs(fields, in: scope).formEncoded.utf8)
      request.headers.append(Request.Header("Content-Type", "application/x-www-form-urlencoded"))
    case .json(let json):
      request.body = Array(try json.value(in: scope, context).text.utf8)
      request.headers.append(Request.Header("Content-Type", "application/json"))
    case .raw(let text):
      request.body = Array(try text.requiredText(in: scope, context).utf8)
    }
    for header in template.headers {
      request.headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
      request.headers.append(Request.Header(header.name, try header.value.requiredText(in: scope, context)))
    }
    if template.cookies { request.cookieJar = watch }
    request.route = spec.route
    return request
  }

  private func pairs(
    _ templates: [(name: String, value: Template)], in scope: Scope
  ) throws(NullReference) -> [(String, String)] {
    var result: [(String, String)] = []
    for (name, value) in templates { result.append((name, try value.requiredText(in: scope, context))) }
    return result
  }
}

extension JSONTemplate {
  /// Throws where a referenced value is null, except that a string that is exactly `{name}` may become JSON null never:
  /// null in a request is a layout break.
  func value(in scope: Scope, _ context: RenderContext) throws(NullReference) -> JSON {
    switch self {
    case .literal(let json): return json
    case .text(let template):
      let text = try template.requiredText(in: scope, context)
      let value = template.value(in: scope, context)
      return if case .text = value { .string(text) } else { value.json(zone: context.zone) }
    case .array(let elements):
      var values: [JSON] = []
      for element in elements { values.append(try element.value(in: scope, context)) }
      return .array(values)
    case .object(let members):
      var object = JSONObject()
      for member in members { object[member.name] = try member.value.value(in: scope, context) }
      return .object(object)
    }
  }
}

extension [(String, String)] {
  /// `application/x-www-form-urlencoded` with `%20` for a space, which every server reads.
  var formEncoded: String {
    map { percentEncoded($0.0) + "=" + percentEncoded($0.1) }.joined(separator: "&")
  }
}

extension Request {
  /// The same text for the same question: what pages and rows are stored under, and what a run asks only once.
  func identity(step: String) -> String {
    var text = "\(step) \(method.rawValue) \(url)"
    if let body { text += " " + String(decoding: body, as: UTF8.self) }
    return text
  }
}
