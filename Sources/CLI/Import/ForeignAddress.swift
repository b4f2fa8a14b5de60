import Language

/// An address of a foreign file, without what no file of ours may hold.
struct ForeignAddress {
  /// Without a log-in, and with `LEFT-OUT` where a secret was.
  let clean: String
  let hadLogIn: Bool
  let hadSecret: Bool

  init(_ address: String) {
    let bare = ForeignAddress.withoutLogIn(address)
    var text = ForeignAddress.withoutSecrets(bare)
    // A ticket may stand in a path too.
    for token in Tokens.finds(in: text) where token != ForeignAddress.mark {
      text = text.replacing(token, with: ForeignAddress.mark)
    }
    (clean, hadLogIn, hadSecret) = (text, bare != address, text != bare)
  }

  private static let mark = "LEFT-OUT"

  private static func withoutLogIn(_ address: String) -> String {
    guard let slashes = address.firstRange(of: "//"), case let rest = address[slashes.upperBound...],
      let at = rest.prefix(while: { !"/?#\\".contains($0) }).lastIndex(of: "@")
    else { return address }
    return String(address[..<slashes.upperBound]) + String(rest[rest.index(after: at)...])
  }

  /// Parameters of the query and of the fragment.
  private static func withoutSecrets(_ address: String) -> String {
    guard let start = address.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return address }
    var (result, pair) = (String(address[..<start]), "")
    func flush() {
      let name = String(pair.prefix { $0 != "=" })
      let read = String(decoding: percentDecoded(name), as: UTF8.self)
      let isSecret = name.count < pair.count && (SecretNames.isSecret(read) || read.lowercased() == "key")
      result += isSecret ? "\(name)=\(mark)" : pair
      pair = ""
    }
    for character in address[start...] {
      if "?#&;".contains(character) {
        flush()
        result.append(character)
      } else {
        pair.append(character)
      }
    }
    flush()
    return result
  }

  static func percentDecoded(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var (result, at) = ([UInt8](), 0)
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
        let byte = UInt8(String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
      {
        result.append(byte)
        at += 3
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return result
  }
}
