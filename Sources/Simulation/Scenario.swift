import Language
import PluginHost

/// What one seed simulates: who watches what, who is told how, and what goes wrong how often.
struct Scenario {
  struct WatchPlan {
    var kind: Specs.Kind
    var page: String
    var every: Moment
    /// `plain/p1`
    var id: String { "\(kind.rawValue)/\(page)" }
    var services: [String]
  }

  struct SubscriberPlan: Hashable {
    var watch: Int
    var channel: String
    var to: String?
    /// `tier >= n`
    var leastTier: Int?
    /// Seconds of the local day.
    var quiet: (from: Int, to: Int)? {
      quietHours.map { (from: $0[0] * 3600, to: $0[1] * 3600) }
    }
    var quietHours: [Int]?
    var digest: DigestPlan?
    /// `urgent: tier >= n`
    var urgentTier: Int?
    var perDay: Int?
    var first: Subscription.First
    var wantsRemoved: Bool
    var key: String { channel + "|" + (to ?? "") }
  }

  enum DigestPlan: Hashable {
    /// Windows of so many hours, counted from midnight.
    case hours(Int)
    /// At this hour of each day.
    case at(Int)
  }

  /// Mean time between faults of a kind; nil where the seed has none of them.
  struct Faults {
    var site: Moment?
    var channel: Moment?
    var crash: Moment?
    var stop: Moment?
    var reload: Moment?
    var jump: Moment?
    var store: Moment?
    /// `slothunter subscriptions stop | snooze | resume`.
    var command: Moment?
    /// Of single requests, outside any longer fault.
    var strayAnswers = 0.0
  }

  static let channels = ["chat", "sms", "hook"]

  var days: Moment = 30
  var watches: [WatchPlan] = []
  var subscribers: [SubscriberPlan] = []
  var faults = Faults()
  /// Messages a day that `sms` may cost; nil without a bound.
  var budget: Int?
  /// Jobs overtake each other.
  var shuffles = false

  init(seed: UInt64) {
    var dice = Dice(seed &* 2 &+ 1)
    let base = dice.one(of: [10 * Moment.hour, 16 * .hour, 24 * .hour])
    for index in 1...dice.one(of: [1, 1, 1, 2, 2, 3]) {
      let kind = dice.one(of: [Specs.Kind.plain, .plain, .calm, .parts])
      watches.append(
        WatchPlan(
          kind: kind, page: "p\(index)", every: dice.chance(0.2) ? base / 4 : base,
          services: kind == .parts ? Array(["1", "2", "3"].prefix(dice.number(1...3))) : []))
    }
    for watch in watches.indices { addSubscribers(of: watch, &dice) }
    func rate(_ likely: Double, _ means: [Moment]) -> Moment? { dice.chance(likely) ? dice.one(of: means) : nil }
    faults.site = rate(0.8, [12 * .hour, 2 * .day, 5 * .day])
    faults.channel = rate(0.8, [6 * .hour, .day, 3 * .day])
    faults.crash = rate(0.7, [2 * .day, 4 * .day, 10 * .day])
    faults.stop = rate(0.3, [3 * .day, 8 * .day])
    faults.reload = rate(0.5, [.day, 4 * .day])
    faults.jump = rate(0.25, [3 * .day, 10 * .day])
    faults.store = rate(0.25, [2 * .day, 5 * .day])
    faults.strayAnswers = dice.one(of: [0, 0, 0.02, 0.1])
    shuffles = dice.chance(0.5)
    faults.command = rate(0.3, [2 * .day, 5 * .day])
    // A set clock moves the end of the pause that a used up budget brings: one or the other.
    if faults.jump == nil, dice.chance(0.3) { budget = dice.number(3...8) }
  }

  private mutating func addSubscribers(of watch: Int, _ dice: inout Dice) {
    for person in 1...4 where dice.chance(0.45) {
      let channel = dice.one(of: ["chat", "chat", "sms"])
      // The fourth is a group where there are such.
      subscribers.append(plan(watch, channel, channel == "chat" && person == 4 ? "g4" : "u\(person)", &dice))
    }
    if dice.chance(0.4) { subscribers.append(plan(watch, "hook", nil, &dice)) }
  }

