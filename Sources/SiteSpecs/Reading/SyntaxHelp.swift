import Diagnostics
import Language

/// What to type instead, told from a text that does not compile: parsers know where they stopped, seldom what was meant.
enum SyntaxHelp {
  static func help(for mistake: SyntaxError, in text: String, _ code: DiagnosticCode, kind: String?) -> String? {
    switch code {
    case .badSelector where kind == "json": json(mistake, text) ?? closing(mistake)
    case .badSelector where kind == "xpath": xpath(mistake, text) ?? closing(mistake)
    case .badSelector where kind == "css": css(mistake, text) ?? closing(mistake)
    case .badPattern: pattern(mistake)
    case .badExpression: expression(mistake, text) ?? pattern(mistake) ?? closing(mistake)
    case .badTemplate: template(mistake, text)
    case .badSchedule: schedule(mistake)
    case .badProxy: mistake.message.contains("host and port") ? "the port is a number from 1 to 65535" : nil
    default: nil
    }
  }

  private static func closing(_ mistake: SyntaxError) -> String? {
    for bracket in ["]", ")", "}"] where mistake.message.contains("'\(bracket)'") {
      return "close it with '\(bracket)'"
    }
    return mistake.message.contains("'(' is not closed") ? "close it with ')'" : nil
  }

  // MARK: Selectors

  private static func json(_ mistake: SyntaxError, _ text: String) -> String? {
    let scalars = Array(text.unicodeScalars)
    if scalars.count > 1, isLetter(scalars[1]) { return "write $.\(text.dropFirst())" }
    if text.hasSuffix(".") { return "end the path before the '.'" }
    if mistake.message.hasPrefix("unexpected '-'") {
      // The whole name around the dash.
      let before = scalars[..<min(mistake.offset, scalars.count)].lastIndex { !isLetter($0) }.map { $0 + 1 } ?? 0
      let name = scalars[before...].prefix { isLetter($0) || $0 == "-" }
      return "quote a name with '-' in it: ['\(String(String.UnicodeScalarView(name)))']"
    }
    if mistake.message.hasPrefix("unknown function"),
      let name = quotedWord(mistake.message)?.prefix(while: { $0 != "(" })
    {
      return didYouMean(String(name), among: ["length", "count", "match", "search", "value"]).map {
        "did you mean '\($0)'?"
      }
    }
    if mistake.message.hasSuffix("is no index"), let word = quotedWord(mistake.message), let number = Int(word) {
      return "write \(number)"
    }
    return nil
  }

  private static func xpath(_ mistake: SyntaxError, _ text: String) -> String? {
    if text.contains("#") || text.hasPrefix(".") && !text.hasPrefix("./") && text != "." {
      return "this looks like CSS, which is spelled out: { css: '\(text)' }"
    }
    if text.hasSuffix("/") { return "remove the '/' at the end" }
    if mistake.message.contains("takes 2 arguments") { return "write 2 of them, as in contains(@id, 'x')" }
    return mistake.message.contains("arguments, not") ? "give it as many as it takes" : nil
  }

  private static func css(_ mistake: SyntaxError, _ text: String) -> String? {
    if text.hasPrefix("/") || text.hasPrefix("./") { return "this looks like XPath: { xpath: '\(text)' }" }
    if mistake.message.contains("found '@'") { return "an attribute is read with ::attr(name), or with xpath: ./@name" }
    if text.hasSuffix(",") { return "remove the ',' at the end" }
    if mistake.message.contains("name of an attribute") {
      return "an attribute is [name] or [name='value'], closed with ']'"
    }
    if mistake.message.hasPrefix("expected a class"), let dot = text.firstIndex(of: ".") {
      let name = text[text.index(after: dot)...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
      return "a class that begins with a digit is asked for as [class~='\(name)']"
    }
    return nil
  }

  // MARK: Patterns, expressions, templates

  /// PCRE2's own words: pcre2_get_error_message(3).
  private static func pattern(_ mistake: SyntaxError) -> String? {
    let message = mistake.message
    if message.contains("missing closing parenthesis") { return "close it with ')', or write \\( for the character" }
    if message.contains("unmatched closing parenthesis") { return "remove it, or write \\) for the character" }
    if message.contains("missing terminating ]") { return "close it with ']', or write \\[ for the character" }
    if message.contains("quantifier does not follow") {
      return "it repeats what stands before it: '.*' is any text; \\* and \\+ are the characters"
    }
    return message.contains("range out of order") ? "the smaller end comes first: a-z, 0-9" : nil
  }

  private static func expression(_ mistake: SyntaxError, _ text: String) -> String? {
    if mistake.message.contains("can't compare integer with text") {
      return text.contains(".weekday")
        ? "weekdays stand without quotes: sat, sun, mon …" : "a number stands without quotes, as 12"
    }
    guard mistake.message.hasPrefix("unknown name"), let word = quotedWord(mistake.message) else { return nil }
    if ["nil", "none", "undefined", "empty", "None"].contains(word) { return "did you mean 'null'?" }
    if text.contains(".weekday"),
      let day = didYouMean(word, among: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]) ?? longDay(word)
    {
      return "did you mean '\(day)'?"
    }
    let isCompared = ["==", "!=", " in "].contains(where: text.contains)
    guard isCompared, mistake.help?.hasPrefix("did you mean") != true else { return nil }
    return "text stands in quotes: '\(word)'; \(mistake.help ?? "")"
  }

  private static func schedule(_ mistake: SyntaxError) -> String? {
    if let limits = mistake.message.firstRange(of: " is not in ") {
      return "from \(mistake.message[limits.upperBound...])"
    }
    if mistake.message.hasPrefix("there is no day") { return "months have 28 to 31 days: write one that is there" }
    guard mistake.message.contains("weekday"), let word = quotedWord(mistake.message), let day = longDay(word) else {
      return nil
    }
    return "did you mean '\(day)'? \(mistake.help ?? "")"
  }

  private static func longDay(_ word: String) -> String? {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    return didYouMean(word, among: days).map { String($0.prefix(3)) }
  }

  private static func template(_ mistake: SyntaxError, _ text: String) -> String? {
    if mistake.message == "'{' is not closed" { return "add '}', or write {{ for a brace itself" }
    guard mistake.message == "'|' or '}' is expected here" else { return nil }
    let scalars = Array(text.unicodeScalars)
    let upTo = scalars[..<min(mistake.offset, scalars.count)]
    // Behind a filter's colon: a text of several words.
    guard let colon = upTo.lastIndex(of: ":"), upTo.lastIndex(of: "|").map({ $0 < colon }) == true else { return nil }
    let argument = scalars[(colon + 1)...].prefix { $0 != "}" && $0 != "|" }
    let words = String(String.UnicodeScalarView(argument)).split(separator: " ").joined(separator: " ")
    return "a text of several words stands in quotes: '\(words)'"
  }

  private static func quotedWord(_ message: String) -> String? {
    let parts = message.split(separator: "'", omittingEmptySubsequences: false)
    return parts.count >= 3 ? String(parts[1]) : nil
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }
}
