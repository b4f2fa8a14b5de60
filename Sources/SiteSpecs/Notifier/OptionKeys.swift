import Diagnostics
import Language
import PluginHost

extension KeyTable where Target == Option {
  static let option = KeyTable(
    "option",
    [
      Key(
        "secret", "Kept out of every log, error and answer.", Reading<Bool>.boolean, default: "false", into: \.secret),
      Key("required", "Whether a channel must set it.", Reading<Bool>.boolean, default: "false", into: \.required),
      Key("default", "What it is where a channel does not set it.", Reading<Value>.literal, into: \.defaultValue),
      Key("help", "One sentence for the operator.", Reading<String>.text, into: \.help),
    ], rules: [.falseBeside("default", ["required", "secret"])])
}

extension KeyNames {
  static let optionNames = KeyNames.defined(
    except: channelWords.union(addressWords).union(NotifierSpec.messageNames.map(\.0)))
}

extension Shape {
  /// `line: {}` and `line:` are options without any condition.
  static let options = Shape.either([.table("option"), .nothing])
}

/// Keys of every channel, which no option may be called.
let channelWords: Set<String> = ["notifier", "enabled", "budget"]

/// Names that mean the address, which no option may be called either.
let addressWords: Set<String> = ["recipient", "recipients"]

extension SpecContext {
  /// Reads `options:` and makes each visible to templates.
  func options(_ entry: Entry) -> [Option] {
    guard let members = entry.members else {
      let _: Void? = mismatch(
        "a mapping from option names to what they are", entry,
        help: "options: { \((entry.elements ?? []).first?.node.scalar?.text ?? "token"): { secret: true } }")
      for element in entry.elements ?? [] {
        guard let name = element.node.scalar?.text, isNameWellFormed(name) else { continue }
        names.set(name, .unknown, .option(isSecret: false), at: location(of: element))
      }
      return []
    }
    return members.map { member in
      var option = Option(name: member.name)
      // `line: {}` and `line:` are options without any condition.
      if !member.node.isNull { KeyTable<Option>.option.read(member, into: &option, self) }
      checkOption(option, member)
      return option
    }
  }

  private func checkOption(_ option: Option, _ member: Entry) {
    if channelWords.contains(option.name) {
      error(
        .badName, "'\(option.name)' is a key of every channel and can't be an option", at: member.atKey,
        help: "give it another name")
    }
    if addressWords.contains(option.name) {
      error(
        .badName, "'\(option.name)' is the address of a message and can't be an option", at: member.atKey,
        help: "give it another name")
    }
    if option.defaultValue != nil, option.required || option.secret {
      error(
        .exclusiveKeys,
        "the option '\(option.name)' has a default, so it can't be \(option.secret ? "secret" : "required")",
        at: member.atKey, help: "remove one of them: a default makes it optional and is there for all to read")
    }
    define(.unknown, .option(isSecret: option.secret), at: member)
  }
}
