import Diagnostics
import Language
import PluginHost

/// What channels and their notifiers take, for whatever names a channel.
struct ChannelDirectory {
  var channels: [String: Channel] = [:]
  var notifiers: [String: NotifierSpec] = [:]
  /// Every name under `channels:`, those with mistakes too.
  var names: [String] = []
  /// Names of those that are off.
  var off: Set<String> = []
}

struct SubscriptionDraft {
  var channel: Entry?
  var to: Entry?
  var language: String?
  var when: Expression?
  var quiet: Subscription.ClosedQuiet?
  var atMost: RateLimit?
  var first = Subscription.First.summary
  var on: [Change.Kind]?
  var digest: Digest?
  var urgent: Expression?
  var snooze: Entry?
  var stop = false
}

extension KeyTable where Target == SubscriptionDraft {
  private static func addressKeys(language: String) -> [Key<SubscriptionDraft>] {
    [
      Key(
        "channel", "The channel's name.",
        .form(name: "name", example: "telegram", pattern: KeyNames.id.pattern), required: true
      ) { entry, draft, _ in draft.channel = entry },
      Key("to", "The address, where the channel takes one.", .text) { entry, draft, _ in draft.to = entry },
      Key("language", "fa or en.", Reading<String>.word(among: languages), default: language, into: \.language),
    ]
  }

  static let maintainer = KeyTable("maintainer", addressKeys(language: "en"))

  static let subscription = KeyTable(
    "subscription",
    addressKeys(language: "fa") + [
      Key("when", "Only changes of items for which this is true.", Reading<Expression>.expression, into: \.when),
      Key(
        "quiet", "Hours in the site's zone in which nothing is sent; it comes when they end.",
        Reading<Subscription.ClosedQuiet>.quiet, into: \.quiet),
      Key("at_most", "Messages per time.", Reading<RateLimit>.rate, into: \.atMost),
      Key(
        "first", "What a new subscriber is told of what is open already.", Reading<Subscription.First>.choice,
        default: "summary", into: \.first),
      Key(
        "on", "Changes that are told; the site's where not given.", Reading<Change.Kind>.choice.oneOrMany, into: \.on),
      Key(
        "digest", "One message for each window, at its end: its length, or times of the day.", Reading<Digest>.digest,
        into: \.digest),
      Key(
        "urgent", "Changes of items for which this is true wait for no quiet hours and no digest.",
        Reading<Expression>.expression, into: \.urgent),
      Key(
        "snooze", "Nothing is sent before this day or instant; what is still true comes then.", Shape.snooze
      ) { entry, draft, _ in draft.snooze = entry },
      Key(
        "stop", "true: nothing more is sent, and what waits is cancelled.", Reading<Bool>.boolean,
        default: "false", into: \.stop),
    ])
}

extension SpecContext {
  func maintainers(_ entry: Entry?, _ channels: ChannelDirectory) -> [MaintainerTarget] {
    guard let entry else { return [] }
    guard let elements = entry.elements else {
      let _: Void? = mismatch("a list", entry, help: "write it as - { channel: ops }")
      return []
    }
    return elements.compactMap { element in
      var draft = SubscriptionDraft()
      guard KeyTable<SubscriptionDraft>.maintainer.read(element, into: &draft, self) != nil,
        let (channel, to) = address(draft, at: element, channels)
      else { return nil }
      return MaintainerTarget(channel: channel, to: to, language: draft.language ?? "en")
    }
  }

  func subscriptions(_ entry: Entry?, _ site: SiteReading?, _ channels: ChannelDirectory) -> [Subscription] {
    guard let entry else { return [] }
    guard let elements = entry.elements else {
      let _: Void? = mismatch("a list", entry, help: "write it as - { channel: telegram, to: … }")
      return []
    }
    let before = names
    defer { names = before }
    names = names(ofItemsOf: site)
    used = []
    let read = elements.compactMap { element in subscription(element, site, channels) }
    if let site, !used.isEmpty { usedOfSites[site.spec.id, default: []].formUnion(used) }
    // Most of many watches tell the same people: their lists are one in memory.
    if let known = sameSubscriptions[read] { return known }
    sameSubscriptions[read] = read
    return read
  }

