import Language
import PluginHost
import Testing

@testable import Matching

/// The index finds who a change concerns: those, and nobody else, that asking every subscription would find.
struct SubscribersTests {
  private static let context = RenderContext(zone: ConditionMaker.zone, now: ConditionMaker.now)
  private static let scope = Scope([("site", .text("علی"))])

  private static func subscription(_ to: Int, _ when: Expression?, on: Set<Change.Kind>? = nil) -> Subscription {
    Subscription(channel: "people", to: "\(to)", language: "fa", when: when, on: on)
  }

  private static func bruteForce(_ subscriptions: [Subscription], _ change: Change) -> [Int32] {
    subscriptions.indices.filter { index in
      let subscription = subscriptions[index]
      guard (subscription.on ?? [.added]).contains(change.kind) else { return false }
      return subscription.when?.holds(in: scope.adding(change.item.fields.map { ($0.name, $0.value) }), context) ?? true
    }.map(Int32.init)
  }

  private static func compare(seed: UInt64, subscriptions count: Int, items: Int, depth: Int) throws {
    var maker = ConditionMaker(seed: seed)
    var subscriptions: [Subscription] = []
    while subscriptions.count < count {
      let on: [Set<Change.Kind>?] = [nil, nil, [.added], [.removed, .updated]]
      if maker.next(20) == 0 {
        subscriptions.append(subscription(subscriptions.count, nil, on: on[maker.next(4)]))
      } else if let when = try? Expression(maker.condition(depth: depth), names: ConditionMaker.names) {
        subscriptions.append(subscription(subscriptions.count, when, on: on[maker.next(4)]))
      }
    }
    let audience = Subscribers(subscriptions, zone: ConditionMaker.zone)
    var matcher = Matcher(audience, scope: scope, context, defaultKinds: [.added])
    var hits = 0
    for number in 0..<items {
      let change = Change(Change.Kind.allCases[maker.next(3)], maker.item("\(number)"))
      let found = matcher.matching(change).sorted()
      let wanted = bruteForce(subscriptions, change)
      hits += wanted.count
      let wrong = Set(found).symmetricDifference(wanted).first.map { subscriptions[Int($0)].when?.source ?? "-" }
      try #require(found == wanted, "seed \(seed), item \(number): \(wrong ?? "twice") for \(change.item)")
    }
    // Neither everybody nor nobody: else nothing was compared.
    #expect(hits > 0 && hits < count * items)
  }

  @Test(arguments: 1...24 as ClosedRange<UInt64>)
  func `the index finds whom brute force finds, over conditions made by chance`(_ seed: UInt64) throws {
    try Self.compare(seed: seed, subscriptions: 400, items: 60, depth: Int(seed % 4))
  }

  @Test(arguments: [1, 7, 8, 9, 10])
  func `few subscriptions are found as well as many`(_ count: Int) throws {
    for seed in 0..<20 { try Self.compareFew(UInt64(1000 + seed), count) }
  }

  private static func compareFew(_ seed: UInt64, _ count: Int) throws {
    var maker = ConditionMaker(seed: seed)
    let subscriptions = (0..<count).map { subscription($0, maker.expression()) }
    var matcher = Matcher(
      Subscribers(subscriptions, zone: ConditionMaker.zone), scope: scope, context, defaultKinds: [.added])
    for number in 0..<40 {
      let change = Change(.added, maker.item("\(number)"))
      try #require(matcher.matching(change).sorted() == bruteForce(subscriptions, change), "seed \(seed)")
    }
  }

