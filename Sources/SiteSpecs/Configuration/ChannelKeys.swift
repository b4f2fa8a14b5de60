import Diagnostics
import Language
import PluginHost

struct ChannelDraft {
  var notifier: Entry?
  var enabled = true
  var budget: Budget?
  var budgetEntry: Entry?
  /// Everything else, for the notifier's options.
  var options: [Entry] = []
}

extension KeyTable where Target == ChannelDraft {
  static let channel = KeyTable(
    "channel",
    [
      Key(
        "notifier", "The notifier it speaks through.",
        .form(name: "id", example: "telegram", pattern: KeyNames.id.pattern), required: true
      ) {
        entry, draft, _ in draft.notifier = entry
      },
      Key("enabled", "Whether it is used.", Reading<Bool>.boolean, default: "true", into: \.enabled),
      Key("budget", "What it may spend in a day (UTC); what is over waits for the next.", Reading<Budget>.budget.shape)
      {
        entry, draft, context in
        draft.budget = Reading<Budget>.budget(entry, context)
        draft.budgetEntry = entry
      },
    ], further: .named(.defined, .text), others: { member, draft, _ in draft.options.append(member) })
}

/// Notifiers as they were found: read, or known by a file that has mistakes.
struct FoundNotifiers {
  var specs: [String: NotifierSpec] = [:]
  /// Ids (stems of files) whose file has errors, with that file.
  var broken: [String: String] = [:]
  /// Whether a folder is missing, so that nothing can be said of a notifier that is not there.
  var isPartial = false

  var names: [String] { (Array(specs.keys) + Array(broken.keys)).sorted() }
}

extension SpecContext {
  /// Which notifiers channels that are on use: a mistake in one of these stops the start.
  func enabledNotifiers(_ entry: Entry?) -> Set<String> {
    var used: Set<String> = []
    for channel in entry?.members ?? [] {
      let members = channel.members ?? []
      let isOff = members.first { $0.name == "enabled" }?.node.scalar?.resolved(tag: nil) == .boolean(false)
      if !isOff, let name = members.first(where: { $0.name == "notifier" })?.node.scalar?.text { used.insert(name) }
    }
    return used
  }

  func channels(_ entry: Entry?, _ found: FoundNotifiers) -> [Channel] {
    guard let entry else { return [] }
    guard let members = entry.members else {
      let _: Void? = mismatch("a mapping from channel names to channels", entry)
      return []
    }
    return members.compactMap { channel($0, found) }
  }

  private func channel(_ entry: Entry, _ found: FoundNotifiers) -> Channel? {
    if !isID(entry.name) {
      error(
        .badName, "\(quoted(entry.name)) can't be the name of a channel", at: entry.atKey,
        help: "names are small letters, digits, '_' and '-', at most 64")
    }
    var draft = ChannelDraft()
    guard KeyTable<ChannelDraft>.channel.read(entry, into: &draft, self) != nil, let notifier = draft.notifier,
      let id = Reading<String>.text(notifier, self)
    else { return nil }
    guard let spec = found.specs[id] else {
      // Which of its options is a secret nobody can say.
      for option in draft.options { keepSecret(option) }
      if let file = found.broken[id] {
        // Its own errors are told; a channel that is off waits for them to be mended.
        if draft.enabled {
          error(
            .brokenNotifier, "the notifier '\(id)' has errors", at: notifier,
            notes: [Diagnostic.Note("its file is \(file)")])
        }
      } else if !found.isPartial {
        error(
          .unknownNotifier, "there is no notifier \(quoted(id))", at: notifier,
          help: suggestion(for: id, among: found.names, calling: "notifiers"))
      }
      return nil
    }
    let settings = settings(draft, spec, at: entry)
    if draft.budget?.parts != nil, spec.format != "sms", let entry = draft.budgetEntry {
      error(
        .unfitOption, "'\(id)' sends no SMS, so nothing has parts", at: entry, help: "write messages: 500 messages/day")
    }
    return Channel(
      name: entry.name, notifier: id, enabled: draft.enabled, settings: settings, budget: draft.budget)
  }

