import Language

/// Keys and tickets in URLs, JSON and forms, found by the name they stand under.
enum Tokens {
  /// Of query parameters.
  private static let inURLs = [
    "token", "access_token", "auth", "api_key", "apikey", "key", "secret", "sig", "signature", "session", "sessionid",
    "session_id", "sid", "jwt", "password", "ticket",
  ]
  /// Of members and fields; `key` is what half of all lists call theirs.
  private static let inBodies =
    inURLs.filter { $0 != "key" } + [
      "accesstoken", "refresh_token", "refreshtoken", "id_token", "csrf", "csrftoken", "csrf_token", "csrf-token",
      "_token",
      "xsrf", "authorization", "authtoken",
    ]
  /// Shorter values are words.
  private static let least = 6

  static func finds(in text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    return parameters(scalars) + members(scalars) + tickets(scalars)
  }

  /// `?token=…`, `&sig=…`
  private static func parameters(_ scalars: [Unicode.Scalar]) -> [String] {
    scalars.indices.compactMap { at -> String? in
      guard scalars[at] == "?" || scalars[at] == "&" || scalars[at] == ";" else { return nil }
      let rest = scalars[(at + 1)...]
      guard let equals = rest.prefix(40).firstIndex(of: "=") else { return nil }
      guard inURLs.contains(string(scalars[(at + 1)..<equals]).lowercased()) else { return nil }
      return value(scalars[(equals + 1)...].prefix { !"&#\"'<>\\ \n\r\t;".unicodeScalars.contains($0) })
    }
  }

  /// `"token": "…"`, `name="csrf" value="…"`, `content="…"` behind such a name.
  private static func members(_ scalars: [Unicode.Scalar]) -> [String] {
    var found: [String] = []
    for at in scalars.indices where scalars[at] == "\"" {
      guard let end = scalars[(at + 1)...].prefix(40).firstIndex(of: "\"") else { continue }
      guard inBodies.contains(string(scalars[(at + 1)..<end]).lowercased()) else { continue }
      var next = end + 1
      while next < scalars.count, " :\n\t=".unicodeScalars.contains(scalars[next]) { next += 1 }
      for word in ["value=", "content="] where scalars[next...].starts(with: word.unicodeScalars) { next += word.count }
      guard next < scalars.count, scalars[next] == "\"" else { continue }
      if let text = value(scalars[(next + 1)...].prefix { $0 != "\"" && $0 != "\n" }) { found.append(text) }
    }
    return found
  }

  /// JSON Web Tokens (RFC 7519) and `Bearer …`, wherever they stand.
  private static func tickets(_ scalars: [Unicode.Scalar]) -> [String] {
    func isPart(_ scalar: Unicode.Scalar) -> Bool {
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        || "-_.~+/=".unicodeScalars.contains(scalar)
    }
    return scalars.indices.compactMap { at -> String? in
      if scalars[at] == "e", scalars[at...].starts(with: "eyJ".unicodeScalars), at == 0 || !isPart(scalars[at - 1]) {
        let text = string(scalars[at...].prefix(while: isPart))
        return text.count { $0 == "." } == 2 ? value(scalars[at...].prefix(while: isPart)) : nil
      }
      guard scalars[at] == "B", scalars[at...].starts(with: "Bearer ".unicodeScalars) else { return nil }
      return value(scalars[(at + 7)...].prefix(while: isPart))
    }
  }

  private static func value(_ scalars: ArraySlice<Unicode.Scalar>) -> String? {
    scalars.count >= least ? string(scalars) : nil
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }
}
