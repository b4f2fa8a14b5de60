import Diagnostics
import Language

/// What is legal in a selector and breaks with the next release of the site.
extension SpecContext {
  func lintSelector(_ text: String, kind: String, at entry: Entry) {
    guard isLinting else { return }
    lintHiddenCharacters(text, at: entry)
    switch kind {
    case "xpath":
      let shape = SelectorText(xpath: text)
      lintPositions(shape.code, xpathPositions, .positionalXPath, at: entry)
      lintTBody(shape, at: entry)
      lintClasses(shape.code.contains("@class") ? shape.texts : [], at: entry)
      lintWholeClass(shape, at: entry)
    case "css":
      let shape = SelectorText(css: text)
      lintPositions(shape.code, cssPositions, .positionalCSS, at: entry)
      lintTBody(shape, at: entry)
      lintClasses(shape.classes + (text.contains("class") ? shape.texts : []), at: entry)
    case "pattern", "text": lintSlashes(text, at: entry)
    default: break
    }
  }

  private func lintPositions(
    _ code: String, _ words: (String) -> (found: String, offset: Int)?, _ name: DiagnosticCode, at entry: Entry
  ) {
    guard let (found, offset) = words(code) else { return }
    lint(
      name, "\(quoted(found)) counts elements: one more before it, and another is meant", at: entry, offset: offset,
      help: "name an id, class or attribute of what is meant, or a text beside it")
  }

  private func lintTBody(_ shape: SelectorText, at entry: Entry) {
    guard let offset = shape.offset(ofStep: "tbody") else { return }
    lint(
      .tbodyStep, "browsers put 'tbody' into tables, the page itself may have none", at: entry, offset: offset,
      help: "look at the page's source; 'table//tr', or 'table tr' in CSS, finds the rows either way")
  }

  private func lintClasses(_ texts: [(text: String, offset: Int)], at entry: Entry) {
    for (text, offset) in texts {
      for word in text.split(whereSeparator: \.isWhitespace) where BuildHash.isLikely(String(word)) {
        let start = text.unicodeScalars.distance(from: text.startIndex, to: word.startIndex)
        let stable = BuildHash.stablePart(String(word))
        return lint(
          .buildHashClass, "the class \(quoted(String(word))) looks made by a build: the next one renames it",
          at: entry,
          offset: offset + start,
          help: stable.map { "[class^='\($0)'] holds longer, an id or attribute longest" }
            ?? "name an id or attribute, or an element around it")
      }
    }
  }

  private func lintWholeClass(_ shape: SelectorText, at entry: Entry) {
    guard let range = shape.code.firstRange(of: "@class=") else { return }
    // A class that a build made is told already.
    if shape.texts.contains(where: { $0.text.split(separator: " ").contains { BuildHash.isLikely(String($0)) } }) {
      return
    }
    lint(
      .wholeClassAttribute, "'@class=…' asks for all classes, in this order: one more and nothing matches", at: entry,
      offset: shape.code.unicodeScalars.distance(from: shape.code.startIndex, to: range.lowerBound),
      help: "{ css: '.name' } asks for one of them")
  }

  /// `/captcha/i`: another language's way to write a pattern; here the slashes are part of it.
  private func lintSlashes(_ text: String, at entry: Entry) {
    guard text.hasPrefix("/"), let end = text.dropFirst().lastIndex(of: "/") else { return }
    let flags = text[text.index(after: end)...]
    guard flags.utf8.count <= 4, flags.allSatisfy({ "gimsux".contains($0) }),
      text[text.index(after: text.startIndex)..<end].count > 1
    else { return }
    let inside = text[text.index(after: text.startIndex)..<end]
    let kept = flags.filter { "imsx".contains($0) }
    lint(
      .slashedPattern, "the '/' at both ends are part of this pattern", at: entry,
      help: "write \(kept.isEmpty ? "" : "(?\(kept))")\(inside)")
  }

}

/// `[3]`, `position()`, `last()`; not `(…)[1]`, which is a way to say: the first that matches.
private func xpathPositions(_ code: String) -> (found: String, offset: Int)? {
  let scalars = Array(code.unicodeScalars)
  for (offset, scalar) in scalars.enumerated() where scalar == "[" && (offset == 0 || scalars[offset - 1] != ")") {
    let inside = scalars[(offset + 1)...].prefix { $0 != "]" && $0 != "[" }.filter { $0 != " " }
    if !inside.isEmpty, inside.allSatisfy({ ("0"..."9").contains($0) }), !isNext(scalars[..<offset], inside) {
      return ("[" + String(String.UnicodeScalarView(inside)) + "]", offset)
    }
  }
  // All but the first few: a head of a table, not one element that is counted to.
  let bare = code.replacing("position() >", with: "             ").replacing("position()>", with: "           ")
  return first(of: ["position()", "last()"], in: bare)
}

/// Whether `[1]` asks for the sibling right beside: `th[.='…']/following-sibling::td[1]` names what it is beside.
private func isNext(_ before: ArraySlice<Unicode.Scalar>, _ number: [Unicode.Scalar]) -> Bool {
  let step = String(String.UnicodeScalarView(before.reversed().prefix { $0 != "/" }.reversed()))
  return number == ["1"] && (step.hasPrefix("following-sibling::") || step.hasPrefix("preceding-sibling::"))
}

private func cssPositions(_ code: String) -> (found: String, offset: Int)? {
  first(of: [":nth-child(", ":nth-of-type(", ":nth-last-child(", ":nth-last-of-type("], in: code).map {
    (String($0.found.dropLast()), $0.offset)
  }
}

private func first(of words: [String], in code: String) -> (found: String, offset: Int)? {
  for word in words {
    guard let range = code.firstRange(of: word) else { continue }
    return (word, code.unicodeScalars.distance(from: code.startIndex, to: range.lowerBound))
  }
  return nil
}
