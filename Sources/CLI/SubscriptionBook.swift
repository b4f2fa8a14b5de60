import Engine
import Language
import PluginHost
import Storage

/// Every subscription there is: those of the configuration, those added by command, and what recipients asked for.
struct SubscriptionBook {
  struct Line {
    var channel: String
    var recipient: String
    var watch: String
    var language: String
    var first: String
    /// `when: …, quiet: …, at_most: …`
    var rules: String
    /// `active`, `snoozed until …`, `stopped`, `gone`.
    var state: String
    var snoozedUntil: Instant?

    var json: JSON {
      .object(
        JSONObject([
          ("channel", .string(channel)), ("to", .string(Mask.address(recipient))), ("watch", .string(watch)),
          ("state", .string(String(state.prefix { $0 != " " }))), ("snoozed_until", .instant(snoozedUntil)),
          ("language", .string(language)), ("first", .string(first)), ("rules", .string(rules)),
        ]))
    }
  }

  private(set) var lines: [Line] = []
  /// Without a configuration nobody is known but who asked for something.
  let hasConfiguration: Bool
  private let addresses: Set<Address>
  private let watches: [String]

  private struct Address: Hashable {
    var channel: String
    var recipient: String
  }

  init(_ arguments: Arguments, _ store: Store, now: Instant) async throws {
    let configuration = SubscriptionBook.configuration(arguments)
    hasConfiguration = configuration != nil
    let stored = try await store.watches()
    let status = try await store.status()
    let holds = try await store.subscriptionHolds(now: now)
    let known = WatchDirectory.watches(configuration, stored: stored)
    watches = Array(Set(known.map(\.id) + status.watches.map(\.id))).sorted()
    var addresses: Set<Address> = []
    let stopped = WatchDirectory.stopped(configuration)
    for watch in known {
      for subscription in watch.subscriptions + (stopped[watch.id] ?? []) {
        let recipient = subscription.to ?? ""
        addresses.insert(Address(channel: subscription.channel, recipient: recipient))
        let asked = SubscriptionBook.standing(subscription.channel, recipient, watch.id, status, holds, now)
        let standing = SubscriptionBook.joined(asked, subscription, now)
        lines.append(
          Line(
            channel: subscription.channel, recipient: recipient, watch: watch.id, language: subscription.language,
            first: subscription.first.rawValue, rules: subscription.rules, state: standing.state,
            snoozedUntil: standing.until))
      }
    }
    for recipient in status.recipients {
      addresses.insert(Address(channel: recipient.channel, recipient: recipient.address))
    }
    for hold in holds { addresses.insert(Address(channel: hold.channel, recipient: hold.recipient)) }
    self.addresses = addresses
  }

  /// With its secrets where they are there, as addresses may be among them; else without.
  static func configuration(_ arguments: Arguments) -> Configuration? {
    let file = arguments["--config"] ?? Workspace.defaultFile
    guard Files.exists(file) else { return nil }
    return Workspace.load(file).configuration ?? Workspace.load(file, ignoresSecrets: true).configuration
  }

  private static func standing(
    _ channel: String, _ recipient: String, _ watch: String, _ status: StoreStatus, _ holds: [SubscriptionHold],
    _ now: Instant
  ) -> (state: String, until: Instant?) {
    var address = recipient
    // A move is followed, as in the store; a circle of moves ends there too.
    for _ in 0..<8 {
      guard let found = status.recipients.first(where: { $0.channel == channel && $0.address == address }) else {
        break
      }
      if found.isGone { return ("gone", nil) }
      guard let moved = found.movedTo else { break }
      address = moved
    }
    let mine = holds.filter {
      $0.channel == channel && $0.recipient == address && ($0.watch == nil || $0.watch == watch)
    }
    if mine.contains(where: \.isStopped) { return ("stopped", nil) }
    let until = mine.compactMap(\.snoozedUntil).max()
    guard let until, until > now else { return ("active", nil) }
    return ("snoozed until \(until.text)", until)
  }