  @Test func `a change touches only subscriptions that could match`() throws {
    let names: [String: ValueType] = ["center": .text, "price": .integer, "start": .instant]
    let subscriptions = try (0..<10_000).map { number in
      Self.subscription(
        number,
        try Expression("center == 'c\(number % 100)' and price < \(number % 50) and start.hour < 12", names: names))
    }
    let audience = Subscribers(subscriptions, zone: .utc)
    var matcher = Matcher(
      audience, scope: Scope(), RenderContext(zone: .utc, now: Instant(seconds: 0)), defaultKinds: [.added])
    let item = Item(
      key: "a", branch: .root,
      fields: [
        .init("center", .text("c7")), .init("price", .integer(6)), .init("start", .instant(Instant(seconds: 0))),
      ])
    let found = matcher.matching(Change(.added, item))
    #expect(found.count == 100)
    #expect(matcher.judged <= 2)
  }

  @Test func `equal conditions are kept once`() throws {
    let when = try Expression("start.hour < 12", names: ["start": .instant])
    let subscriptions = (0..<5000).map { Self.subscription($0, when) }
    let audience = Subscribers(subscriptions, zone: .utc)
    #expect(audience.groupCount == 1)
    // Three numbers, a place in its group, who it belongs to, and the letters of its address.
    #expect(audience.bytes < 5000 * 28)
  }

  @Test func `a subscription comes back as it was given`() throws {
    let quiet = Subscription.ClosedQuiet(from: CivilTime(hour: 23, minute: 0), to: CivilTime(hour: 7, minute: 0))
    let when = try Expression("start.hour < 12 or start == null", names: ["start": .instant])
    let urgent = try Expression("start < now + 2d", names: ["start": .instant])
    let all = [
      Subscription(channel: "a", to: "ی۱", language: "en"), Subscription(channel: "b", to: nil, language: "fa"),
      Subscription(
        channel: "a", to: "2", language: "fa", when: when, quiet: quiet, atMost: RateLimit(count: 3, per: .seconds(60)),
        first: .all, on: [.removed], digest: .every(.seconds(1800)), urgent: urgent, snooze: Instant(seconds: 9)),
      Subscription(channel: "a", to: "3", language: "en", stop: true),
    ]
    let audience = Subscribers(all, zone: .utc)
    #expect(audience.count == 3)
    for number in 0..<3 {
      let (back, given) = (audience.subscription(Int32(number)), all[number])
      #expect(back.channel == given.channel && back.to == given.to && back.language == given.language)
      #expect(back.when == given.when && back.quiet == given.quiet && back.atMost == given.atMost)
      #expect(back.first == given.first && back.on == given.on && back.digest == given.digest)
      #expect(back.urgent == given.urgent && back.snooze == given.snooze)
    }
  }

  @Test func `a condition that was kept as its terms holds as it did`() throws {
    var maker = ConditionMaker(seed: 7)
    var given: [Expression] = []
    while given.count < 2000 { if let expression = maker.expression() { given.append(expression) } }
    let back = Subscribers(given.indices.map { Self.subscription($0, given[$0]) }, zone: ConditionMaker.zone).all
    let items = (0..<20).map { maker.item("\($0)") }
    for (expression, subscription) in zip(given, back) {
      let when = try #require(subscription.when)
      #expect(when == expression)
      for item in items {
        let scope = Self.scope.adding(item.fields.map { ($0.name, $0.value) })
        try #require(when.holds(in: scope, Self.context) == expression.holds(in: scope, Self.context), "\(when.source)")
      }
    }
  }

  @Test func `who has several subscriptions is known by the first`() {
    let all = ["1", "2", "1", "3", "2"].map { Subscription(channel: "people", to: $0, language: "fa") }
    let subscribers = Subscribers(all + [Subscription(channel: "other", to: "1", language: "fa")], zone: .utc)
    #expect((0..<6).map(subscribers.lead) == [0, 1, 0, 3, 1, 5])
    #expect(subscribers.leads == [0, 1, 3, 5])
    let (narrow, numbers) = subscribers.narrowed { subscribers.lead(of: $0) == 1 }
    #expect(numbers == [1, 4])
    #expect(narrow.all.map(\.to) == ["2", "2"])
  }
}
