import Language

/// A piece of a page as a message may show it: its shape and its words, nothing that is a key to something.
///
/// Pages hold tokens in comments, hidden fields and scripts. Of tags only what layouts are made of is shown, and long
/// words of letters and digits are dots.
enum Excerpt {
  static let length = 160
  /// A page's beginning says what it is; the rest is not gone through.
  private static let looked = 64 << 10
  private static let shown: Set<String> = ["class", "id", "name", "rel", "type", "role", "itemprop"]
  /// From here on a word of letters and digits is nobody's word.
  private static let opaque = 12

  /// The beginning of what a page shows, for one on which nothing is where it was.
  static func of(page body: [UInt8]) -> String {
    let text = String(decoding: body.prefix(looked), as: UTF8.self)
    if body.isEmpty { return "nothing: an empty answer" }
    // What a head holds says little of a page.
    return of(String(text[(text.firstRange(of: "<body")?.lowerBound ?? text.startIndex)...]))
  }

  /// On one line.
  static func of(_ text: String) -> String {
    let line = PhoneMask.concealing(concealingWords(plainTags(Array(text.unicodeScalars.prefix(looked)))))
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > length ? line.prefix(length - 1) + "…" : line
  }

  /// Comments and scripts out, of tags their name and a few attributes.
  private static func plainTags(_ scalars: [Unicode.Scalar]) -> String {
    var (result, at) = (String.UnicodeScalarView(), 0)
    while at < scalars.count {
      guard scalars[at] == "<" else {
        result.append(scalars[at])
        at += 1
        continue
      }
      if scalars[at...].starts(with: "<!--".unicodeScalars) {
        at = end(of: "-->", scalars, at)
        continue
      }
      let close = end(of: ">", scalars, at)
      let tag = plain(tag: String(String.UnicodeScalarView(scalars[at..<close])))
      result.append(contentsOf: tag.unicodeScalars)
      at = close
      for raw in ["script", "style"] where tag.hasPrefix("<" + raw) { at = end(of: "</\(raw)>", scalars, at) }
    }
    return String(result)
  }

  private static func end(of mark: String, _ scalars: [Unicode.Scalar], _ start: Int) -> Int {
    let mark = Array(mark.unicodeScalars)
    var at = start
    while at < scalars.count {
      if scalars[at] == mark[0], scalars[at...].starts(with: mark) { return at + mark.count }
      at += 1
    }
    return scalars.count
  }

  private static func plain(tag: String) -> String {
    let inside = tag.dropFirst().drop { $0 == "/" }.prefix { $0 != ">" }
    let name = inside.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
    guard !name.isEmpty else { return " " }
    if tag.hasPrefix("</") { return "</\(name)>" }
    var attributes = ""
    for piece in inside.dropFirst(name.count).split(separator: "\"", omittingEmptySubsequences: false).pairs {
      let key = piece.0.filter { !$0.isWhitespace }.lowercased()
      guard key.hasSuffix("="), shown.contains(String(key.dropLast())) else { continue }
      attributes += " \(key)\"\(piece.1)\""
    }
    return "<\(name)\(attributes)>"
  }

  private static func concealingWords(_ text: String) -> String {
    var (result, word) = ("", "")
    func flush() {
      let isMixed = word.contains(where: \.isNumber) && word.contains(where: \.isLetter) && word.count >= opaque
      result += isMixed || word.contains("@") ? Mask.mark : word
      word = ""
    }
    for character in text {
      if character.isASCII, character.isLetter || character.isNumber || "-_@.+".contains(character) {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }
}

extension [Substring] {
  /// What stands outside of quotes with what stands inside the next ones.
  fileprivate var pairs: [(Substring, Substring)] {
    stride(from: 0, to: count - 1, by: 2).map { (self[$0], self[$0 + 1]) }
  }
}
