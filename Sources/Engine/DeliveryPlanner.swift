import Language
import Matching
import PluginHost
import Storage

/// Who is told what of a run's changes: one delivery per recipient, channel and manner of telling. Pure.
///
/// Recipients are found by the watch's index, never by asking each. Who has several subscriptions on one channel is told
/// of a change once: the first of them that wants it decides how.
struct DeliveryPlanner {
  var watch: Watch
  var state: WatchState
  var now: Instant
  var outlets: Outlets
  var random: RandomSource

  private var spec: SiteSpec { watch.spec }
  private var subscribers: Subscribers { watch.subscribers }

  /// What one recipient is told; known by the number of their first subscription.
  private struct Person {
    /// Changes of the run by index, each with the subscription that decides.
    var changes: [Int: Int32] = [:]
    var greeting: [Item] = []
    /// Indices of items that are open again, likewise.
    var returned: [Int: Int32] = [:]
  }

  /// - Parameters:
  ///   - open: Items open in the branches that this run could read.
  ///   - baselines: Those of them in branches read for the first time: no change, told by `first:` only.
  ///   - hasGood: Whether any branch could be read.
  ///   - newcomers: What those who were greeted before are owed, and what those greeted now will be.
  ///   - returned: Open again, and no news.
  func plan(
    _ commit: inout RunCommit, open: [Item], baselines: [Item], hasGood: Bool, newcomers: Newcomers, returned: [Item]
  ) {
    let strangers = Set(subscribers.leads.filter { !state.greeted.contains(subscribers.key(of: $0)) })
    var people: [Int32: Person] = [:]
    let mayHear = { (lead: Int32) in outlets.channels.contains(subscribers.channel(of: lead)) }
    collectChanges(commit.changes, into: &people)
    collectItems(baselines, newcomers, into: &people, strangers)
    collectReturned(returned, into: &people)
    let open = hasGood ? open : []
    let welcome = wanted(open, by: strangers)
    let known = strangers.isEmpty ? [] : Set(open.map(\.key))
    for lead in Set(people.keys).union(strangers).sorted() where mayHear(lead) {
      var person = people[lead] ?? Person()
      if strangers.contains(lead) {
        guard hasGood else { continue }
        greetAnew(lead, &person, welcome[lead] ?? [], known, newcomers, &commit)
      }
      greet(lead, with: person.greeting, &commit)
      tell(person, &commit)
      remind(person, of: returned, &commit)
    }
    commit.paid += newcomers.paid
  }

  // MARK: Finding

  private func matcher(_ subscribers: Subscribers) -> Matcher {
    // In no language: conditions compare, and print nothing.
    Matcher(
      subscribers, scope: watch.scope, RenderContext(zone: spec.zone, now: now), defaultKinds: spec.alert.on)
  }

  private func collectChanges(_ changes: [Change], into people: inout [Int32: Person]) {
    guard !changes.isEmpty else { return }
    var matcher = matcher(subscribers)
    for (index, change) in changes.enumerated() {
      for number in matcher.matching(change) {
        people[subscribers.lead(of: number), default: Person()].changes[index].take(number)
      }
    }
  }

  /// What those who were greeted before hear of as of something that was there all along.
  private func collectItems(
    _ baselines: [Item], _ newcomers: Newcomers, into people: inout [Int32: Person], _ strangers: Set<Int32>
  ) {
    guard !baselines.isEmpty || !newcomers.due.isEmpty else { return }
    let friends = Set(subscribers.leads).subtracting(strangers)
    for (lead, items) in wanted(baselines, by: friends) { people[lead, default: Person()].greeting += items }
    var due: [Int32: Set<String>] = [:]
    for lead in newcomers.due.isEmpty ? [] : friends {
      if let items = newcomers.due[subscribers.key(of: lead)] { due[lead] = Set(items.map(\.key)) }
    }
    let items = Dictionary(newcomers.due.values.joined().map { ($0.key, $0) }) { first, _ in first }
    for (lead, items) in wanted(items.values.sorted { $0.key < $1.key }, by: Set(due.keys)) {
      people[lead, default: Person()].greeting += items.filter { due[lead]?.contains($0.key) == true }
    }
  }

  private func collectReturned(_ items: [Item], into people: inout [Int32: Person]) {
    guard !items.isEmpty else { return }
    var matcher = matcher(subscribers)
    for (index, item) in items.enumerated() {
      for number in matcher.matching(Change(.added, item)) {
        people[subscribers.lead(of: number), default: Person()].returned[index].take(number)
      }
    }
  }

  /// Of some items those that each of some recipients wants, whatever happens to them: one look at each item, however
  /// many people there are.
  private func wanted(_ items: [Item], by leads: Set<Int32>) -> [Int32: [Item]] {
    guard !items.isEmpty, !leads.isEmpty else { return [:] }
    var matcher = matcher(subscribers)
    var found: [Int32: [Item]] = [:]
    for item in items {
      for lead in Set(matcher.matching(item).map(subscribers.lead)) where leads.contains(lead) {
        found[lead, default: []].append(item)
      }
    }
    return found
  }

  // MARK: Telling

