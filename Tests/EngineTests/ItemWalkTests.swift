import Language
import PluginHost
import Storage
import TestSupport
import Testing

/// Random walks of a site of lists: whatever it shows and however it fails, who listens hears of each slot that it came,
/// that it went, and nothing twice.
struct ItemWalkTests {
  private static let lists = ["a", "b", "c"]
  private static let ids = (1...7).map(String.init)

  /// What a site shows, and what somebody believes who heard all that was said.
  private struct Walk {
    var desk: ItemDesk
    var dice: SplitMix
    var shown: [String: Set<String>] = [:]
    var believed: Set<String> = []
    var story: [String] = []
    /// Whether what is said is heard at once; else the channel is slow, and several runs come together.
    let isPrompt: Bool

    init(seed: UInt64, items: String) throws {
      isPrompt = seed.isMultiple(of: 2)
      // Nothing is too late here: what expires is told to nobody.
      desk = try ItemDesk(items: items, alert: "useful_for: 1d")
      dice = SplitMix(seed: seed)
    }

    /// Slots come and go; now and then a list vanishes or is half of what it was.
    mutating func change() {
      for list in ItemWalkTests.lists {
        switch Int.random(in: 0..<10, using: &dice) {
        case 0: shown[list] = nil
        case 1: shown[list] = Set((shown[list] ?? []).filter { _ in Bool.random(using: &dice) })
        case 2, 3: shown[list, default: []].insert(ItemWalkTests.ids.randomElement(using: &dice) ?? "1")
        case 4: shown[list] = Set(ItemWalkTests.ids.shuffled(using: &dice).prefix(5))
        default: break
        }
      }
    }

    /// The site as it is, in good order.
    func show() {
      let listed = ItemWalkTests.lists.filter { shown[$0] != nil }
      desk.site.set(
        "/lists", "{\"lists\": [\(listed.map { "\"\($0)\"" }.joined(separator: ","))], \"none\": \(listed.isEmpty)}")
      for list in listed { desk.show(list, (shown[list] ?? []).sorted()) }
    }

    /// Something of it can't be read.
    mutating func harm() {
      let list = ItemWalkTests.lists.randomElement(using: &dice) ?? "a"
      switch Int.random(in: 0..<6, using: &dice) {
      case 0: desk.site.set("/lists", "", status: 503)
      case 1: desk.site.set("/lists", "{\"other\": []}")
      case 2: desk.show(list, status: 503)
      case 3: desk.site.set("/list/\(list)", "{\"rows\": [], \"whole\": false}")
      case 4: desk.site.set("/list/\(list)", "<html>", status: 200)
      default: break
      }
    }

    mutating func step() async throws {
      if Int.random(in: 0..<3, using: &dice) > 0 { change() }
      show()
      if Int.random(in: 0..<4, using: &dice) == 0 { harm() }
      if Int.random(in: 0..<12, using: &dice) == 0 { try desk.restart() }
      // What waits for a slow channel follows a set clock by the store's keeper, which is not here.
      let wait = (isPrompt ? [10, 60, 60, 60, 600, -3600] : [10, 60, 60]).randomElement(using: &dice) ?? 60
      try await desk.run(after: .seconds(wait))
      guard isPrompt || Int.random(in: 0..<4, using: &dice) == 0 else { return }
      try await listen("\(shown.mapValues { $0.sorted() }.sorted { $0.key < $1.key })")
    }

    mutating func listen(_ what: String) async throws {
      let heard = try await desk.hear()
      story.append("\(what): \(heard)")
      for word in heard {
        let key = String(word.dropFirst())
        // Slowly heard, a going may have fallen out because the slot is back, or a coming because it is gone again.
        switch word.first {
        case "+":
          let isNew = believed.insert(key).inserted
          #expect(isNew || !isPrompt, "told twice: \(word) in \(story.suffix(6))")
        case "-":
          let wasThere = believed.remove(key) != nil
          #expect(wasThere || !isPrompt, "gone, and was never there: \(word) in \(story.suffix(6))")
        default: break
        }
      }
    }

    /// Readings in good order until everything has settled.
    mutating func calm() async throws {
      show()
      for _ in 0..<8 {
        try await desk.run()
        try await listen("calm")
      }
    }

    var truth: Set<String> { Set(shown.flatMap { list, ids in ids.map { list + $0 } }) }
  }

  @Test(arguments: ["", "settle: 150s"], 1...6 as ClosedRange<UInt64>)
  func `whoever listens knows in the end what is open, and heard nothing twice`(_ items: String, _ seed: UInt64)
    async throws
  {
    var walk = try Walk(seed: seed, items: items)
    // From an empty site on: nothing is there that was never told.
    try await walk.desk.run()
    for _ in 0..<40 { try await walk.step() }
    try await walk.calm()
    #expect(walk.story.contains { $0.contains("+") }, "nothing was told at all")
    #expect(walk.believed == walk.truth, "seed \(seed): \(walk.story.suffix(12))")
  }
}
