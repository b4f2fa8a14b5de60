/// Names of fields, parameters and headers under which secrets stand: one list for recordings and imports.
enum SecretNames {
  /// Wherever in a name, written without what divides its words: `csrfmiddlewaretoken`, `X-Api-Key`.
  private static let stems = [
    "token", "csrf", "xsrf", "session", "sessionid", "sessid", "secret", "password", "passwd", "apikey", "signature",
    "jwt",
    "authoriz", "authent", "credential", "bearer", "nonce", "authkey", "accesskey", "privatekey", "subscriptionkey",
  ]
  /// Only as a word of a name: `author` and `bypass` are none.
  private static let words: Set<String> = ["pwd", "pass", "sid", "sig", "auth", "oauth", "ticket", "otp", "pin"]
  /// Last words of names that tell something of a secret and hold none: `csrf-param`, `token_type`.
  private static let telling: Set<String> = [
    "type", "name", "param", "parameter", "header", "field", "label", "title", "text", "hint", "placeholder", "status",
    "count", "length", "enabled", "required", "expires", "expiry", "date", "time", "start", "end", "url", "path",
  ]
  /// Stems and words under which much else stands too.
  private static let ordinary = ["session", "ticket", "auth", "pass", "sid", "sig", "otp", "pin", "bearer"]

  static func isSecret(_ name: String) -> Bool {
    let parts = parts(of: name)
    let joined = parts.joined()
    return stems.contains { joined.contains($0) } || parts.contains { words.contains($0) }
  }

  /// Whether `value` is worth taking out under a name of a page that nobody has looked at.
  static func isSecret(_ name: String, value: String) -> Bool {
    let parts = parts(of: name)
    guard isSecret(name), !telling.contains(parts.last ?? ""), !isName(value) || name.lowercased().contains("pass")
    else { return false }
    let joined = parts.joined()
    guard parts.count > 1 || !ordinary.contains(joined) else { return true }
    let isOrdinary =
      !["pwd", "pass"].contains(parts.last) && !stems.contains { joined.contains($0) && !ordinary.contains($0) }
    return !isOrdinary || isOpaque(value)
  }

  /// A token's name as a value: `<meta name="csrf-param" content="authenticity_token">`.
  private static func isName(_ value: String) -> Bool {
    value.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "_" || $0 == "-") } && isSecret(value)
  }

  /// No word, sentence or date.
  private static func isOpaque(_ value: String) -> Bool {
    let isDate = value.prefix(4).allSatisfy(\.isNumber) && value.dropFirst(4).first == "-"
    guard value.allSatisfy({ $0.isASCII && !$0.isWhitespace }), !isDate else { return false }
    return value.count >= 20 || value.contains(where: \.isNumber)
      || (value.contains(where: \.isUppercase) && value.dropFirst().contains(where: \.isLowercase))
  }

  /// Small: `__RequestVerificationToken` is `request`, `verification`, `token`.
  private static func parts(of name: String) -> [String] {
    var (parts, part, wasSmall) = ([String](), "", false)
    for character in name {
      let isWord = character.isLetter || character.isNumber
      if !isWord || (character.isUppercase && wasSmall), !part.isEmpty {
        parts.append(part)
        part = ""
      }
      if isWord { part += character.lowercased() }
      wasSmall = character.isLowercase
    }
    return part.isEmpty ? parts : parts + [part]
  }
}
