import Diagnostics
import Language
import PluginHost

struct NotifierDraft {
  var id: String?
  var title: String?
  var options: [Option] = []
  var recipientName = "recipient"
  var recipientPattern: (any CompiledSelector)?
  var takesRecipient = true
  var format: String?
  var maxLength: Int?
  var rate: RateLimit?
  var ratePerRecipient: RateLimit?
  var ratePerGroup: RateLimit?
  var groupPattern: (any CompiledSelector)?
  var batch = 1
  /// Given, be it wrongly: what it makes visible is not told too.
  var hasBatch = false
  var whenUnsure = NotifierSpec.WhenUnsure.resend
  var signing: NotifierSpec.Signing?
  var signingOption: String?
  var send: NotifierSpec.Transport?
  var variants: [(option: String, send: NotifierSpec.Transport)] = []
  var outcomes: [NotifierOutcomeRule] = []

}

extension KeyTable where Target == NotifierDraft {
  static let notifier = KeyTable(
    "notifier",
    [
      Key(
        "notifier", "The notifier's id: the file's name without .yaml.", Reading<String>.id, required: true, into: \.id),
      Key("title", "The channel's name for people.", Reading<String>.text, into: \.title),
      Key(
        "options", "What an operator sets.",
        .map(names: "option names", .options, .optionNames)
      ) { entry, draft, context in
        draft.options = context.options(entry)
      },
      Key(
        "batch", "Recipients of equal texts in one request.", Reading<Int>.integer(1...1000).shape, default: "1"
      ) {
        entry, draft, context in
        draft.hasBatch = true
        if let batch = Reading<Int>.integer(1...1000)(entry, context) { draft.batch = batch }
      },
      Key(
        "recipient", "What an address is; none where the channel is the address.",
        .either([.word(["none"]), .table("recipient")])
      ) {
        entry, draft, context in
        context.recipient(entry, &draft)
      },
      Key("format", "How messages are laid out.", Reading<String>.format, required: true, into: \.format),
      Key(
        "max_length", "The longest message, in the format's units.", Reading<Int>.integer(20...1_000_000),
        into: \.maxLength),
      Key("limits", "What the channel allows.", .table("notifier limits")) { entry, draft, context in
        KeyTable<NotifierDraft>.notifierLimits.read(entry, into: &draft, context)
      },
      Key(
        "when_unsure", "What to do when a try may have been accepted.", Reading<NotifierSpec.WhenUnsure>.choice,
        default: "resend", into: \.whenUnsure),
      Key(
        "sign", "How requests are signed.",
        .either([.word(NotifierSpec.Signing.allCases.map(\.rawValue)), .table("sign")])
      ) {
        entry, draft, context in
        context.sign(entry, &draft)
      },
      Key("send", "The request that sends a message.", .table("send"), required: true) { entry, draft, context in
        draft.send = context.sending(entry, draft) { $0.transport(entry, namesSomebody: draft.takesRecipient) }
      },
      Key("variants", "Other requests, where an option is set.", .list(.table("variant"))) { entry, draft, context in
        draft.variants = context.sending(entry, draft) { $0.variants(entry, namesSomebody: draft.takesRecipient) }
      },
      Key("outcomes", "What answers mean, in order; the first that applies wins.", .notifierOutcomes) {
        entry, draft, context in
        draft.outcomes = context.notifierOutcomes(entry, isSigned: draft.signing != nil)
      },
    ])

  static let notifierLimits = KeyTable(
    "notifier limits",
    [
      Key("rate", "Requests per time.", Reading<RateLimit>.rate, into: \.rate),
      Key("per_recipient", "Messages per time to one recipient.", Reading<RateLimit>.rate, into: \.ratePerRecipient),
      Key("per_group", "Messages per time to one group; see recipient.", Reading<RateLimit>.rate, into: \.ratePerGroup),
    ])

  static let recipient = KeyTable(
    "recipient",
    [
      Key(
        "name", "What an address is called: chat_id.", Reading<String>.name, default: "recipient",
        into: \.recipientName),
      Key(
        "pattern", "What an address must match.", Reading<any CompiledSelector>.pattern, into: \.recipientPattern),
      Key(
        "group", "What the address of a group looks like, for limits.per_group.", Reading<any CompiledSelector>.pattern,
        into: \.groupPattern),
    ])

