import Language
import PluginHost

/// FNV-1a over 64 bits: the same on every machine and in every version, so it can be stored. Not for secrets.
enum StableHash {
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  static func text(_ text: String) -> String { hex(hash(text.utf8)) }

  /// Of items with all their typed fields, in the order given.
  static func text(of items: [Item]) -> String {
    var text = ""
    for item in items {
      for field in item.fields { text += field.name + "\u{1F}" + field.value.encoded.text + "\u{1E}" }
      text += "\u{1D}"
    }
    return hex(hash(text.utf8))
  }

  private static func hex(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
