import PluginHost

/// Checks a request's headers and brings them into the form that libcurl takes.
enum RequestHeaders {
  /// One line a header, the validators and the default User-Agent included; cookies are added on the curl thread.
  ///
  /// - Throws: `.garbled`, naming the header and never its value.
  static func lines(of request: Request, userAgent: String) throws(FetchFailure) -> [String] {
    var lines: [String] = []
    var names: Set<String> = []
    for header in request.headers + validatorHeaders(request) {
      let name = header.name.lowercased()
      try check(header)
      guard !header.isEngineOwned else {
        throw FetchFailure(.garbled, "the header \(header.name) is set by the engine, so the request was not sent")
      }
      names.insert(name)
      if name == "cookie" { continue }
      lines.append(line(header))
    }
    if !names.contains("user-agent") {
      try check(Request.Header("User-Agent", userAgent))
      lines.append(line(Request.Header("User-Agent", userAgent)))
    }
    // libcurl would call any body a form, and would wait a second for "100 Continue" before a large one.
    if !names.contains("content-type") { lines.append("Content-Type:") }
    if !names.contains("accept") { lines.append("Accept: */*") }
    lines.append("Expect:")
    lines.append("Accept-Encoding: \(ContentDecoding.offered)")
    return lines
  }

  private static func validatorHeaders(_ request: Request) -> [Request.Header] {
    var headers: [Request.Header] = []
    if let etag = request.validators?.etag { headers.append(Request.Header("If-None-Match", etag)) }
    if let date = request.validators?.lastModified { headers.append(Request.Header("If-Modified-Since", date)) }
    return headers.filter { request.header($0.name) == nil }
  }

  /// libcurl takes `Name;` for a header without a value; `Name:` would remove it.
  private static func line(_ header: Request.Header) -> String {
    let value = trimmingBlanks(header.value)
    return value.isEmpty ? "\(header.name);" : "\(header.name): \(value)"
  }

  private static func check(_ header: Request.Header) throws(FetchFailure) {
    guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte) else {
      throw FetchFailure(.garbled, "a header's name is not a token, so the request was not sent")
    }
    // Text from pages may come this far: a line end in it would start a header of its own.
    guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
      throw FetchFailure(
        .garbled, "the header \(header.name) holds a line end or control character, so the request was not sent")
    }
  }

  /// RFC 9110, 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
