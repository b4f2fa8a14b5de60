import Diagnostics

/// An option of a command. The one place that says its name, its value and its help.
struct Flag: Sendable {
  var name: String
  /// What its value is called in help; nil for a switch.
  var value: String?
  var help: String
  var repeats = false

  /// A switch.
  init(_ name: String, _ help: String) {
    self.name = name
    self.help = help
  }

  init(_ name: String, _ value: String, repeats: Bool = false, _ help: String) {
    self.name = name
    self.value = value
    self.repeats = repeats
    self.help = help
  }
}

/// What was given on the command line, checked against a command's flags.
struct Arguments: Sendable {
  private(set) var positionals: [String] = []
  private var values: [String: [String]] = [:]

  /// `--name value`, `--name=value`, `-h`, and `--` before what begins with a dash.
  init(_ words: [String], flags: [Flag]) throws(CommandFailure) {
    var words = words[...]
    while let word = words.popFirst() {
      if word == "--" {
        positionals += words
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        positionals.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts[0] == "-h" ? "--help" : String(parts[0])
      guard let flag = flags.first(where: { $0.name == name }) else {
        throw Arguments.unknown(name, flags)
      }
      guard let placeholder = flag.value else {
        guard parts.count == 1 else { throw CommandFailure(.usage, "\(name) takes no value") }
        values[name] = [""]
        continue
      }
      guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
        throw CommandFailure(.usage, "\(name) needs a value: \(name) \(placeholder)")
      }
      if !flag.repeats, values[name] != nil { throw CommandFailure(.usage, "\(name) is given twice") }
      values[name, default: []].append(value)
    }
  }

  subscript(name: String) -> String? { values[name]?.last }
  func all(_ name: String) -> [String] { values[name] ?? [] }
  func has(_ name: String) -> Bool { values[name] != nil }

  private static func unknown(_ name: String, _ flags: [Flag]) -> CommandFailure {
    let names = flags.map(\.name)
    let guess = didYouMean(name, among: names).map { "did you mean '\($0)'? " } ?? ""
    return CommandFailure(.usage, "unknown option '\(name)'", help: guess + "options: " + names.joined(separator: ", "))
  }
}
