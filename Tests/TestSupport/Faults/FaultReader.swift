/// Reads the lines of a `.faults` file.
struct FaultReader {
  private(set) var faults: [Fault] = []
  private var ids: Set<String> = []
  private var base = ""
  private var topic = ""
  private var current: Fault?
  private var find: [String] = []
  private var replace: [String] = []

  struct Mistake: Error, CustomStringConvertible {
    var description: String
  }

  mutating func read(_ text: String, topic: String) throws {
    (self.topic, base) = (topic, "")
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      do { try take(String(line)) } catch {
        throw Mistake(description: "\(topic).faults:\(number + 1): \(error)")
      }
    }
    try finish()
  }

  private mutating func take(_ line: String) throws {
    if line.isEmpty || line.hasPrefix("#") { return }
    guard line.hasPrefix("  ") else { return try begin(line) }
    let words = line.dropFirst(2).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let rest = words.count > 1 ? words[1] : ""
    guard current != nil else { throw Mistake(description: "no entry has begun") }
    switch words[0] {
    case "-": find.append(rest)
    case "+": replace.append(rest)
    case "at": current?.place = rest
    case "says": current?.says.append(rest)
    case "help": current?.help = rest
    case "other": current?.other = rest
    case "code": current?.code = rest
    case "in": current?.file = rest
    case "with":
      let parts = rest.split(separator: " ").map(String.init)
      guard parts.count == 2 else { throw Mistake(description: "'with PATH BASE'") }
      current?.beside.append((parts[0], parts[1]))
    default: throw Mistake(description: "'\(words[0])' means nothing here")
    }
  }

  private mutating func begin(_ line: String) throws {
    try finish()
    let words = line.split(separator: " ").map(String.init)
    guard words.count == 2 else { throw Mistake(description: "a word and a name were expected") }
    if words[0] == "base" {
      base = words[1]
    } else if let kind = Fault.Kind(rawValue: words[0]) {
      guard !base.isEmpty else { throw Mistake(description: "no base has been named") }
      guard ids.insert(words[1]).inserted else { throw Mistake(description: "'\(words[1])' is here twice") }
      current = Fault(kind: kind, id: words[1], topic: topic, base: base)
    } else {
      throw Mistake(description: "'\(words[0])' begins nothing")
    }
  }

  private mutating func finish() throws {
    guard var fault = current else { return }
    (fault.find, fault.replace) = (find.joined(separator: "\n"), replace.joined(separator: "\n"))
    (find, replace, current) = ([], [], nil)
    if fault.kind != .fine {
      guard !fault.find.isEmpty else { throw Mistake(description: "\(fault.id) edits nothing") }
      guard !fault.says.isEmpty || fault.help != nil else { throw Mistake(description: "\(fault.id) expects nothing") }
    }
    if fault.kind == .unwise, fault.code == nil { throw Mistake(description: "\(fault.id) names no code") }
    faults.append(fault)
  }
}
