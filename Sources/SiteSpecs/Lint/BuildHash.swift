/// Class names that a build made of a hash: they hold until the next release of the site.
///
/// Judged by the forms that tools give them; a word that a person could have written is none.
enum BuildHash {
  static func isLikely(_ name: String) -> Bool {
    isEmotion(name) || isStyledComponent(name) || isModule(name) || isBareHash(name) || isNumbered(name)
      || isHexTail(name)
  }

  /// `Offer_price__` of `Offer_price__3xK9f`: what the tool takes from the author's own name.
  static func stablePart(_ name: String) -> String? {
    guard isModule(name), let range = name.ranges(of: "__").last else { return nil }
    return String(name[..<range.upperBound])
  }

  /// Emotion and Svelte: `css-1x2y3z4`, `svelte-1abc2de`.
  private static func isEmotion(_ name: String) -> Bool {
    ["css-", "svelte-", "jsx-", "astro-"].contains { prefix in
      guard name.hasPrefix(prefix) else { return false }
      let hash = name.dropFirst(prefix.count).prefix { $0 != "-" }
      return (5...12).contains(hash.count) && hasDigit(hash) && hasLetter(hash)
    } || (name.hasPrefix("jsx-") && name.count > 8 && hasDigit(name.dropFirst(4)))
  }

  /// styled-components: `sc-bdVaJa`.
  private static func isStyledComponent(_ name: String) -> Bool {
    guard name.hasPrefix("sc-") else { return false }
    let hash = name.dropFirst(3).prefix { $0 != "-" }
    return (5...10).contains(hash.count) && (hasDigit(hash) || mixesCase(hash))
  }

  /// CSS modules: `Offer_price__3xK9f`.
  private static func isModule(_ name: String) -> Bool {
    guard let range = name.ranges(of: "__").last, range.lowerBound > name.startIndex else { return false }
    let hash = name[range.upperBound...].drop { $0 == "_" }
    // Five letters of base 64 where the tool's own form is used.
    return (5...8).contains(hash.count) && (hasInnerDigit(hash) || mixesCase(hash))
  }

  /// CSS modules without the author's name: `_2Kx9a`, `_abc123`.
  private static func isBareHash(_ name: String) -> Bool {
    guard name.hasPrefix("_"), !name.hasPrefix("__") else { return false }
    let hash = name.dropFirst().prefix { $0 != "_" && $0 != "-" }
    // `_item1` and `_col12` are somebody's numbers.
    let isCounted = !hasInnerDigit(hash) && hash.count(where: \.isNumber) < 3
    return (4...8).contains(hash.count) && hasDigit(hash) && hasLetter(hash) && !isCounted
  }

  /// JSS and Material UI: `makeStyles-root-42`, `jss17`.
  private static func isNumbered(_ name: String) -> Bool {
    if name.hasPrefix("jss"), name.count > 3, name.dropFirst(3).allSatisfy(\.isNumber) { return true }
    let parts = name.split(separator: "-")
    guard parts.count == 3, ["makeStyles", "withStyles", "createStyles"].contains(String(parts[0])) else {
      return false
    }
    return parts[2].allSatisfy(\.isNumber)
  }

  /// `price-a1b2c3d4`: eight hexadecimal digits and more, some of them letters.
  private static func isHexTail(_ name: String) -> Bool {
    guard let dash = name.lastIndex(where: { $0 == "-" || $0 == "_" }) else { return false }
    let tail = name[name.index(after: dash)...]
    return tail.count >= 6 && tail.allSatisfy { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
      && tail.count(where: \.isNumber) >= 2 && tail.count(where: \.isLetter) >= 2
  }

  /// A digit before a letter: `item1` is the first of somebody's items.
  private static func hasInnerDigit(_ text: Substring) -> Bool {
    text.lastIndex { $0.isASCII && $0.isLetter }.map { hasDigit(text[..<$0]) } ?? false
  }

  private static func hasDigit(_ text: Substring) -> Bool { text.contains { $0.isASCII && $0.isNumber } }
  private static func hasLetter(_ text: Substring) -> Bool { text.contains { $0.isASCII && $0.isLetter } }

  /// A capital behind a small letter: `bdVaJa`. `Title` is a word.
  private static func mixesCase(_ text: Substring) -> Bool {
    zip(text, text.dropFirst()).contains { $0.isLowercase && $1.isUppercase } && text.contains(where: \.isLowercase)
  }
}
