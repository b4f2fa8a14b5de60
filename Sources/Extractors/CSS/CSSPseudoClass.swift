import Language

extension CSSParser {
  /// Without an argument.
  private static let plain: [String: [CSSTest]] = [
    "root": [.root], "scope": [.scope], "empty": [.empty], "link": [.link], "any-link": [.link],
    "checked": [.checked], "disabled": [.disabled], "enabled": [.enabled], "required": [.required],
    "optional": [.optional], "visited": [.never], "hover": [.never], "active": [.never], "focus": [.never],
    "focus-within": [.never], "focus-visible": [.never],
    "first-child": [.nth(position())], "last-child": [.nth(position(fromEnd: true))],
    "only-child": [.nth(position()), .nth(position(fromEnd: true))],
    "first-of-type": [.nth(position(sameType: true))],
    "last-of-type": [.nth(position(fromEnd: true, sameType: true))],
    "only-of-type": [.nth(position(sameType: true)), .nth(position(fromEnd: true, sameType: true))],
  ]

  private static let functions = [
    "contains", "-soup-contains", "-soup-contains-own", "has", "is", "lang", "matches", "not", "nth-child",
    "nth-last-child", "nth-last-of-type", "nth-of-type", "where",
  ]

  private static func position(fromEnd: Bool = false, sameType: Bool = false) -> CSSNth {
    CSSNth(step: 0, offset: 1, fromEnd: fromEnd, sameType: sameType, of: [], id: 0)
  }

  mutating func readPseudoClass(into compound: inout CSSCompound) throws(SyntaxError) {
    let start = scanner.index
    try scanner.expect(":")
    let written = try scanner.readName("the name of a pseudo-class")
    let name = written.lowercased()
    guard scanner.accept("(") else {
      guard let tests = CSSParser.plain[name] else { throw CSSParser.unknown(written, at: start) }
      compound.tests += tests
      return
    }
    try scanner.skipSpace()
    compound.tests.append(try readFunction(name, written, at: start))
    try scanner.skipSpace()
    try scanner.expect(")")
  }

  private mutating func readFunction(
    _ name: String, _ written: String, at start: Int
  ) throws(SyntaxError) -> CSSTest {
    switch name {
    case "not": return .not(try readArguments())
    case "is", "where", "matches": return .any(try readArguments())
    case "has": return .has(try readRelativeArguments())
    case "contains", "-soup-contains": return .contains(try readTexts(), ownTextOnly: false)
    case "-soup-contains-own": return .contains(try readTexts(), ownTextOnly: true)
    case "lang": return .language(try readTexts().map { String(decoding: $0, as: UTF8.self).lowercased() })
    case "nth-child": return .nth(try readNth(fromEnd: false, sameType: false))
    case "nth-last-child": return .nth(try readNth(fromEnd: true, sameType: false))
    case "nth-of-type": return .nth(try readNth(fromEnd: false, sameType: true))
    case "nth-last-of-type": return .nth(try readNth(fromEnd: true, sameType: true))
    default: throw CSSParser.unknown(written, at: start)
    }
  }

  private static func unknown(_ name: String, at start: Int) -> SyntaxError {
    if plain[name.lowercased()] != nil { return SyntaxError("':\(name)' takes no argument", offset: start) }
    if functions.contains(name.lowercased()) { return SyntaxError("':\(name)' needs an argument", offset: start) }
    // Those of Beautiful Soup work and are not advertised: `:contains()` says the same.
    let words = (plain.keys + functions).filter { !$0.hasPrefix("-") }.sorted()
    return SyntaxError(
      "unknown pseudo-class ':\(name)'", offset: start,
      help: Nearest.help(for: name, among: words, called: "pseudo-classes"))
  }

  private mutating func readTexts() throws(SyntaxError) -> [[UInt8]] {
    var texts: [[UInt8]] = []
    repeat {
      try scanner.skipSpace()
      let isText = scanner.current == "\"" || scanner.current == "'"
      texts.append(Array((isText ? try scanner.readText() : try scanner.readName("a name or a text in quotes")).utf8))
      try scanner.skipSpace()
    } while scanner.accept(",")
    return texts
  }

  private mutating func readNth(fromEnd: Bool, sameType: Bool) throws(SyntaxError) -> CSSNth {
    let (step, offset) = try readFormula()
    var nth = CSSNth(step: step, offset: offset, fromEnd: fromEnd, sameType: sameType, of: [], id: 0)
    try scanner.skipSpace()
    if !sameType, scanner.startsName {
      let start = scanner.index
      guard try scanner.readName("'of'").lowercased() == "of" else {
        throw SyntaxError("expected 'of' or ')'", offset: start)
      }
      nth.of = try readArguments()
      nth.id = nextNthID()
    }
    return nth
  }

  /// `odd`, `even`, `3`, `2n+1`, `-n + 3` (CSS Syntax Level 3, section 6).
  private mutating func readFormula() throws(SyntaxError) -> (step: Int, offset: Int) {
    let start = scanner.index
    for (word, formula) in [("odd", (2, 1)), ("even", (2, 0))] where acceptWord(word) { return formula }
    let sign = readSignOfNumber()
    let number = try readDigits()
    guard scanner.current == "n" || scanner.current == "N" else {
      guard let number else { throw SyntaxError("expected a formula such as 2n+1, odd or 3", offset: start) }
      return (0, (sign ?? 1) * number)
    }
    scanner.index += 1
    let step = (sign ?? 1) * (number ?? 1)
    let mark = scanner.index
    try scanner.skipSpace()
    guard let offsetSign = readSignOfNumber() else {
      scanner.index = mark
      return (step, 0)
    }
    try scanner.skipSpace()
    guard let offset = try readDigits() else { throw scanner.unexpected("a number") }
    return (step, offsetSign * offset)
  }

  private mutating func acceptWord(_ word: String) -> Bool {
    var ahead = scanner
    guard ahead.startsName, let name = try? ahead.readName(word), name.lowercased() == word else { return false }
    scanner = ahead
    return true
  }

  private mutating func readSignOfNumber() -> Int? {
    if scanner.accept("+") { return 1 }
    return scanner.accept("-") ? -1 : nil
  }

  private mutating func readDigits() throws(SyntaxError) -> Int? {
    let start = scanner.index
    var value = 0
    while let digit = scanner.current, CSSScanner.isDigit(digit) {
      value = value * 10 + Int(digit.value - 0x30)
      // A page has at most 200,000 nodes.
      if value > 1_000_000 { throw SyntaxError("the number is too large", offset: start) }
      scanner.index += 1
    }
    return scanner.index > start ? value : nil
  }
}
