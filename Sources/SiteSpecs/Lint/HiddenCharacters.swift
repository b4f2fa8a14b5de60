import Diagnostics

/// Characters that nobody sees and that make text another one: <https://www.unicode.org/reports/tr36/>.
extension SpecContext {
  func lintHiddenCharacters(_ text: String, at entry: Entry) {
    guard let (name, offset) = hiddenCharacter(in: text) else { return }
    lint(
      .hiddenCharacter, "the character \(name) is here, which nobody sees", at: entry, offset: offset, help: "remove it"
    )
  }

  /// - Returns: Whether there was one.
  func refuseHiddenCharacter(_ text: String, at entry: Entry) -> Bool {
    guard let (name, offset) = hiddenCharacter(in: text) else { return false }
    error(
      .hiddenCharacter, "the character \(name) is here, which nobody sees", at: entry, offset: offset, help: "remove it"
    )
    return true
  }
}

/// The first one, as `U+200B`, with its place. Joiners (U+200C, U+200D) belong to Persian words and are none.
private func hiddenCharacter(in text: String) -> (name: String, offset: Int)? {
  for (offset, scalar) in text.unicodeScalars.enumerated() {
    switch scalar.value {
    case 0x200B, 0x200E, 0x200F, 0x061C, 0x2060, 0xFEFF, 0x00AD, 0x202A...0x202E, 0x2066...0x2069:
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return ("U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits, offset)
    default: continue
    }
  }
  return nil
}
