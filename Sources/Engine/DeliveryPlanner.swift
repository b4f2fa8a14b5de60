import Language
import PluginHost
import Storage

/// Who is told what of a run's changes: one delivery per recipient and channel. Pure.
struct DeliveryPlanner {
  var watch: Watch
  var state: WatchState
  var now: Instant
  var outlets: Outlets
  var random: RandomSource

  private var spec: SiteSpec { watch.spec }
  private var writer: AlertWriter { AlertWriter(watch: watch, now: now) }

  /// - Parameters:
  ///   - open: Items open in the branches that this run could read.
  ///   - baselines: Those of them in branches read for the first time: no change, told by `first:` only.
  ///   - hasGood: Whether any branch could be read.
  ///   - newcomers: What those who were greeted before are owed, and what those greeted now will be.
  ///   - returned: Open again, and no news.
  func plan(
    _ commit: inout RunCommit, open: [Item], baselines: [Item], hasGood: Bool, newcomers: Newcomers, returned: [Item]
  ) {
    var order: [String] = []
    let groups = Dictionary(grouping: watch.subscriptions.filter { outlets.channels.contains($0.channel) }, by: \.key)
    for subscription in watch.subscriptions where groups[subscription.key] != nil && !order.contains(subscription.key) {
      order.append(subscription.key)
    }
    for key in order {
      guard let subscriptions = groups[key] else { continue }
      if state.greeted.contains(key) {
        greet(subscriptions, with: baselines + (newcomers.due[key] ?? []), &commit)
        tell(subscriptions, &commit)
        remind(subscriptions, of: returned, &commit)
      } else if hasGood {
        commit.greeted.append(key)
        greet(subscriptions, with: open, &commit)
        if subscriptions.first?.first != Subscription.First.none {
          commit.owed += newcomers.owing.map { OwedGreeting(subscription: key, branch: $0, since: now) }
        }
        // Who wants nothing of what is open still wants what came in this very run.
        let told = subscriptions.first?.first == Subscription.First.none ? [] : Set(open.map(\.key))
        tell(subscriptions, except: told, &commit)
      }
    }
    commit.paid += newcomers.paid
  }

  /// Of what is open again without being news: the store sends the lines that had to be left out when it was gone.
  private func remind(_ subscriptions: [Subscription], of items: [Item], _ commit: inout RunCommit) {
    guard let lead = subscriptions.first else { return }
    let wanted = items.filter { item in
      subscriptions.contains { ($0.on ?? spec.alert.on).contains(.added) && wants($0, item) }
    }
    guard !wanted.isEmpty else { return }
    let message = writer.alert(wanted.map { Change(.added, $0) }, language: lead.language)
    commit.returning.append(
      delivery(message, wanted, lead, changes: [], rule: "left out while it was gone, open again within reopen_after"))
  }

  private func greet(_ subscriptions: [Subscription], with items: [Item], _ commit: inout RunCommit) {
    guard let lead = subscriptions.first, lead.first != .none else { return }
    let wanted = items.filter { item in subscriptions.contains { wants($0, item) } }
    guard !wanted.isEmpty else { return }
    let message =
      lead.first == .all
      ? writer.alert(wanted.map { Change(.added, $0) }, language: lead.language)
      : writer.summary(wanted, language: lead.language)
    commit.deliveries.append(delivery(message, wanted, lead, changes: [], rule: "first: \(lead.first.rawValue)"))
  }

  private func tell(_ subscriptions: [Subscription], except told: Set<String> = [], _ commit: inout RunCommit) {
    guard let lead = subscriptions.first else { return }
    let indices = commit.changes.indices.filter { index in
      let change = commit.changes[index]
      return !told.contains(change.item.key)
        && subscriptions.contains { ($0.on ?? spec.alert.on).contains(change.kind) && wants($0, change.item) }
    }
    guard !indices.isEmpty else { return }
    let changes = indices.map { commit.changes[$0] }
    let message = writer.alert(changes, language: lead.language)
    let kinds = Set(changes.map(\.kind.rawValue)).sorted().joined(separator: ", ")
    let condition = subscriptions.compactMap { $0.when?.source }.joined(separator: " or ")
    let rule = "on: [\(kinds)]" + (condition.isEmpty ? "" : ", when: \(condition)")
    commit.deliveries.append(delivery(message, changes.map(\.item), lead, changes: indices, rule: rule))
  }

  private func wants(_ subscription: Subscription, _ item: Item) -> Bool {
    guard let when = subscription.when else { return true }
    let scope = watch.scope.adding(item.fields.map { ($0.name, $0.value) })
    return when.holds(in: scope, RenderContext(zone: spec.zone, now: now, language: subscription.language))
  }

  private func delivery(
    _ message: Message, _ items: [Item], _ subscription: Subscription, changes: [Int], rule: String
  ) -> NewDelivery {
    let ends = items.map { item in end(of: item) }
    return NewDelivery(
      id: random.deliveryID(), channel: subscription.channel, recipient: subscription.to ?? "",
      subscription: subscription.key, message: message, changes: changes, notBefore: quietEnd(subscription),
      expiresAt: ends.contains(nil) ? nil : ends.compactMap(\.self).max(),
      usefulFor: spec.alert.usefulFor, lineEnds: ends, limit: subscription.atMost, rule: rule)
  }

  /// An item's own end: never told after its `start`.
  private func end(of item: Item) -> Instant? {
    guard let name = spec.alert.until, case .instant(let end)? = item[name] else { return nil }
    return end
  }

  /// The end of the quiet hours that `now` lies in; nil outside them.
  private func quietEnd(_ subscription: Subscription) -> Instant? {
    guard let quiet = subscription.quiet, quiet.from != quiet.to else { return nil }
    let (date, time) = spec.zone.civil(of: now)
    let isQuiet =
      quiet.from < quiet.to ? (quiet.from..<quiet.to).contains(time) : time >= quiet.from || time < quiet.to
    guard isQuiet else { return nil }
    let day = time < quiet.to ? date : date.adding(days: 1)
    return spec.zone.instant(of: day, quiet.to)
  }
}
