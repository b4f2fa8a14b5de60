import Language
import PluginHost

/// What may be carried over, and how it is written.
extension JobImport {
  /// Why a header is not carried over; its value is never shown.
  static func refusal(ofHeader name: String, value: String) -> String? {
    let low = name.lowercased()
    if SecretNames.isSecret(name) || low.contains("cookie") || !Tokens.finds(in: value).isEmpty {
      return "site specs hold no secrets, so the value was left out; a public key may be written there by hand"
    }
    return Request.Header(name, "").isEngineOwned ? "SlotHunter sets this header itself" : nil
  }

  /// A template that gives the text itself.
  static func template(_ text: String) -> String {
    FirstSpec.quoted(text.replacing("{", with: "{{").replacing("}", with: "}}"))
  }

  /// Small letters, digits and `-`; one that is taken gets a number.
  static func id(_ name: String, taken: Set<String>) -> String {
    var text = name
    if let scheme = text.firstRange(of: "://") { text = String(text[scheme.upperBound...]) }
    var id = ""
    for scalar in text.lowercased().unicodeScalars {
      let isWord = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
      if isWord { id.unicodeScalars.append(scalar) } else if !id.isEmpty, !id.hasSuffix("-") { id += "-" }
    }
    id = String(id.prefix(40))
    while id.hasSuffix("-") { id.removeLast() }
    if id.isEmpty { id = "job" }
    var free = id
    var number = 2
    while taken.contains(free) {
      free = "\(id)-\(number)"
      number += 1
    }
    return free
  }
}