  private func settings(_ draft: ChannelDraft, _ spec: NotifierSpec, at channel: Entry) -> [String: Channel.Setting] {
    let strict = substitution
    // Secrets need not be there while their channel is off.
    if !draft.enabled { substitution?.isLenient = true }
    defer { substitution = strict }
    var settings: [String: Channel.Setting] = [:]
    var given = Set(draft.options.map(\.name))
    for entry in draft.options {
      guard let option = spec.options[entry.name] else {
        // One slip of the pen is told once, not as a missing option too.
        let missing = spec.options.options.map(\.name).filter { !given.contains($0) }
        // It may be the value of a secret.
        keepSecret(entry)
        if let meant = didYouMean(entry.name, among: missing) { given.insert(meant) }
        error(
          .unknownOption, "the notifier '\(spec.id)' has no option \(quoted(entry.name))", at: entry.atKey,
          help: suggestion(
            for: entry.name, among: ["notifier", "enabled", "budget"] + spec.options.options.map(\.name),
            calling: "keys here"))
        continue
      }
      settings[entry.name] = setting(entry, option, isAddress: spec.addressOptions.contains(option.name))
    }
    for option in spec.options.options where !given.contains(option.name) {
      if let value = option.defaultValue { settings[option.name] = .plain(value) }
      if option.required {
        error(
          .missingOption, "the option '\(option.name)' of \(spec.id) is missing", at: channel.atKey,
          help: option.help.map { "\(option.name): \($0)" })
      }
    }
    return settings
  }

  private func setting(_ entry: Entry, _ option: Option, isAddress: Bool) -> Channel.Setting? {
    if option.secret { keepSecret(entry) }
    if entry.node.isNull {
      error(.missingValue, "'\(entry.name)' has no value", at: entry.atKey, help: option.help)
      return nil
    }
    guard refuseShellName(entry), let resolved = Reading<Substitution.Result>.resolved(entry, self) else { return nil }
    if isAddress, substitution?.isLenient != true || !resolved.isSecret, !isWebAddress(resolved.text) {
      error(
        .badURL, "'\(entry.name)': expected a URL such as https://ops.example/hook", at: entry,
        help: resolved.isSecret || option.secret || resolved.text.contains("://")
          ? "it begins with https:// or http://, then a host" : "write https://\(resolved.text)")
      return nil
    }
    if option.secret || resolved.isSecret {
      warnAboutPlainSecret(resolved, option, entry)
      return .secret(Secret(resolved.text))
    }
    return Reading<Value>.literal(entry, self).map(Channel.Setting.plain)
  }

  /// `${NAME}` is no secret itself: its name is what the operator has to see.
  private func keepSecret(_ entry: Entry) {
    if entry.node.scalar?.text.contains("${") != true { secrets.append(entry.range) }
  }

  /// `$NAME` is a shell's word for it; here it would be the value itself.
  private func refuseShellName(_ entry: Entry) -> Bool {
    guard let text = entry.node.scalar?.text, text.hasPrefix("$"), !text.hasPrefix("${"), text.utf8.count > 1,
      text.dropFirst().unicodeScalars.allSatisfy({ ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" })
    else { return true }
    secrets.removeAll { $0 == entry.range }
    error(
      .unresolvedVariable, "\(quoted(text)) stands for nothing", at: entry, help: "write ${\(text.dropFirst())}",
      fix: fix("write ${\(text.dropFirst())}", entry, "\"${\(text.dropFirst())}\""))
    return false
  }

  private func warnAboutPlainSecret(_ resolved: Substitution.Result, _ option: Option, _ entry: Entry) {
    guard option.secret, !resolved.isSecret else { return }
    warning(
      .plainSecret, "the secret '\(option.name)' is written into the file", at: entry,
      help: "put it into the environment or a file: ${NAME}, ${file:/path}")
  }
}

/// `https://ops.example/hook`: a scheme and a host, no user name.
func isWebAddress(_ text: String) -> Bool {
  let lowered = text.lowercased()
  guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return false }
  let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
  let isClean = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "\\" }
  guard isClean, !authority.contains("@"), let parts = hostAndPort(String(authority)) else { return false }
  return !parts.host.isEmpty
}

extension NotifierSpec {
  /// Options that a request's URL begins with: each must be a URL itself.
  var addressOptions: Set<String> {
    let transports = [send] + variants.map(\.send)
    return Set(
      transports.compactMap { transport in
        guard case .http(let request) = transport else { return nil }
        return TemplateSkeleton(request.url.source).pieces.first?.name
      })
  }
}
