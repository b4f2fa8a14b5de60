import Diagnostics

extension SlotHunter {
  /// What `slothunter --help` prints; every list in it comes from the code it describes.
  static var overview: String {
    let width = commands.map { $0.name.count }.max() ?? 0
    let list = commands.map { "  \($0.name)" + String(repeating: " ", count: width - $0.name.count + 2) + $0.summary }
    let codes = ExitCode.allCases.map { code in
      let number = "\(code.rawValue)"
      return "  " + number + String(repeating: " ", count: 5 - number.count) + code.meaning
    }
    return """
      slothunter \(version): watches web sites for what appears and vanishes, and tells the right people once.

      USAGE
        slothunter COMMAND [options]        slothunter COMMAND --help

      COMMANDS
      \(list.joined(separator: "\n"))

      FIRST STEPS
        slothunter demo                     see it work: no network, no configuration
        slothunter check                    is everything I wrote valid?
        slothunter try LINK                 what would be read there now?
        slothunter run                      watch, until stopped

      EXIT CODES
      \(codes.joined(separator: "\n"))
      """
  }

  static func guess(_ word: String) -> String {
    let names = commands.map { $0.name }
    return (didYouMean(word, among: names).map { "did you mean '\($0)'? " } ?? "") + "commands: "
      + names.joined(separator: ", ")
  }
}
