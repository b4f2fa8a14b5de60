import Engine
import Glibc
import Storage

/// A command of `slothunter`: help, options and work in one place.
protocol Command: Sendable {
  static var name: String { get }
  /// One line for the list.
  static var summary: String { get }
  /// `[PATH…]`: what follows the name, without options.
  static var synopsis: String { get }
  /// What a newcomer needs beside the options; examples welcome.
  static var discussion: String { get }
  static var flags: [Flag] { get }
  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode
}

extension Command {
  static var discussion: String { "" }

  static var help: String {
    var text = "\(summary)\n\nUSAGE\n  slothunter \(name)\(synopsis.isEmpty ? "" : " " + synopsis) [options]\n"
    if !discussion.isEmpty { text += "\n\(discussion)\n" }
    return text + "\nOPTIONS\n" + optionTable(flags + [CommonFlags.help])
  }
}

func optionTable(_ flags: [Flag]) -> String {
  let names = flags.map { $0.name + ($0.value.map { " " + $0 } ?? "") }
  let width = names.map(\.count).max() ?? 0
  return zip(names, flags).map { name, flag in
    "  " + name + String(repeating: " ", count: width - name.count + 2) + flag.help + (flag.repeats ? " (repeats)" : "")
  }.joined(separator: "\n")
}

/// Options that several commands have.
enum CommonFlags {
  static let help = Flag("--help", "show this")
  static let config = Flag("--config", "FILE", "the configuration (default: slothunter.yaml)")
  static let json = Flag("--json", "print JSON, one value a line")
  static let origin = Flag(
    "--origin", "SITE=TARGET", repeats: true,
    "fetch one origin from another, as https://www.paziresh24.com=http://127.0.0.1:8001")
  static let log = Flag("--log", "LEVEL", "debug, info, warn or error")
  static let noSecrets = Flag("--no-secrets", "accept ${…} that can't be resolved here")
}

/// The command line of `slothunter`.
public enum SlotHunter {
  static let commands: [any Command.Type] = [
    CheckCommand.self, RunCommand.self, TryCommand.self, SelectCommand.self, WatchCommand.self, NotifyCommand.self,
    StatusCommand.self, OutboxCommand.self, WhyCommand.self, SubscriptionsCommand.self, KindsCommand.self,
    DemoCommand.self,
  ]

  public static let version = EngineVersion.text

  /// - Parameter words: The command line without the program's name.
  /// - Returns: What the process exits with.
  public static func main(_ words: [String]) async -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let terminal = Terminal.standard
    do {
      return try await dispatch(words, terminal).rawValue
    } catch let failure as CommandFailure {
      return end(failure, terminal)
    } catch let error as StoreError {
      return end(StoreAccess.failure(error), terminal)
    } catch {
      terminal.clearProgress()
      terminal.err("slothunter: \(error)")
      return ExitCode.internalError.rawValue
    }
  }

  private static func end(_ failure: CommandFailure, _ terminal: Terminal) -> Int32 {
    terminal.clearProgress()
    terminal.err("slothunter: " + failure.message)
    if let help = failure.help { terminal.err("  = help: " + help) }
    return failure.code.rawValue
  }

  private static func command(named name: String) throws(CommandFailure) -> any Command.Type {
    for command in commands where command.name == name { return command }
    throw CommandFailure(.usage, "unknown command '\(name)'", help: guess(name))
  }

  private static func dispatch(_ words: [String], _ terminal: Terminal) async throws -> ExitCode {
    guard let first = words.first else {
      terminal.err(overview)
      return .usage
    }
    switch first {
    case "--help", "-h", "help":
      terminal.out(words.count > 1 ? try command(named: words[1]).help : overview)
      return .success
    case "--version":
      terminal.out("slothunter \(version)")
      return .success
    default: break
    }
    let command = try command(named: first)
    let arguments = try Arguments(Array(words.dropFirst()), flags: command.flags + [CommonFlags.help])
    if arguments.has("--help") {
      terminal.out(command.help)
      return .success
    }
    return try await command.run(arguments, terminal)
  }
}