  /// What the configuration says of an entry, beside what was asked for by command.
  private static func joined(
    _ asked: (state: String, until: Instant?), _ subscription: Subscription, _ now: Instant
  ) -> (state: String, until: Instant?) {
    if asked.state == "gone" || asked.state == "stopped" { return asked }
    if subscription.stop { return ("stopped", nil) }
    guard let until = [asked.until, subscription.snooze].compactMap({ $0 }).max(), until > now else { return asked }
    return ("snoozed until \(until.text)", until)
  }

  /// `CHANNEL/RECIPIENT`; the recipient whole, or its end after `…`.
  func find(_ target: String) throws(CommandFailure) -> (channel: String, recipient: String) {
    let parts = target.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    _ = try channel(parts[0])
    let wanted = parts.count > 1 ? parts[1] : ""
    let here = addresses.filter { $0.channel == parts[0] }.map(\.recipient)
    if here.contains(wanted) { return (parts[0], wanted) }
    guard let end = SubscriptionBook.end(wanted) else {
      let near = here.filter { Mask.address($0) == Mask.address(wanted) }.count
      throw CommandFailure(
        .negative, "nobody with that address is told on '\(parts[0])'",
        help: near > 0
          ? "\(near) end like it: \(parts[0])/\(Mask.address(wanted))" : "`slothunter subscriptions list` shows who is")
    }
    let found = here.filter { $0.hasSuffix(end) }
    guard found.count == 1 else {
      throw CommandFailure(
        .negative, "\(found.count) recipients of '\(parts[0])' end so", help: "give more of the address, or all of it")
    }
    return (parts[0], found[0])
  }

  /// The whole address of the only recipient that ends so, on any channel; what is no ending stays as it is.
  func address(_ text: String) throws(CommandFailure) -> String {
    guard let end = SubscriptionBook.end(text) else { return text }
    let found = Set(addresses.lazy.map(\.recipient).filter { $0.hasSuffix(end) })
    guard found.count == 1, let only = found.first else {
      throw CommandFailure(
        .negative, "\(found.count) recipients end so", help: "give more of the address, or all of it")
    }
    return only
  }

  /// What stands after the mark, where only the end of an address is given.
  static func end(_ text: String) -> String? {
    for mark in [Mask.mark, "…", "..."] where text.hasPrefix(mark) && text.count > mark.count {
      return String(text.dropFirst(mark.count))
    }
    return nil
  }

  func channel(_ name: String) throws(CommandFailure) -> String {
    let channels = Array(Set(addresses.map(\.channel))).sorted()
    guard channels.contains(name) else {
      throw CommandFailure(
        .negative, "nobody is told on a channel '\(name)'", help: Suggestion.text(name, channels, "channels"))
    }
    return name
  }

  func watch(_ id: String) throws(CommandFailure) -> String {
    guard watches.contains(id) else {
      throw CommandFailure(.negative, "no watch '\(id)'", help: Suggestion.text(id, watches, "watches"))
    }
    return id
  }
}

extension Subscription {
  /// What narrows it, as it is written.
  fileprivate var rules: String {
    var parts: [String] = []
    if let on { parts.append("on: [\(on.map(\.rawValue).sorted().joined(separator: ", "))]") }
    if let when { parts.append("when: \(when.source)") }
    if let quiet { parts.append("quiet: \(quiet.from.text)-\(quiet.to.text)") }
    if let digest { parts.append("digest: \(digest.text)") }
    if let urgent { parts.append("urgent: \(urgent.source)") }
    if let atMost { parts.append("at_most: \(atMost.text)") }
    return parts.joined(separator: ", ")
  }
}

extension RateLimit {
  /// `10/day`, as it is written.
  fileprivate var text: String {
    let units: [Duration: String] = [
      .seconds(1): "s", .seconds(60): "min", .seconds(3600): "h", .seconds(86_400): "day",
    ]
    return "\(count)/\(units[per] ?? DurationText.format(per))"
  }
}

extension Digest {
  fileprivate var text: String {
    switch self {
    case .every(let length): DurationText.format(length)
    case .at(let times): times.count == 1 ? times[0].text : "[\(times.map(\.text).joined(separator: ", "))]"
    }
  }
}
