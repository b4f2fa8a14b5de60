import Diagnostics
import Language
import PluginHost

struct SendDraft: HoldsRequest {
  var request = RequestDraft()
  var print: Template?
}

extension KeyTable where Target == SendDraft {
  static let send = KeyTable(
    "send",
    Key.requestKeys(url: .channelURL, isAlone: true) + [
      Key("print", "Prints instead of sending: for trying things out.", Reading<Template>.template, into: \.print)
    ], rules: KeyRule.ofRequests(or: ["print"]))
}

/// `{ when_option: template, send: … }`
struct VariantDraft {
  var option: String?
  var send: Entry?
}

extension KeyTable where Target == VariantDraft {
  static let variant = KeyTable(
    "variant",
    [
      Key("when_option", "The option that must be set.", Reading<String>.optionName, required: true, into: \.option),
      Key("send", "The request sent then.", .table("send"), required: true) { entry, draft, _ in draft.send = entry },
    ])
}

extension Reading where Value == String {
  /// The name of one of the notifier's options.
  static let optionName = Reading(.name) { entry, context in
    guard let name = text(entry, context) else { return nil }
    if case .option? = context.names[name]?.origin { return name }
    context.error(
      .unknownOption, "there is no option \(quoted(name))", at: entry,
      help: suggestion(for: name, among: context.optionNames, calling: "options"))
    return nil
  }
}

extension SpecContext {
  var optionNames: [String] {
    names.order.filter { name in
      if case .option? = names[name]?.origin { true } else { false }
    }
  }

  /// - Parameter namesSomebody: Whether the request has to say whom it goes to.
  func transport(_ entry: Entry, namesSomebody: Bool) -> NotifierSpec.Transport? {
    var draft = SendDraft()
    let before = errorCount
    guard let given = KeyTable<SendDraft>.send.read(entry, into: &draft, self) else { return nil }
    if let print = given["print"] {
      if let method = draft.request.methodKey {
        refuseBoth(method, print)
      }
      return draft.print.map(NotifierSpec.Transport.print)
    }
    guard draft.request.methodKey != nil else {
      error(
        .noRequest, "'\(entry.name)' has no request", at: entry.key == nil ? entry : entry.atKey,
        help: "write post: https://…, or print: '{message}'")
      return nil
    }
    guard let request = draft.request.template() else { return nil }
    // A variant of a batch notifier may send to one at a time.
    if namesSomebody, errorCount == before, request.names.isDisjoint(with: ["recipient", "recipients"]) {
      error(
        .missingRecipient, "nothing here says whom the message goes to", at: entry.atKey,
        help: "use {recipient}, or write 'recipient: none' where the channel is the address")
    }
    return .http(request)
  }

  func variants(_ entry: Entry, namesSomebody: Bool) -> [(option: String, send: NotifierSpec.Transport)] {
    guard let elements = entry.elements else {
      let _: Void? = mismatch("a list of variants", entry)
      return []
    }
    return elements.compactMap { element in
      var draft = VariantDraft()
      guard KeyTable<VariantDraft>.variant.read(element, into: &draft, self) != nil, let send = draft.send,
        let transport = transport(send, namesSomebody: namesSomebody), let option = draft.option
      else { return nil }
      return (option, transport)
    }
  }
}

extension RequestTemplate {
  /// Every name that the request asks for.
  var names: Set<String> {
    var templates = [url] + query.map(\.value) + headers.map(\.value)
    var found: Set<String> = []
    switch body {
    case .none: break
    case .form(let pairs): templates += pairs.map(\.value)
    case .raw(let template): templates.append(template)
    case .json(let json): found = json.names
    }
    return found.union(templates.flatMap { $0.references.map(\.name) })
  }
}

extension JSONTemplate {
  fileprivate var names: Set<String> {
    switch self {
    case .literal: []
    case .text(let template): Set(template.references.map(\.name))
    case .array(let elements): elements.reduce(into: []) { $0.formUnion($1.names) }
    case .object(let members): members.reduce(into: []) { $0.formUnion($1.value.names) }
    }
  }
}