  static let sign = KeyTable(
    "sign",
    [
      Key(
        "standard_webhooks", "The option that holds the secret.", Reading<String>.optionName, required: true,
        into: \.signingOption)
    ])
}

extension Reading where Value == String {
  /// The kind of a message format that is there.
  static let format = Reading(.format) { entry, context in
    let kinds = context.catalog.formats.map { type(of: $0).kind }.sorted()
    return word(among: kinds)(entry, context)
  }
}

extension SpecContext {
  fileprivate func recipient(_ entry: Entry, _ draft: inout NotifierDraft) {
    if entry.node.scalar?.text == "none" {
      draft.takesRecipient = false
      return
    }
    guard entry.members != nil else {
      let _: Void? = mismatch(
        "'none', or a mapping with name and pattern", entry, help: "recipient: { name: chat_id, pattern: '^[0-9]+$' }")
      return
    }
    KeyTable<NotifierDraft>.recipient.read(entry, into: &draft, self)
  }

  fileprivate func sign(_ entry: Entry, _ draft: inout NotifierDraft) {
    draft.signing = .standardWebhooks
    if entry.members != nil {
      KeyTable<NotifierDraft>.sign.read(entry, into: &draft, self)
    } else {
      guard Reading<NotifierSpec.Signing>.choice(entry, self) != nil else { return }
      draft.signingOption = "secret"
    }
    guard let name = draft.signingOption else { return }
    guard case .option(let isSecret)? = names[name]?.origin, isSecret else {
      error(
        .noSecretOption, "signing needs a secret option \(quoted(name))", at: entry,
        help: "options: { \(name): { secret: true, required: true } }")
      return
    }
  }

  /// Reads what is sent, with the names of the message and of its recipient visible.
  fileprivate func sending<Value>(_ entry: Entry, _ draft: NotifierDraft, _ body: (SpecContext) -> Value) -> Value {
    let before = names
    defer { names = before }
    if draft.takesRecipient {
      names.set("recipient", .text, .builtin)
      if draft.batch > 1 || draft.hasBatch { names.set("recipients", .unknown, .builtin) }
    } else if draft.hasBatch {
      names.set("recipients", .unknown, .builtin)
    }
    return body(self)
  }

  func notifier(_ root: Entry, file: String, bytes: [UInt8]) -> NotifierSpec? {
    for (name, type) in NotifierSpec.messageNames { names.set(name, type, .builtin) }
    var draft = NotifierDraft()
    guard let given = KeyTable<NotifierDraft>.notifier.read(root, into: &draft, self) else { return nil }
    if let entry = given["notifier"], let id = draft.id { checkStem(id, of: file, at: entry) }
    if let batch = given["batch"], draft.batch > 1, !draft.takesRecipient {
      error(.lonelyKey, "'batch' needs recipients", at: batch.atKey, help: "remove it, or say what a recipient is")
    }
    if let batch = given["batch"], draft.batch > 1, case .http(let request)? = draft.send,
      !request.names.contains("recipients")
    {
      error(
        .lonelyKey, "'batch' needs {recipients} in 'send'", at: batch.atKey,
        help: "{recipients} is the list of addresses")
    }
    if draft.ratePerGroup != nil, draft.groupPattern == nil,
      given["recipient"]?.members?.contains(where: { $0.name == "group" }) != true,
      let limits = given["limits"]
    {
      error(
        .lonelyKey, "'per_group' needs to know what a group is",
        at: limits.members?.first { $0.name == "per_group" } ?? limits,
        help: "recipient: { name: …, pattern: …, group: '^-' }")
    }
    guard !diagnostics.hasErrors, let id = draft.id, let format = draft.format, let send = draft.send else {
      return nil
    }
    let spec = NotifierSpec(
      id: id, title: draft.title ?? id, options: OptionSchema(draft.options), recipientName: draft.recipientName,
      recipientPattern: draft.recipientPattern, takesRecipient: draft.takesRecipient, format: format,
      maxLength: draft.maxLength, rate: draft.rate, ratePerRecipient: draft.ratePerRecipient, send: send,
      variants: draft.variants, outcomes: draft.outcomes, batch: draft.batch, whenUnsure: draft.whenUnsure,
      signing: draft.signing, signingOption: draft.signingOption, version: fingerprint(bytes), file: file,
      ratePerGroup: draft.ratePerGroup, groupPattern: draft.groupPattern)
    lintNotifier(given, spec)
    return diagnostics.hasErrors ? nil : spec
  }
}
