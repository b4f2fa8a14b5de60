import Language

/// What a job sends, as a step writes it.
enum JobBody {
  /// Whether a name at any depth is a secret's, or a text holds one.
  static func hasSecret(_ json: JSON) -> Bool {
    switch json {
    case .object(let object):
      zip(object.names, object.values).contains { name, value in SecretNames.isSecret(name) || hasSecret(value) }
    case .array(let all): all.contains(where: hasSecret)
    case .string(let text): hasSecret(inText: text)
    default: false
    }
  }

  /// A secret's name with something behind it: `pwd=…`, `"pass": …`, `<token>…`, `name="otp"` and a line's end.
  private static func hasSecret(inText text: String) -> Bool {
    let read = String(decoding: ForeignAddress.percentDecoded(text), as: UTF8.self)
    if !Tokens.finds(in: read).isEmpty { return true }
    var rest = read[...]
    while let start = rest.firstIndex(where: isName) {
      let name = rest[start...].prefix(while: isName)
      rest = rest[name.endIndex...]
      let behind = rest.drop { "\"'\\".contains($0) }
      let isLineEnd = behind.startIndex > rest.startIndex && behind.first?.isNewline == true
      guard isLineEnd || "=:>".contains(behind.first { $0 != " " } ?? " ") else { continue }
      if SecretNames.isSecret(String(name)) { return true }
    }
    return false
  }

  private static func isName(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-[]".contains(character)
  }

  /// JSON in one line of YAML, each text a template that gives the text itself.
  static func written(_ json: JSON) -> String {
    switch json {
    case .object(let object):
      let pairs = zip(object.names, object.values).map { "\(FirstSpec.quoted($0)): \(written($1))" }
      return pairs.isEmpty ? "{}" : "{ \(pairs.joined(separator: ", ")) }"
    case .array(let all): return "[\(all.map(written).joined(separator: ", "))]"
    case .string(let text): return JobImport.template(text)
    default: return json.text
    }
  }

  static func isNested(_ json: JSON) -> Bool {
    switch json {
    case .object, .array: true
    default: false
    }
  }
}