  private func names(ofItemsOf site: SiteReading?) -> NameScope {
    guard let site else { return NameScope() }
    if let known = itemNames[site.spec.id] { return known }
    var names = NameScope()
    for (name, type) in site.itemNames.sorted(by: { $0.key < $1.key }) {
      names.set(name, type, .builtin, untyped: site.untyped[name])
    }
    itemNames[site.spec.id] = names
    return names
  }

  private func subscription(_ entry: Entry, _ site: SiteReading?, _ channels: ChannelDirectory) -> Subscription? {
    var draft = SubscriptionDraft()
    var readable = entry
    // Without its site nothing is known of what conditions may use: they are judged when the site is mended.
    if site == nil { readable.node = entry.node.without("when").without("urgent") }
    guard KeyTable<SubscriptionDraft>.subscription.read(readable, into: &draft, self) != nil,
      let (channel, to) = address(draft, at: entry, channels)
    else { return nil }
    return Subscription(
      channel: channel, to: to, language: draft.language ?? "fa", when: draft.when, quiet: draft.quiet,
      atMost: draft.atMost, first: draft.first, on: draft.on.map { Set($0) }, digest: draft.digest,
      urgent: draft.urgent, snooze: draft.snooze.flatMap { snooze($0, site?.spec.zone ?? .utc) }, stop: draft.stop)
  }

  private func address(
    _ draft: SubscriptionDraft, at entry: Entry, _ channels: ChannelDirectory
  ) -> (channel: String, to: String?)? {
    guard let place = draft.channel, let name = Reading<String>.text(place, self) else { return nil }
    guard channels.names.contains(name) else {
      error(
        .unknownChannel, "there is no channel \(quoted(name))", at: place,
        help: suggestion(for: name, among: channels.names, calling: "channels"))
      return nil
    }
    if channels.off.contains(name) {
      warning(
        .channelOff, "the channel '\(name)' is off: nothing is sent there", at: place,
        help: "channels.\(name).enabled: true")
    }
    guard let channel = channels.channels[name], let notifier = channels.notifiers[channel.notifier] else { return nil }
    guard let to = draft.to else {
      if notifier.takesRecipient {
        error(
          .missingRecipient, "'to' is missing: the channel '\(name)' needs an address", at: entry,
          help: "to: the \(notifier.recipientName)")
        return nil
      }
      return (name, nil)
    }
    guard notifier.takesRecipient else {
      error(
        .unfitOption, "the channel '\(name)' takes no 'to': it is the address itself", at: to.atKey, help: "remove it")
      return nil
    }
    return recipient(to, notifier).map { (name, $0) }
  }

  private func recipient(_ entry: Entry, _ notifier: NotifierSpec) -> String? {
    guard let resolved = Reading<Substitution.Result>.resolved(entry, self) else { return nil }
    if substitution?.isLenient == true, resolved.isSecret { return resolved.text }
    guard let pattern = notifier.recipientPattern else { return resolved.text }
    let matches = (try? pattern.select(from: .text(resolved.text))) ?? []
    if !matches.isEmpty { return resolved.text }
    // Addresses are people: this goes to the log at a reload.
    let shown = resolved.isSecret ? "what stands for it" : "the address"
    error(
      .badRecipient, "\(shown) is no \(notifier.recipientName) of \(notifier.id)", at: entry,
      help: "it must match \(pattern.source)")
    return nil
  }
}

extension YAMLNode {
  /// A mapping less one of its members.
  fileprivate func without(_ name: String) -> YAMLNode {
    guard case .mapping(let members) = content else { return self }
    var node = self
    node.content = .mapping(members.filter { $0.name != name })
    return node
  }
}
