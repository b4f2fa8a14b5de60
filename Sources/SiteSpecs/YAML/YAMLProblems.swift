import Diagnostics

extension YAMLSource {
  /// libyaml's complaint, in words that say what to type.
  func diagnostic(for problem: YAMLParserProblem) -> Diagnostic {
    if let cause = cause(of: problem) { return cause }
    let (message, help) = explanation(of: problem)
    let place = (isNeverClosed(problem) ? problem.contextAt : nil) ?? problem.at ?? problem.contextAt ?? 0
    var notes: [Diagnostic.Note] = []
    if let context = problem.context, let start = problem.contextAt, location(place).line != location(start).line {
      notes.append(Diagnostic.Note("\(context), begun", at: location(start)))
    }
    return diagnostic(.yamlSyntax, at: place, message, help: help, notes: notes)
  }

  /// What was opened and never closed is told where it opens: libyaml sees it lines later, or at the end of the file. A
  /// flow collection goes on over lines only if they are indented deeper than its own.
  private func isNeverClosed(_ problem: YAMLParserProblem) -> Bool {
    if problem.message.contains("unexpected end") || problem.message.contains("unexpected document") { return true }
    guard problem.message.hasPrefix("did not find expected ','"), let start = problem.contextAt, let end = problem.at
    else {
      return false
    }
    let (opening, noticed) = (location(start).line, location(end).line)
    if end >= count { return true }
    return opening < noticed && indentation(ofLine: noticed) <= indentation(ofLine: opening)
  }

  func indentation(ofLine line: Int) -> Int { text(ofLine: line)?.prefix { $0 == " " }.count ?? 0 }

  private func explanation(of problem: YAMLParserProblem) -> (String, String?) {
    switch problem.message {
    case "did not find expected key"
    where problem.at.flatMap(character).map { "]}".unicodeScalars.contains($0) } == true:
      ("this bracket closes nothing", "remove it: every ']' and '}' closes one that was opened before")
    case "did not find expected alphabetic or numeric character":
      ("the name of an anchor or alias was expected here", "quote the value: '*' and '&' begin something else in YAML")
    case "did not find expected key":
      ("a key was expected here", "check the indentation of this line and the quotes and brackets before it")
    case "could not find expected ':'":
      ("a ':' was expected after the key", "write 'key: value', with a space after the colon")
    case "mapping values are not allowed in this context":
      ("a ': ' can't stand here", "quote the value if the ': ' belongs to it, else check the indentation")
    case "block sequence entries are not allowed in this context":
      ("a '- ' can't stand here", "begin the list on the line below its key")
    case "found character that cannot start any token":
      ("a value can't begin with this character", startHelp(at: problem.at))
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      ("a tab can't indent", "use spaces")
    case "found unexpected end of stream", "found unexpected document indicator":
      ("this quote is never closed", "add the closing quote")
    case "did not find expected ',' or ']'" where isNeverClosed(problem):
      ("this list, or a quote in it, is never closed", "add the closing ']' or quote")
    case "did not find expected ',' or '}'" where isNeverClosed(problem):
      ("this mapping, or a quote in it, is never closed", "add the closing '}' or quote")
    case "did not find expected ',' or ']'": ("a ',' or ']' was expected here", flowHelp("list", at: problem.at))
    case "did not find expected ',' or '}'": ("a ',' or '}' was expected here", flowHelp("mapping", at: problem.at))
    case "did not find expected '-' indicator":
      ("a '- ' was expected here", "indent every entry of the list by the same number of spaces")
    case "found unknown escape character":
      ("this escape does not exist", "write '\\\\' for a backslash, or use single quotes, where none is special")
    case let words: ("this is not YAML: \(words)", nil)
    }
  }

  /// In `[…]` and `{…}` a brace or bracket in the middle of text is YAML's own.
  private func flowHelp(_ collection: String, at place: Int?) -> String {
    let scalar = place.flatMap { character(at: $0) }
    if scalar == "/" { return "a remark begins with ' #'" }
    guard scalar == "{" || scalar == "[" else {
      return
        "put ',' between two entries; close the \(collection) with '\(collection == "list" ? "]" : "}")', and every quote in it"
    }
    return
      "quote the text: inside \(collection == "list" ? "[ ]" : "{ }") a '\(scalar.map { String($0) } ?? "")' begins something new"
  }

  func character(at place: Int) -> Unicode.Scalar? {
    let position = location(place)
    return text(ofLine: position.line)?.unicodeScalars.dropFirst(position.column - 1).first
  }

  private func startHelp(at place: Int?) -> String {
    let scalar = place.flatMap { character(at: $0) }
    if scalar == "\t" { return "use spaces; a tab can't indent or separate" }
    return "quote the value: '\(scalar.map { String($0) } ?? "")…'"
  }
}
