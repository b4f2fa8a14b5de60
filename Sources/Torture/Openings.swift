/// One opening on a site: a slot, and which time it is open.
struct Opening: Hashable, Sendable {
  var site: Int
  var slot: Int
  /// Counted from 1; 0 was there before anybody watched and is no news.
  var turn: Int

  /// As pages and messages show it.
  var token: String { "\(slotID)#\(turn)" }
  var slotID: String { "s\(site)-\(slot)" }

  init(site: Int, slot: Int, turn: Int) { (self.site, self.slot, self.turn) = (site, slot, turn) }

  init?(token: some StringProtocol) {
    let numbers = token.dropFirst().split { $0 == "-" || $0 == "#" }.compactMap { Int($0) }
    guard token.hasPrefix("s"), numbers.count == 3 else { return nil }
    self.init(site: numbers[0], slot: numbers[1], turn: numbers[2])
    guard self.token == token else { return nil }
  }

  /// Every opening that a message names.
  static func all(in text: String) -> [Opening] {
    text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "#")) }.compactMap {
      Opening(token: $0)
    }
  }
}

/// Whom an alert is for: a channel and an address there.
struct Listener: Hashable, Sendable {
  var channel: String
  var address: String
}

/// What a listener can hear.
struct News: Hashable, Sendable {
  enum Kind: String, Sendable { case added, removed }

  var listener: Listener
  var kind: Kind
  var opening: Opening
}

/// What an opening went through; times are since the start of the torture.
struct Life: Sendable {
  var opened: Duration
  var closed: Duration?
  /// Meant to go before anybody may have read it: nobody has to hear of it.
  var isBlink: Bool
  /// Pages served since it closed.
  var readsSinceClosed = 0
}
