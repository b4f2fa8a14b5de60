import Language

/// Takes secrets out of words that others wrote, in every form in which a provider may give them back.
struct Redaction: Sendable {
  static let mark = "•••"
  /// The most characters of a provider's words that are kept.
  static let detailLimit = 500
  /// The most bytes of a body that are looked at for them.
  private static let bodyLimit = 65_536
  /// Shorter secrets would take ordinary words out; no service gives any.
  private static let shortest = 4

  /// Longest first, so that no form hides a part of another.
  private let forms: [String]

  init(secrets: [String]) {
    var forms: Set<String> = []
    for secret in secrets { forms.formUnion(Redaction.forms(of: secret)) }
    self.forms = forms.filter { $0.utf8.count >= Redaction.shortest }.sorted {
      ($0.utf8.count, $0) > ($1.utf8.count, $1)
    }
  }

  /// Words of a provider or of an error as they may be stored and shown.
  ///
  /// - Parameter addresses: Recipients, which are people: taken out too.
  func detail(_ words: String, addresses: [String] = []) -> String? {
    let text = String(decoding: words.utf8.prefix(Redaction.bodyLimit), as: UTF8.self)
    // Again after cleaning, which joins what a control character kept apart; secrets before addresses, because an
    // address taken out of a secret would leave the rest of it readable.
    var clean = scrub(cleanLine(scrub(text)))
    for form in Redaction.forms(of: addresses) { clean = replaceBytes(of: form, in: clean) }
    guard !clean.isEmpty else { return nil }
    return clean.count <= Redaction.detailLimit ? clean : String(clean.prefix(Redaction.detailLimit - 1)) + "…"
  }

  /// Addresses as they are, and long numbers as providers give them back: without zeros or a plus in front; each also
  /// in Persian and Arabic digits, percent-encoded and in base64.
  private static func forms(of addresses: [String]) -> [String] {
    let bare = addresses.map { String($0.drop { $0 == "0" || $0 == "+" }) }
    // Fewer digits are an ordinary number.
    let numbers = bare.filter { $0.utf8.count >= 9 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    var forms: Set<String> = []
    for address in Set(addresses + numbers) where address.utf8.count >= shortest {
      forms.formUnion(encodings(of: address))
      // <https://www.unicode.org/charts/PDF/U0600.pdf>: ۰ and ٠.
      for zero in [0x06F0, 0x0660] as [UInt32] { forms.formUnion(encodings(of: inDigits(from: zero, address))) }
    }
    return forms.filter { $0.utf8.count >= shortest }.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  private static func inDigits(from zero: UInt32, _ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isDigit = (0x30...0x39).contains(scalar.value)
      scalars.append(isDigit ? Unicode.Scalar(zero + scalar.value - 0x30) ?? scalar : scalar)
    }
    return String(scalars)
  }

  func scrub(_ text: String) -> String {
    forms.reduce(text) { text, form in replaceBytes(of: form, in: text) }
  }

  /// By bytes: compared by graphemes, a combining mark after a secret would hide it.
  private func replaceBytes(of form: String, in text: String) -> String {
    let form = Array(form.utf8)
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == form[0], bytes[at...].starts(with: form) {
        result += Redaction.mark.utf8
        at += form.count
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func forms(of secret: String) -> Set<String> {
    var texts: Set<String> = [secret]
    // Several signing secrets in one option, each also without its prefix.
    for part in secret.split(whereSeparator: \.isWhitespace) {
      texts.insert(String(part))
      if part.hasPrefix("whsec_") { texts.insert(String(part.dropFirst("whsec_".count))) }
    }
    // Of an address the secret is what follows the host; errors often name only that.
    if let scheme = secret.range(of: "://"), let slash = secret[scheme.upperBound...].firstIndex(of: "/") {
      let path = secret[slash...]
      if path.utf8.count >= 8 { texts.insert(String(path)) }
      for part in path.split(whereSeparator: { "/?&=#".contains($0) }) where part.utf8.count >= 12 {
        texts.insert(String(part))
      }
    }
    return texts.reduce(into: []) { forms, text in forms.formUnion(encodings(of: text)) }
  }

  private static func encodings(of text: String) -> Set<String> {
    var forms: Set<String> = [text, text.replacing("/", with: "\\/")]
    for keep in ["", ":", ":/", ":@", ":/@?&="] {
      let encoded = percentEncoded(text, keeping: keep)
      forms.formUnion([encoded, lowercasedEscapes(encoded)])
    }
    for form in base64Cores(of: Array(text.utf8)) {
      forms.formUnion([form, form.replacing("+", with: "-").replacing("/", with: "_")])
    }
    return forms
  }

  /// The digits that stand in base64 wherever these bytes stand in the encoded text: one form per offset modulo 3.
  private static func base64Cores(of bytes: [UInt8]) -> [String] {
    guard bytes.count >= 6 else { return [Base64.encode(bytes)] }
    return (0..<3).map { offset in
      let digits = Base64.encode([UInt8](repeating: 0, count: offset) + bytes)
      // Digits that also hold bits of a neighbour: the first ones after an offset, the last of an unfinished group.
      let first = [0, 2, 3][offset]
      let whole = (offset + bytes.count) * 8 / 6
      return String(digits.prefix(whole).dropFirst(first))
    }
  }

  private static func lowercasedEscapes(_ text: String) -> String {
    var result = ""
    var left = 0
    for character in text {
      result += left > 0 ? character.lowercased() : String(character)
      left = character == "%" ? 2 : max(0, left - 1)
    }
    return result
  }
}

extension String {
  /// The first place of `other`, compared by scalars.
  fileprivate func range(of other: String) -> Range<Index>? { ranges(of: other).first }
}
