import Diagnostics

extension YAMLSource {
  /// The mistake behind libyaml's complaint, where the text shows it: libyaml often stumbles lines later.
  func cause(of problem: YAMLParserProblem) -> Diagnostic? {
    let last = location(problem.at ?? problem.contextAt ?? 0).line
    let first = problem.contextAt.map { location($0).line } ?? 1
    return tabIndentation(line: last) ?? oddBlank(lines: first...max(first, last))
      ?? openQuote(lines: first...max(first, last)) ?? missingColon(problem) ?? strayDash(problem)
  }

  private func tabIndentation(line: Int) -> Diagnostic? {
    guard let text = text(ofLine: line) else { return nil }
    let blanks = text.unicodeScalars.prefix { $0 == " " || $0 == "\t" }
    guard let tab = blanks.firstIndex(of: "\t") else { return nil }
    let start = scalarIndex(ofLine: line)
    let place = start + blanks.distance(from: blanks.startIndex, to: tab)
    let spaces = blanks.reduce(into: "") { $0 += $1 == "\t" ? "  " : " " }
    return diagnostic(
      .yamlSyntax, at: place, "a tab can't indent", help: "use spaces",
      fix: isIndentation(spaces.count, ofLine: line) ? fix("use spaces", start..<(start + blanks.count), spaces) : nil)
  }

  /// Whether a line indented so goes on with the line above, or begins what that one opens: below a key without a value
  /// nothing else is sure.
  private func isIndentation(_ width: Int, ofLine line: Int) -> Bool {
    var above = line - 1
    while above > 0, self.text(ofLine: above).map(Self.isEmptyOrRemark) == true { above -= 1 }
    guard let whole = text(ofLine: above) else { return false }
    let text = Self.withoutRemark(whole)
    let indent = indentation(ofLine: above)
    let inEntry = indent + (text.dropFirst(indent).hasPrefix("- ") ? 2 : 0)
    if text.hasSuffix(":") { return width == inEntry + 2 }
    // A block, or a key whose value stands below behind an anchor or tag.
    let last = text.split(separator: " ").last?.first
    if let last, "|>&!".contains(last) { return false }
    return width == indent || width == inEntry
  }

  private static func isEmptyOrRemark(_ line: String) -> Bool {
    guard let first = line.first(where: { $0 != " " && $0 != "\t" }) else { return true }
    return first == "#"
  }

  private static func withoutRemark(_ line: String) -> String {
    let kept = line.firstRange(of: " #").map { line[..<$0.lowerBound] } ?? line[...]
    return String(kept[..<(kept.lastIndex { $0 != " " }.map(kept.index(after:)) ?? kept.startIndex)])
  }

  /// A blank in an indentation that only looks like one.
  private func oddBlank(lines: ClosedRange<Int>) -> Diagnostic? {
    for line in lines {
      let scalars = Array((text(ofLine: line) ?? "").unicodeScalars)
      let isBlank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace || $0 == "\u{200B}" }
      guard let odd = scalars.firstIndex(where: { $0 != " " && $0 != "\t" }), isBlank(scalars[odd]) else { continue }
      let place = scalarIndex(ofLine: line) + odd
      let name = "U+" + String(0x10000 + scalars[odd].value, radix: 16, uppercase: true).dropFirst()
      return diagnostic(
        .yamlSyntax, at: place, "\(name) can't indent, it only looks like a space",
        help: "write a plain space in its place",
        fix: fix("write a space", place..<(place + 1), " "))
    }
    return nil
  }

  /// The first quote that opens a value and does not close on its line. Quotes may go on over lines, but hardly in a
  /// file that is no YAML.
  private func openQuote(lines: ClosedRange<Int>) -> Diagnostic? {
    for line in lines {
      guard let column = openQuote(in: Array((text(ofLine: line) ?? "").unicodeScalars)) else { continue }
      return diagnostic(
        .yamlSyntax, at: scalarIndex(ofLine: line) + column, "this quote is never closed",
        help: "add the closing quote")
    }
    return nil
  }

  private func openQuote(in line: [Unicode.Scalar]) -> Int? {
    var open: (quote: Unicode.Scalar, at: Int)?
    var beginsValue = true
    var index = 0
    while index < line.count {
      let scalar = line[index]
      if let (quote, _) = open {
        if quote == "\"", scalar == "\\" {
          index += 1
        } else if scalar == quote {
          // Two single quotes are one in the text.
          if quote == "'", index + 1 < line.count, line[index + 1] == "'" { index += 1 } else { open = nil }
        }
      } else if scalar == "#", index == 0 || line[index - 1] == " " {
        return nil
      } else if (scalar == "\"" || scalar == "'") && beginsValue {
        open = (scalar, index)
      }
      if scalar != " " { beginsValue = open == nil && ":-[{,".unicodeScalars.contains(scalar) }
      index += 1
    }
    return open?.at
  }

  private func missingColon(_ problem: YAMLParserProblem) -> Diagnostic? {
    guard problem.message == "could not find expected ':'", let place = problem.contextAt else { return nil }
    let line = text(ofLine: location(place).line) ?? ""
    let help =
      if line.contains(" = ") { "write ':' for '=': 'key: value'" } else if line.contains(":") {
        "put a space after the ':', as in 'key: value'"
      } else {
        "write 'key: value'"
      }
    return diagnostic(.yamlSyntax, at: place, "a ': ' was expected after the key", help: help)
  }

  /// A `- ` before the first key of a mapping makes a list of it, and the next key is no entry.
  private func strayDash(_ problem: YAMLParserProblem) -> Diagnostic? {
    guard problem.message == "did not find expected '-' indicator", let start = problem.contextAt, let end = problem.at
    else { return nil }
    let (first, last) = (location(start), location(end))
    let isEntry: (Int) -> Bool = { line in
      indentation(ofLine: line) == first.column - 1
        && text(ofLine: line)?.unicodeScalars.dropFirst(first.column - 1).first == "-"
    }
    guard character(at: end) != "-", last.column == first.column, first.line < last.line,
      !(first.line + 1..<last.line).contains(where: isEntry)
    else {
      return nil
    }
    return diagnostic(
      .yamlSyntax, at: start, "this '- ' begins a list, and what follows is no entry of it",
      help: "remove the '- ', or make every line below an entry of the list",
      notes: [Diagnostic.Note("the first line that is none is", at: location(end))])
  }
}
