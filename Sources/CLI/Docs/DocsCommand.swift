import Engine
import Language
import SiteSpecs

/// Writes what can be written: JSON Schemas for editors and the reference pages, from the definitions that the program
/// itself reads.
struct DocsCommand: Command {
  static let name = "docs"
  static let summary = "write the JSON Schemas and reference pages, or say whether they are up to date"
  static let synopsis = "[schema KIND | page NAME]"
  static let discussion = """
    Without options: the list of what there is. `schema site`, `schema notifier` and `schema slothunter` print a JSON
    Schema, `page NAME` a page of the reference. --check touches nothing and exits with 1 where a file of the folder
    (docs/reference, or --in) is not what this program would write.

    EXAMPLES
      slothunter docs schema site
      slothunter docs page filters
      slothunter docs --write docs/reference
      slothunter docs --check
    """
  static let flags = [
    Flag("--write", "DIR", "write every file into DIR"),
    Flag("--check", "is every file in the folder what would be written?"),
    Flag("--in", "DIR", "the folder that --check reads (default: docs/reference)"),
  ]

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let words = arguments.positionals
    if arguments.has("--in"), !arguments.has("--check") { throw CommandFailure(.usage, "--in needs --check") }
    if arguments.has("--check") || arguments.has("--write") {
      guard words.isEmpty else { throw CommandFailure(.usage, "no argument goes with --check and --write") }
      if let folder = arguments["--write"] { try write(to: folder, terminal) }
      return arguments.has("--check") ? try check(arguments["--in"] ?? defaultFolder, terminal) : .success
    }
    switch words.count {
    case 0:
      for file in ReferenceBook.files { terminal.out(file.name) }
      return .success
    case 2:
      terminal.out(try text(words[0], words[1]).trimmedEnd)
      return .success
    default: throw CommandFailure(.usage, "write `docs schema KIND` or `docs page NAME`", help: known)
    }
  }

  private static let defaultFolder = "docs/reference"

  private static var known: String {
    "kinds: \(SpecKind.allCases.map(\.rawValue).joined(separator: ", ")); pages: "
      + ReferenceBook.pages.map { String($0.name.dropLast(3)) }.joined(separator: ", ")
  }

  private static func text(_ word: String, _ name: String) throws(CommandFailure) -> String {
    let suffix = word == "schema" ? ".schema.json" : word == "page" ? ".md" : ""
    guard !suffix.isEmpty, let file = ReferenceBook.files.first(where: { $0.name == name + suffix }) else {
      throw CommandFailure(.usage, "there is no \(word) '\(name)'", help: known)
    }
    return file.text
  }

  private static func write(to folder: String, _ terminal: Terminal) throws(CommandFailure) {
    guard Files.isDirectory(folder) else { throw CommandFailure(.noInput, "\(folder): there is no such folder") }
    var count = 0
    for file in ReferenceBook.files {
      let path = folder + "/" + file.name
      if Files.exists(path), try Files.text(path) == file.text { continue }
      try Files.write(file.text, to: path)
      terminal.out("wrote \(path)")
      count += 1
    }
    terminal.err("docs: \(count) of \(ReferenceBook.files.count) files written, the others were up to date")
  }

  private static func check(_ folder: String, _ terminal: Terminal) throws(CommandFailure) -> ExitCode {
    guard Files.isDirectory(folder) else {
      throw CommandFailure(.noInput, "\(folder): there is no such folder", help: "slothunter docs --write \(folder)")
    }
    let names = Set(ReferenceBook.files.map(\.name))
    var problems: [String] = []
    for file in ReferenceBook.files {
      let path = folder + "/" + file.name
      if !Files.exists(path) {
        problems.append("\(path): is missing")
      } else if let line = firstDifference(try Files.text(path), file.text) {
        problems.append("\(path):\(line): is not what the program would write")
      }
    }
    for name in try Files.list(folder) where !names.contains(name) {
      problems.append("\(folder)/\(name): nothing writes this file")
    }
    for problem in problems { terminal.out(problem) }
    guard problems.isEmpty else {
      terminal.err("  = help: slothunter docs --write \(folder)")
      return .negative
    }
    terminal.out("docs: \(names.count) files in \(folder) are up to date")
    return .success
  }

  /// From 1; nil where the texts are equal.
  private static func firstDifference(_ found: String, _ wanted: String) -> Int? {
    if found == wanted { return nil }
    let (found, wanted) = (lines(found), lines(wanted))
    return zip(found, wanted).prefix { $0 == $1 }.map(\.0).count + 1
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}

extension String {
  fileprivate var trimmedEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
