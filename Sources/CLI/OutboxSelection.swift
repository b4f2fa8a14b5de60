import Engine
import Language
import PluginHost
import Storage

/// Which deliveries a command is about, from its filters.
struct OutboxSelection {
  static let filters = ["--state", "--kind", "--channel", "--watch", "--to", "--older-than", "--newer-than"]

  static let flags = [
    Flag("--state", "STATE", repeats: true, DeliveryRecord.State.allCases.map(\.rawValue).joined(separator: ", ")),
    Flag("--kind", "KIND", repeats: true, Message.Kind.allCases.map(\.rawValue).joined(separator: ", ")),
    Flag("--channel", "NAME", "only those of a channel"), Flag("--watch", "ID", "only those of a watch"),
    Flag("--to", "ADDRESS", "only those of one recipient; …4567 where only one ends so"),
    Flag("--older-than", "DURATION", "made so long ago or longer: 30m, 2h"),
    Flag("--newer-than", "DURATION", "made within that time"),
    Flag("--limit", "N", "how many at the most, newest first (default: list 50, retry and drop 10000)"),
  ]

  private(set) var filter: DeliveryFilter
  /// Whether any filter but the limit was given.
  let isNarrowed: Bool

  /// - Parameter states: Those meant where none is named; empty means any.
  init(_ arguments: Arguments, states: Set<DeliveryRecord.State>, limit: Int) throws(CommandFailure) {
    let named: [DeliveryRecord.State] = try OutboxSelection.words(
      arguments.all("--state"), "delivery is ever", "states")
    let kinds: [Message.Kind] = try OutboxSelection.words(arguments.all("--kind"), "message is ever", "kinds")
    guard let most = Int(arguments["--limit"] ?? "\(limit)"), most > 0 else {
      throw CommandFailure(.usage, "--limit takes a number above 0")
    }
    let now = SystemTime().now()
    let older = try OutboxSelection.age("--older-than", arguments)
    let newer = try OutboxSelection.age("--newer-than", arguments)
    filter = DeliveryFilter(
      states: named.isEmpty ? states : Set(named), kinds: Set(kinds), channel: arguments["--channel"],
      recipient: arguments["--to"], watch: arguments["--watch"], createdSince: newer.map { now - $0 },
      createdUntil: older.map { now - $0 }, limit: most)
    isNarrowed = OutboxSelection.filters.contains { arguments.has($0) }
  }

  /// A name that nothing has is a mistake, not an empty answer.
  func deliveries(of store: Store, _ arguments: Arguments) async throws -> [DeliveryRecord] {
    var filter = filter
    if let to = filter.recipient, SubscriptionBook.end(to) != nil {
      filter.recipient = try await SubscriptionBook(arguments, store, now: SystemTime().now()).address(to)
    }
    let found = try await store.deliveries(filter)
    guard found.isEmpty else { return found }
    let status = try await store.status()
    if let channel = filter.channel {
      let known = status.channels.map(\.name)
      guard known.contains(channel) else {
        throw CommandFailure(
          .negative, "nothing was ever for a channel '\(channel)'", help: Suggestion.text(channel, known, "channels"))
      }
    }
    if let watch = filter.watch {
      let known = status.watches.map(\.id)
      guard known.contains(watch) else {
        throw CommandFailure(.negative, "no watch '\(watch)'", help: Suggestion.text(watch, known, "watches"))
      }
    }
    return []
  }

  private static func words<Word: RawRepresentable & CaseIterable>(
    _ given: [String], _ what: String, _ list: String
  ) throws(CommandFailure) -> [Word] where Word.RawValue == String {
    var found: [Word] = []
    for text in given {
      guard let word = Word(rawValue: text) else {
        throw CommandFailure(
          .usage, "no \(what) '\(text)'", help: Suggestion.text(text, Word.allCases.map { $0.rawValue }, list))
      }
      found.append(word)
    }
    return found
  }

  private static func age(_ flag: String, _ arguments: Arguments) throws(CommandFailure) -> Duration? {
    guard let text = arguments[flag] else { return nil }
    return try TimeOptions.duration(text, flag, example: "30m, 2h or 3d")
  }
}

extension Suggestion {
  /// Ids are long and random: who mistypes one has its beginning right, or one letter wrong.
  static func delivery(_ id: String, in store: Store) async throws -> String {
    /// The newest so many are compared: an older one is rarely asked for.
    let compared = 5000
    let known = try await store.deliveries(DeliveryFilter(limit: compared)).map(\.id)
    let starts = known.filter { id.count >= 4 && $0.hasPrefix(id) }
    if starts.count == 1 { return "did you mean '\(starts[0])'?" }
    if !starts.isEmpty { return "\(starts.count) ids begin so; `slothunter outbox list` names them" }
    let guess = Suggestion.text(id, known, "").split(separator: "?").first.map(String.init) ?? ""
    return guess.hasPrefix("did you mean") ? guess + "?" : "`slothunter outbox list` names them"
  }
}