  private func plan(_ watch: Int, _ channel: String, _ to: String?, _ dice: inout Dice) -> SubscriberPlan {
    SubscriberPlan(
      watch: watch, channel: channel, to: to, leastTier: dice.chance(0.3) ? dice.number(1...2) : nil,
      quietHours: dice.chance(0.25) ? dice.one(of: [[23, 7], [22, 6], [13, 15]]) : nil,
      digest: dice.chance(0.2) ? dice.one(of: [.hours(1), .hours(4), .at(8)]) : nil,
      urgentTier: dice.chance(0.25) ? dice.number(1...2) : nil, perDay: dice.chance(0.15) ? dice.number(2...4) : nil,
      first: dice.one(of: Subscription.First.allCases), wantsRemoved: dice.chance(0.3))
  }
}

/// Which of the plans the product is told to run at the moment.
struct Setup: Equatable {
  /// By index.
  var watches: Set<Int>
  var subscribers: Set<Int>
  var channels: Set<String>
  /// Changes a channel's settings, so that its worker is replaced.
  var room = 0
  /// `stop: true`, the entry kept.
  var stops: Set<Int> = []
  /// `snooze:`, in wall milliseconds.
  var snoozes: [Int: Int64] = [:]

  func has(_ index: Int, of scenario: Scenario) -> Bool {
    let plan = scenario.subscribers[index]
    return subscribers.contains(index) && watches.contains(plan.watch) && !stops.contains(index)
  }

  func configuration(_ scenario: Scenario, _ mutation: Mutation?) -> Configuration {
    let specs = Specs.shared
    let kinds = Specs.Kind.allCases.filter { kind in scenario.watches.contains { $0.kind == kind } }
    return Configuration(
      sites: kinds.compactMap { specs.sites[$0] },
      notifiers: Scenario.channels.compactMap { specs.notifiers[$0] }.map {
        var spec = $0
        if mutation == .ignoreRates { (spec.rate, spec.ratePerRecipient, spec.ratePerGroup) = (nil, nil, nil) }
        if mutation == .alwaysResend { spec.whenUnsure = .resend }
        return spec
      }, store: "",
      channels: Scenario.channels.map {
        Channel(
          name: $0, notifier: $0, enabled: channels.contains($0),
          settings: ["room": .plain(.text($0 == "chat" ? "room\(room)" : "main"))],
          budget: $0 == "sms" && mutation != .ignoreBudget ? scenario.budget.map { Budget(messages: $0) } : nil)
      },
      maintainers: [MaintainerTarget(channel: "hook")],
      watches: scenario.watches.indices.filter(watches.contains).map { index in
        let plan = scenario.watches[index]
        return WatchRule(
          site: plan.kind.rawValue, params: ["page": plan.page], every: .nanoseconds(plan.every),
          notify: scenario.subscribers.indices.filter {
            scenario.subscribers[$0].watch == index && (subscribers.contains($0) || mutation == .keepSubscribing)
          }.map { subscription($0, scenario.subscribers[$0], mutation) })
      }, allowedHosts: [], userAgent: "simulation")
  }

  private func atLeast(_ tier: Int) -> Expression {
    do throws(SyntaxError) {
      return try Expression("tier >= \(tier)", names: ["tier": .integer])
    } catch {
      halt("the simulator's own condition is wrong: \(error.message)")
    }
  }

  private func subscription(_ index: Int, _ plan: Scenario.SubscriberPlan, _ mutation: Mutation?) -> Subscription {
    let digest: Digest? =
      switch plan.digest {
      case nil: nil
      case .hours(let hours): .every(.seconds(hours * 3600))
      case .at(let hour): .at([CivilTime(secondsOfDay: hour * 3600)])
      }
    return Subscription(
      channel: plan.channel, to: plan.to, language: "en",
      when: mutation == .ignoreWhen ? nil : plan.leastTier.map(atLeast),
      quiet: mutation == .ignoreQuiet
        ? nil
        : plan.quiet.map {
          Subscription.ClosedQuiet(from: CivilTime(secondsOfDay: $0.from), to: CivilTime(secondsOfDay: $0.to))
        },
      atMost: mutation == .ignoreAtMost ? nil : plan.perDay.map { RateLimit(count: $0, per: .seconds(86_400)) },
      first: plan.first, on: plan.wantsRemoved ? [.added, .removed] : [.added],
      digest: mutation == .ignoreDigest ? nil : digest,
      urgent: mutation == .ignoreUrgent ? nil : plan.urgentTier.map(atLeast),
      snooze: mutation == .ignoreSnooze ? nil : snoozes[index].map { Instant(milliseconds: $0) },
      stop: mutation != .ignoreStop && stops.contains(index))
  }
}