  /// Somebody new: what is open now is told by `first:`, and of the run's changes what that leaves out.
  ///
  /// - Parameters:
  ///   - wanted: What they want of what is open.
  ///   - open: Keys of all that is open.
  private func greetAnew(
    _ lead: Int32, _ person: inout Person, _ wanted: [Item], _ open: Set<String>, _ newcomers: Newcomers,
    _ commit: inout RunCommit
  ) {
    commit.greeted.append(subscribers.key(of: lead))
    person.returned = [:]
    // Who wants nothing of what is open still wants what came in this very run.
    guard subscribers.manner(of: lead).first != .none else { return }
    commit.owed += newcomers.owing.map {
      OwedGreeting(subscription: subscribers.key(of: lead), branch: $0, since: now)
    }
    person.greeting = wanted
    person.changes = person.changes.filter { !open.contains(commit.changes[$0.key].item.key) }
  }

  private func greet(_ lead: Int32, with items: [Item], _ commit: inout RunCommit) {
    let subscription = subscribers.manner(of: lead)
    guard subscription.first != .none, !items.isEmpty else { return }
    let writer = AlertWriter(watch: watch, now: now)
    let message =
      subscription.first == .all
      ? writer.alert(items.map { Change(.added, $0) }, language: subscription.language)
      : writer.summary(items, language: subscription.language)
    // Asked for by subscribing: no digest, but quiet hours all the same.
    let timing = DeliveryTiming(subscription, zone: spec.zone, isGreeting: true)
    commit.deliveries.append(
      delivery(message, items, subscription, timing, changes: [], rule: "first: \(subscription.first.rawValue)"))
  }

  private func tell(_ person: Person, _ commit: inout RunCommit) {
    for (manner, numbers) in byManner(person.changes, { commit.changes[$0].item }) {
      let indices = numbers.map(\.index)
      let changes = indices.map { commit.changes[$0] }
      let message = AlertWriter(watch: watch, now: now).alert(changes, language: manner.subscription.language)
      let kinds = Set(changes.map(\.kind.rawValue)).sorted().joined(separator: ", ")
      commit.deliveries.append(
        delivery(
          message, changes.map(\.item), manner.subscription, manner.timing, changes: indices,
          rule: "on: [\(kinds)]" + conditions(numbers.map(\.subscription)) + manner.timing.rule))
    }
  }

  /// Of what is open again without being news: the store sends the lines that had to be left out when it was gone.
  private func remind(_ person: Person, of items: [Item], _ commit: inout RunCommit) {
    for (manner, numbers) in byManner(person.returned, { items[$0] }) {
      let wanted = numbers.map { items[$0.index] }
      let message = AlertWriter(watch: watch, now: now).alert(
        wanted.map { Change(.added, $0) }, language: manner.subscription.language)
      commit.returning.append(
        delivery(
          message, wanted, manner.subscription, manner.timing, changes: [],
          rule: "left out while it was gone, open again within reopen_after"))
    }
  }

  private struct Manner {
    var subscription: Subscription
    var timing: DeliveryTiming
  }

  /// What goes out in one message: what is told alike, in the order of the run.
  private func byManner(
    _ decided: [Int: Int32], _ item: (Int) -> Item
  ) -> [(Manner, [(index: Int, subscription: Int32)])] {
    var all: [(manner: Manner, told: [(index: Int, subscription: Int32)])] = []
    for (index, number) in decided.sorted(by: { $0.key < $1.key }) {
      let subscription = subscribers.manner(of: number)
      let timing = DeliveryTiming(subscription, zone: spec.zone, isUrgent: isUrgent(subscription, item(index)))
      let like = all.firstIndex {
        $0.manner.timing == timing && $0.manner.subscription.language == subscription.language
          && $0.manner.subscription.atMost == subscription.atMost
      }
      if let like {
        all[like].told.append((index, number))
      } else {
        all.append((Manner(subscription: subscription, timing: timing), [(index, number)]))
      }
    }
    return all.map { ($0.manner, $0.told) }
  }

  private func isUrgent(_ subscription: Subscription, _ item: Item) -> Bool {
    guard let urgent = subscription.urgent else { return false }
    let scope = watch.scope.adding(item.fields.map { ($0.name, $0.value) })
    return urgent.holds(in: scope, RenderContext(zone: spec.zone, now: now))
  }

  private func conditions(_ numbers: [Int32]) -> String {
    var texts: [String] = []
    for number in numbers {
      if let text = subscribers.condition(of: number), !texts.contains(text) { texts.append(text) }
    }
    return texts.isEmpty ? "" : ", when: " + texts.joined(separator: " or ")
  }

  private func delivery(
    _ message: Message, _ items: [Item], _ subscription: Subscription, _ timing: DeliveryTiming, changes: [Int],
    rule: String
  ) -> NewDelivery {
    let ends = items.map { item in end(of: item) }
    return NewDelivery(
      id: random.deliveryID(), channel: subscription.channel, recipient: subscription.to ?? "",
      subscription: subscription.key, message: message, changes: changes, notBefore: timing.start(at: now),
      expiresAt: ends.contains(nil) ? nil : ends.compactMap(\.self).max(),
      usefulFor: spec.alert.usefulFor, lineEnds: ends, limit: subscription.atMost, rule: rule, quiet: timing.quiet)
  }

  /// An item's own end: never told after its `start`.
  private func end(of item: Item) -> Instant? {
    guard let name = spec.alert.until, case .instant(let end)? = item[name] else { return nil }
    return end
  }
}

extension Int32? {
  /// The first subscription of those that want something decides.
  fileprivate mutating func take(_ number: Int32) { self = self.map { Swift.min($0, number) } ?? number }
}
