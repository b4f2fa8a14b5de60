import Diagnostics
import PluginHost

extension SpecContext {
  /// What is legal in a notifier, and unwise.
  func lintNotifier(_ given: KeyTable<NotifierDraft>.Given, _ spec: NotifierSpec) {
    for option in given["options"]?.members ?? [] { lintOption(option, spec) }
    let content: Set<String> = ["message", "plain", "title", "first_line", "lines"]
    guard case .http(let request) = spec.send, request.names.isDisjoint(with: content), let send = given["send"] else {
      return
    }
    lint(
      .saysNothing, "nothing here says what the message is", at: send.atKey,
      help: "use {message}, or {plain}, {title}, {first_line}, {lines}")
  }

  private func lintOption(_ entry: Entry, _ spec: NotifierSpec) {
    guard let option = spec.options[entry.name] else { return }
    let isNamed =
      used.contains(option.name) || spec.signingOption == option.name
      || spec.variants.contains { $0.option == option.name }
    if !isNamed {
      lint(
        .deadOption, "nothing asks for the option '\(option.name)'", at: entry.atKey,
        help: "remove it, or name it in 'send', 'variants' or 'sign'")
    }
    let words = ["token", "secret", "password", "passwd", "apikey", "api_key", "private_key", "access_key"]
    if !option.secret, option.defaultValue == nil,
      words.contains(where: { option.name == $0 || option.name.hasSuffix("_" + $0) })
    {
      lint(
        .openSecret, "the option '\(option.name)' sounds like a secret and is kept like none", at: entry.atKey,
        help: "add secret: true: it is kept out of logs, errors and answers")
    }
    if let value = option.defaultValue, case .text(let url) = value, spec.addressOptions.contains(option.name) {
      let place = entry.members?.first { $0.name == "default" } ?? entry
      if !isWebAddress(url) {
        error(
          .badURL, "the default of '\(option.name)' begins the URL and is no URL", at: place,
          help: "write https://\(url)")
      } else {
        lintScheme(url, at: place)
      }
    }
  }
}
