import Glibc

/// What the harness was asked for: `torture [kills|failpoints|stop] [--NAME=VALUE …]`.
struct Options {
  static let usage = """
    usage: torture kills      [--kills=1000] [--span=3] [--seed=N] [--time=judge|tell]
           torture failpoints [--times=10] [--seed=N] [--only=NAME[,NAME]]
           torture stop       [--sends=100] [--delay=5] [--short]
           --keep             leaves the folders with stores and logs

    """

  var command = "kills"
  private var values: [String: String] = [:]

  init?(_ words: [String]) {
    for (index, word) in words.enumerated() {
      if index == 0, !word.hasPrefix("--") {
        command = word
        continue
      }
      guard word.hasPrefix("--") else { return nil }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
      guard let name = parts.first.map(String.init), Options.names.contains(name) else { return nil }
      values[name] = parts.count == 2 ? String(parts[1]) : ""
    }
    guard ["kills", "failpoints", "stop"].contains(command) else { return nil }
  }

  private static let names: Set<String> = [
    "kills", "span", "seed", "time", "times", "only", "sends", "delay", "short", "keep",
  ]

  func has(_ name: String) -> Bool { values[name] != nil }
  func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
  func number(_ name: String, or usual: Double) -> Double { text(name).flatMap(Double.init) ?? usual }

  /// Another one for every run where none was given.
  var seed: UInt64 { text("seed").flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999) }
}
