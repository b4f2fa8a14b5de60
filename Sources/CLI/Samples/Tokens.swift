import Language

/// Keys and tickets in URLs, JSON, scripts and forms, found by the name they stand under (``SecretNames``).
enum Tokens {
  /// Shorter values are words.
  private static let least = 6
  /// Longer names and values are none.
  private static let longest = (name: 60, value: 8192)

  static func finds(in text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    let found = all(scalars)
    // Once more as a script or a form reads it: JSON in an attribute, an address in an address.
    let read = Escapes(scalars).scalars.filter { $0 != Escapes.filler }
    return read == scalars ? found : unique(found + all(read).filter { text.contains($0) })
  }

  private static func all(_ scalars: [Unicode.Scalar]) -> [String] {
    unique(parameters(scalars) + members(scalars) + tags(scalars) + tickets(scalars))
  }

  private static func unique(_ texts: [String]) -> [String] {
    var known: Set<String> = []
    return texts.filter { known.insert($0).inserted }
  }

  /// `?token=…`, `&sig=…`, `#access_token=…`; `key` is one only here: half of all lists call theirs so.
  private static func parameters(_ scalars: [Unicode.Scalar]) -> [String] {
    scalars.indices.compactMap { at -> String? in
      guard "?&;#".unicodeScalars.contains(scalars[at]) else { return nil }
      let name = scalars[(at + 1)...].prefix(longest.name).prefix { isName($0) || $0 == "%" }
      guard name.endIndex < scalars.count, scalars[name.endIndex] == "=" else { return nil }
      let value = scalars[(name.endIndex + 1)...].prefix { !"&#\"'<>\\;".unicodeScalars.contains($0) && !isSpace($0) }
      // A call is a script's.
      guard !value.contains("(") else { return nil }
      let text = string(name)
      return text.lowercased() == "key" ? self.value(value) : self.value(value, under: text)
    }
  }

  /// `"token": "…"`, `data-csrf='…'`, `token = "…"`.
  private static func members(_ scalars: [Unicode.Scalar]) -> [String] {
    scalars.indices.compactMap { at -> String? in
      guard scalars[at] == ":" || scalars[at] == "=", let name = name(scalars, before: at) else { return nil }
      let quote = scalars[(at + 1)...].prefix { isSpace($0) || $0 == "=" || $0 == ">" }.endIndex
      guard quote < scalars.count, isQuote(scalars[quote]) else { return nil }
      return value(quoted(scalars, quote), under: name)
    }
  }

  private static func name(_ scalars: [Unicode.Scalar], before sign: Int) -> String? {
    var end = sign
    while end > 0, isSpace(scalars[end - 1]), sign - end < 8 { end -= 1 }
    let quote = end > 0 && isQuote(scalars[end - 1]) ? scalars[end - 1] : nil
    if quote != nil { end -= 1 }
    var start = end
    while start > 0, end - start < longest.name, isName(scalars[start - 1]) { start -= 1 }
    guard start < end, quote == nil || (start > 0 && scalars[start - 1] == quote) else { return nil }
    return string(scalars[start..<end])
  }

  /// `<input name=csrf type=hidden value='…'>`, `<meta content="…" name="csrf-token">`: in any order, however quoted.
  private static func tags(_ scalars: [Unicode.Scalar]) -> [String] {
    scalars.indices.flatMap { at -> [String] in
      guard scalars[at] == "<", at + 1 < scalars.count, isLatin(scalars[at + 1]) else { return [] }
      let attributes = attributes(scalars, at + 1)
      let names = attributes.filter { ["name", "id", "property", "itemprop", "http-equiv"].contains($0.name) }
      return attributes.compactMap { attribute in
        if ["value", "content"].contains(attribute.name) {
          return names.lazy.compactMap { value(attribute.value, under: string($0.value)) }.first
        }
        return value(attribute.value, under: attribute.name)
      }
    }
  }

  private static func attributes(
    _ scalars: [Unicode.Scalar], _ start: Int
  ) -> [(name: String, value: ArraySlice<Unicode.Scalar>)] {
    var found: [(String, ArraySlice<Unicode.Scalar>)] = []
    var at = scalars[start...].prefix(while: isName).endIndex
    let end = min(scalars.count, start + longest.value)
    while at < end, scalars[at] != ">", scalars[at] != "<" {
      let name = scalars[at..<end].prefix(while: isName)
      guard !name.isEmpty else {
        at += 1
        continue
      }
      at = scalars[name.endIndex..<end].prefix(while: isSpace).endIndex
      guard at < end, scalars[at] == "=" else { continue }
      at = scalars[(at + 1)..<end].prefix(while: isSpace).endIndex
      guard at < end else { break }
      let isQuoted = isQuote(scalars[at])
      let value = isQuoted ? quoted(scalars, at) : scalars[at..<end].prefix { !isSpace($0) && $0 != ">" }
      found.append((string(name).lowercased(), value))
      at = value.endIndex + (isQuoted ? 1 : 0)
    }
    return found
  }

  /// JSON Web Tokens (RFC 7519) and `Bearer …`, wherever they stand.
  private static func tickets(_ scalars: [Unicode.Scalar]) -> [String] {
    func isPart(_ scalar: Unicode.Scalar) -> Bool {
      isLatin(scalar) || ("0"..."9").contains(scalar) || "-_.~+/=".unicodeScalars.contains(scalar)
    }
    return scalars.indices.compactMap { at -> String? in
      if scalars[at] == "e", scalars[at...].starts(with: "eyJ".unicodeScalars), at == 0 || !isPart(scalars[at - 1]) {
        let text = string(scalars[at...].prefix(while: isPart))
        return text.count { $0 == "." } == 2 ? text : nil
      }
      guard scalars[at] == "B", scalars[at...].starts(with: "Bearer ".unicodeScalars) else { return nil }
      return value(scalars[(at + 7)...].prefix(while: isPart))
    }
  }

  // MARK: Scalars

  private static func quoted(_ scalars: [Unicode.Scalar], _ quote: Int) -> ArraySlice<Unicode.Scalar> {
    scalars[(quote + 1)...].prefix(longest.value).prefix { $0 != scalars[quote] && $0 != "\n" }
  }

  private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "\"" || scalar == "'" }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { " \t\r\n".unicodeScalars.contains(scalar) }

  private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  private static func isName(_ scalar: Unicode.Scalar) -> Bool {
    isLatin(scalar) || ("0"..."9").contains(scalar) || "_-[]$".unicodeScalars.contains(scalar)
  }

  private static func value(_ scalars: ArraySlice<Unicode.Scalar>, under name: String) -> String? {
    value(scalars).flatMap { SecretNames.isSecret(name, value: $0) ? $0 : nil }
  }

  private static func value(_ scalars: ArraySlice<Unicode.Scalar>) -> String? {
    scalars.count >= least ? string(scalars) : nil
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }
}
