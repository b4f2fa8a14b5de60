import PluginHost

/// A slot on a virtual site. The same id opened again has another `gen`.
struct Slot: Hashable {
  var id: String
  var gen: Int
  var tier: Int
  /// Seconds since 1970 on a clock that nobody sets.
  var start: Int64

  var json: String { #"{"id":"\#(id)","gen":\#(gen),"tier":\#(tier),"start":\#(start)}"# }
}

/// What the sites show, and what is wrong with them.
struct SiteWorld {
  enum Fault: String, CaseIterable {
    case refused, timeout, reset, status500, status503, throttled, challenge, forbidden, cut, partial, notJSON
  }

  struct Page {
    /// By service; "" where there are none.
    var slots: [String: [Slot]]
  }

  private(set) var pages: [String: Page] = [:]
  /// Of a whole site, until then.
  var faults: [Specs.Kind: (fault: Fault, until: Moment)] = [:]
  private var nextGen = 1

  init(_ scenario: Scenario, _ dice: inout Dice, clock: VirtualClock) {
    for watch in scenario.watches {
      let services = watch.services.isEmpty ? [""] : watch.services
      pages[watch.id] = Page(slots: Dictionary(uniqueKeysWithValues: services.map { ($0, []) }))
      for _ in 0..<dice.number(0...3) { change(watch, &dice, clock) }
    }
  }

  /// One change of one page: a slot opens, goes, comes back, or all go.
  mutating func change(_ watch: Scenario.WatchPlan, _ dice: inout Dice, _ clock: VirtualClock) {
    let service = watch.services.isEmpty ? "" : dice.one(of: watch.services)
    var slots = pages[watch.id]?.slots[service] ?? []
    let truth = VirtualClock.start / 1000 + clock.now / Moment.second
    slots.removeAll { $0.start <= truth }
    switch dice.number(0...9) {
    case 0...4: open(&slots, &dice, truth)
    case 5...6 where !slots.isEmpty: slots.remove(at: dice.number(0...slots.count - 1))
    case 7 where !slots.isEmpty:
      slots.remove(at: dice.number(0...slots.count - 1))
      open(&slots, &dice, truth)
    case 8 where dice.chance(0.3): slots = []
    default:
      for _ in 0...dice.number(0...2) { open(&slots, &dice, truth) }
    }
    pages[watch.id]?.slots[service] = slots
  }

  private mutating func open(_ slots: inout [Slot], _ dice: inout Dice, _ truth: Int64) {
    let number = dice.number(0...5)
    guard !slots.contains(where: { $0.id == "s\(number)" }) else { return }
    let hours = dice.chance(0.2) ? dice.number(1...8) : dice.number(24...400)
    slots.append(Slot(id: "s\(number)", gen: nextGen, tier: number % 3, start: truth + Int64(hours) * 3600))
    nextGen += 1
  }

  static func page(_ slots: [Slot]) -> String { #"{"slots":[\#(slots.map(\.json).joined(separator: ","))]}"# }

  static func services(_ services: [String]) -> String {
    #"{"services":[\#(services.map { #"{"service":"\#($0)"}"# }.joined(separator: ","))]}"#
  }
}
