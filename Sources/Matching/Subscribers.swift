import Language
import PluginHost

/// The subscriptions of one watch, held in little room and indexed: a change touches those that it could concern.
///
/// A subscription is three numbers and its recipient's letters. What many share (channel, language, hours, limits) is
/// kept once, conditions likewise, and subscriptions with equal conditions and change kinds are found as one group.
public struct Subscribers: Sendable {
  struct Profile: Sendable, Hashable {
    var channel: String
    var hasRecipient: Bool
    var language: String
    var quiet: Subscription.ClosedQuiet?
    var atMost: RateLimit?
    var first: Subscription.First
    var on: Set<Change.Kind>?
    var digest: Digest?
    var urgent: Expression?
    var snooze: Instant?
  }

  struct Record: Sendable {
    var recipientEnd: Int32
    var profile: Int32
    /// -1 for none.
    var condition: Int32
  }

  struct Group: Sendable, Hashable {
    var condition: Int32
    /// nil: the site's.
    var on: Set<Change.Kind>?
  }

  /// Read-only once made, so copies of a watch share it.
  final class Contents: Sendable {
    let profiles: [Profile]
    let records: [Record]
    let recipients: [UInt8]
    let conditions: ConditionTable
    let groups: [Group]
    /// The first subscription of each one's recipient.
    let leads: [Int32]
    /// Of everybody's channel and recipient, in any order.
    let addressHash: ContentHash
    let zone: TimeZoneRules
    /// Subscriptions by group, and where each group's end.
    let members: [Int32]
    let memberEnds: [Int32]
    let index: GroupIndex

    fileprivate init(_ builder: consuming SubscribersBuilder.Parts, zone: TimeZoneRules) {
      self.zone = zone
      leads = Array(builder.leads)
      addressHash = builder.addressHash
      profiles = Array(builder.profiles)
      records = builder.records
      recipients = builder.recipients
      groups = builder.groups
      conditions = builder.conditions
      index = GroupIndex(builder.draft)
      (members, memberEnds) = Contents.members(of: groups.count, builder.groupOf)
    }

    private static func members(of groups: Int, _ groupOf: [Int32]) -> ([Int32], [Int32]) {
      var ends = [Int32](repeating: 0, count: groups)
      for group in groupOf { ends[Int(group)] += 1 }
      var sum: Int32 = 0
      for group in ends.indices {
        let count = ends[group]
        ends[group] = sum
        sum += count
      }
      var members = [Int32](repeating: 0, count: groupOf.count)
      for (subscription, group) in groupOf.enumerated() {
        members[Int(ends[Int(group)])] = Int32(subscription)
        ends[Int(group)] += 1
      }
      return (members, ends)
    }
  }

  let contents: Contents

  init(_ contents: Contents) { self.contents = contents }

  /// - Parameter zone: The site's: conditions may name days and times on its wall.
  public init(_ subscriptions: [Subscription], zone: TimeZoneRules) {
    var builder = SubscribersBuilder(zone: zone)
    for subscription in subscriptions { builder.add(subscription) }
    self = builder.finish()
  }

  public var count: Int { contents.records.count }
  public var isEmpty: Bool { count == 0 }
  /// Groups of equal conditions and change kinds.
  public var groupCount: Int { contents.groups.count }

  /// What it takes in memory, about.
  public var bytes: Int {
    contents.records.count * MemoryLayout<Record>.stride + contents.recipients.count
      + contents.profiles.count * MemoryLayout<Profile>.stride + contents.members.count * 8
      + contents.groups.count * (MemoryLayout<Group>.stride + 4) + contents.conditions.bytes + contents.index.bytes
  }

  public func channel(of subscription: Int32) -> String { profile(subscription).channel }

  public func recipient(of subscription: Int32) -> String? {
    guard profile(subscription).hasRecipient else { return nil }
    let start = subscription == 0 ? 0 : contents.records[Int(subscription) - 1].recipientEnd
    let end = contents.records[Int(subscription)].recipientEnd
    return String(decoding: contents.recipients[Int(start)..<Int(end)], as: UTF8.self)
  }

  /// The text of its condition; nil for none.
  public func condition(of subscription: Int32) -> String? {
    let condition = contents.records[Int(subscription)].condition
    return condition < 0 ? nil : contents.conditions.text(condition)
  }

  /// All that is known of it but its condition.
  public func manner(of subscription: Int32) -> Subscription {
    let profile = profile(subscription)
    return Subscription(
      channel: profile.channel, to: recipient(of: subscription), language: profile.language, quiet: profile.quiet,
      atMost: profile.atMost, first: profile.first, on: profile.on, digest: profile.digest, urgent: profile.urgent,
      snooze: profile.snooze)
  }

