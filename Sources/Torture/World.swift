import Synchronization

/// The fifty sites as their script has them, and everything that the channels accepted. The judge's only witness: nothing
/// here is told by the program under test.
final class World: Sendable {
  struct State {
    /// What each site shows, in the order of opening.
    var shown: [[Opening]]
    var lives: [Opening: Life] = [:]
    var nextSlot: [Int]
    /// Slots that closed and may open again.
    var closed: [[Opening]]
    var reads: [Int]
    /// Times a listener heard something.
    var heard: [News: Int] = [:]
    var messages = 0
    var duplicates = 0
    var falseAlerts: [String] = []
    var maintainerMessages: [String] = []
    /// When the process that runs now first asked a site; nil until it has.
    var firstRead: Duration?
    var firstAccept: Duration?
    var events = 0
  }

  private let clock = ContinuousClock()
  private let started: ContinuousClock.Instant
  let state: Mutex<State>
  let sites: Int
  private let subscriptions: [[Listener]]
  static let webhook = Listener(channel: "hook", address: "")

  /// - Parameter subscriptions: Who hears of each site's openings.
  init(sites: Int, subscriptions: [[Listener]]) {
    started = clock.now
    self.sites = sites
    self.subscriptions = subscriptions
    var first = State(
      shown: [], nextSlot: Array(repeating: 3, count: sites), closed: Array(repeating: [], count: sites),
      reads: Array(repeating: 0, count: sites))
    for site in 0..<sites {
      let there = (0..<2).map { Opening(site: site, slot: $0, turn: 0) }
      for opening in there { first.lives[opening] = Life(opened: .zero, closed: nil, isBlink: false) }
      first.shown.append(there)
    }
    state = Mutex(first)
  }

  var now: Duration { clock.now - started }

  func listeners(of site: Int) -> [Listener] { subscriptions[site] }

  /// What a site shows to a reader just now.
  func read(_ site: Int) -> [Opening] {
    state.withLock { state in
      state.reads[site] += 1
      state.events += 1
      if state.firstRead == nil { state.firstRead = now }
      for opening in state.closed[site] { state.lives[opening]?.readsSinceClosed += 1 }
      return state.shown[site]
    }
  }

  /// A channel took a message. From here on it was heard, whatever the process learns of it.
  func accept(_ listener: Listener, _ lines: [(kind: News.Kind, opening: Opening)]) {
    state.withLock { state in
      state.messages += 1
      state.events += 1
      if state.firstAccept == nil { state.firstAccept = now }
      var isRepeated = false
      for line in lines {
        let news = News(listener: listener, kind: line.kind, opening: line.opening)
        if let fault = fault(in: news, state) { state.falseAlerts.append(fault) }
        isRepeated = isRepeated || state.heard[news] != nil
        state.heard[news, default: 0] += 1
      }
      if lines.isEmpty { state.falseAlerts.append("a message without an opening to \(listener)") }
      if isRepeated { state.duplicates += 1 }
    }
  }

  func acceptForMaintainers(_ title: String) {
    state.withLock { $0.maintainerMessages.append(title) }
  }

  /// Why news should never have been told; nil where it is right.
  private func fault(in news: News, _ state: State) -> String? {
    let opening = news.opening
    guard let life = state.lives[opening] else { return "\(opening.token) was never there" }
    guard subscriptions[opening.site].contains(news.listener) else {
      return "\(opening.token) was told to \(news.listener), who never asked"
    }
    if opening.turn == 0 { return "\(opening.token) was there from the beginning, and told as \(news.kind)" }
    guard let closed = life.closed else {
      return news.kind == .removed ? "\(opening.token) was told to be gone while it was there" : nil
    }
    // Six readings without it and ten seconds: far beyond what a send that was under way can take.
    let isStale = news.kind == .added && life.readsSinceClosed >= 6 && now - closed > .seconds(10)
    return isStale ? "\(opening.token) was told \(now - closed) after it had gone" : nil
  }

  // MARK: the script

  func open(_ site: Int, isBlink: Bool, again: Bool) -> Opening? {
    state.withLock { state in
      guard state.shown[site].count < 14 else { return nil }
      let opening: Opening
      if again, let index = state.closed[site].firstIndex(where: { isOver($0, state) }) {
        var next = state.closed[site].remove(at: index)
        next.turn += 1
        opening = next
      } else {
        opening = Opening(site: site, slot: state.nextSlot[site], turn: 1)
        state.nextSlot[site] += 1
      }
      state.lives[opening] = Life(opened: now, closed: nil, isBlink: isBlink)
      state.shown[site].append(opening)
      return opening
    }
  }

  func close(_ opening: Opening) {
    state.withLock { state in
      guard let index = state.shown[opening.site].firstIndex(of: opening) else { return }
      state.shown[opening.site].remove(at: index)
      state.lives[opening]?.closed = now
      state.closed[opening.site].append(opening)
    }
  }

  /// Whether all has been told of a slot that closed, so that its next turn can't be mistaken for this one.
  private func isOver(_ opening: Opening, _ state: State) -> Bool {
    state.heard[News(listener: World.webhook, kind: .removed, opening: opening)] != nil
  }

  /// Whether everybody heard of an opening, or never will.
  ///
  /// - Parameter settled: News that the outbox has ended in its declared way.
  func isHeard(_ opening: Opening, settled: Set<News>) -> Bool {
    state.withLock { state in
      subscriptions[opening.site].allSatisfy { listener in
        let news = News(listener: listener, kind: .added, opening: opening)
        return state.heard[news] != nil || settled.contains(news)
      }
    }
  }

  /// What has to be heard by now and was not.
  func missing(settled: Set<News>) -> [News] {
    state.withLock { state in
      var missing: [News] = []
      for (opening, life) in state.lives where opening.turn > 0 {
        for listener in subscriptions[opening.site] where !life.isBlink {
          missing.append(News(listener: listener, kind: .added, opening: opening))
        }
        // Whoever was told that it came must hear that it went.
        let came = News(listener: World.webhook, kind: .added, opening: opening)
        if life.closed != nil, state.heard[came] != nil {
          missing.append(News(listener: World.webhook, kind: .removed, opening: opening))
        }
      }
      return missing.filter { state.heard[$0] == nil && !settled.contains($0) }
    }
  }

  /// News that somebody must hear, by now.
  var expected: Int { missing(settled: []).count + state.withLock { $0.heard.count } }
}