  private func profile(_ subscription: Int32) -> Profile {
    contents.profiles[Int(contents.records[Int(subscription)].profile)]
  }

  /// The first subscription of the same recipient on the same channel: who has several is told once.
  public func lead(of subscription: Int32) -> Int32 { contents.leads[Int(subscription)] }

  /// The same for the same recipients on the same channels, whatever they want to hear.
  public var addressHash: ContentHash { contents.addressHash }

  /// One number for each recipient of a channel, in order.
  public var leads: [Int32] { (0..<Int32(count)).filter { contents.leads[Int($0)] == $0 } }

  /// Some of the subscriptions by themselves.
  ///
  /// - Returns: Also what the number of each was.
  public func narrowed(to isWanted: (Int32) -> Bool) -> (subscribers: Subscribers, numbers: [Int32]) {
    let numbers = (0..<Int32(count)).filter(isWanted)
    return (Subscribers(numbers.map(subscription), zone: contents.zone), numbers)
  }

  /// A subscription as it was given.
  public func subscription(_ number: Int32) -> Subscription {
    var subscription = manner(of: number)
    let condition = contents.records[Int(number)].condition
    guard condition >= 0 else { return subscription }
    switch contents.conditions[condition] {
    case .parsed(let expression): subscription.when = expression
    case .terms(let terms):
      subscription.when = Expression(
        source: contents.conditions.text(condition), terms: terms.map { contents.conditions.terms[Int($0)].term })
    }
    return subscription
  }

  public var all: [Subscription] { (0..<Int32(count)).map(subscription) }
}

/// Takes subscriptions up one by one, so that many never stand side by side at their full size.
public struct SubscribersBuilder {
  struct Parts {
    var profiles: [Subscribers.Profile] = []
    var records: [Subscribers.Record] = []
    var recipients: [UInt8] = []
    var conditions = ConditionTable()
    var groups: [Subscribers.Group] = []
    var groupOf: [Int32] = []
    var leads: [Int32] = []
    var addressHash = ContentHash()
    var draft = GroupIndex.Draft()
  }

  private let zone: TimeZoneRules
  private var parts = Parts()
  private var profiles: [Subscribers.Profile: Int32] = [:]
  private var groups: [Subscribers.Group: Int32] = [:]
  private var adding = ConditionTable.Adding()
  private var leads: [Address: Int32] = [:]

  private struct Address: Hashable {
    var channel: String
    var recipient: String
  }

  public init(zone: TimeZoneRules) { self.zone = zone }

  /// Those that are stopped are left out: nothing may be made for them.
  public mutating func add(_ subscription: Subscription) {
    guard !subscription.stop else { return }
    let address = Address(channel: subscription.channel, recipient: subscription.to ?? "")
    let number = Int32(parts.records.count)
    parts.leads.append(leads[address] ?? number)
    if leads[address] == nil {
      leads[address] = number
      var hash = ContentHash()
      hash.combine(address.channel)
      hash.combine(address.recipient)
      parts.addressHash.add(unordered: hash)
    }
    parts.recipients += address.recipient.utf8
    let condition = subscription.when.map { parts.conditions.add($0, &adding) } ?? -1
    parts.records.append(
      Subscribers.Record(
        recipientEnd: Int32(parts.recipients.count), profile: profile(of: subscription), condition: condition))
    parts.groupOf.append(group(Subscribers.Group(condition: condition, on: subscription.on), subscription.when))
  }

  public func finish() -> Subscribers { Subscribers(Subscribers.Contents(parts, zone: zone)) }

  private mutating func profile(of subscription: Subscription) -> Int32 {
    let profile = Subscribers.Profile(
      channel: subscription.channel, hasRecipient: subscription.to != nil, language: subscription.language,
      quiet: subscription.quiet, atMost: subscription.atMost, first: subscription.first, on: subscription.on,
      digest: subscription.digest, urgent: subscription.urgent, snooze: subscription.snooze)
    if let known = profiles[profile] { return known }
    parts.profiles.append(profile)
    profiles[profile] = Int32(parts.profiles.count - 1)
    return Int32(parts.profiles.count - 1)
  }

  private mutating func group(_ group: Subscribers.Group, _ condition: Expression?) -> Int32 {
    if let known = groups[group] { return known }
    parts.groups.append(group)
    let number = Int32(parts.groups.count - 1)
    groups[group] = number
    let shape = condition?.shape ?? .all([])
    let requirement = Requirement(shape, zone: zone) { parts.conditions.add($0, &adding) }
    parts.draft.add(number, requirement)
    return number
  }
}
