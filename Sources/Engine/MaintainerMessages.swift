import Language
import PluginHost
import Storage

/// Something that maintainers hear of once when it starts and once when it ends.
public struct Trouble: Sendable, Hashable {
  /// What tells it from others, stable over restarts: `misconfigured|telegram`, `store|full`. Never a secret, never an
  /// address of a person: it is shown.
  public var key: String
  /// The channel it is about: nothing of it is told there.
  public var channel: String?
  public var title: Words
  public var lines: [Words]
  /// Said when it is over.
  public var ending: Words
  /// What `status` shows beside the key; nil where the key says all.
  public var detail: String? = nil

  /// The same in both languages.
  public struct Words: Sendable, Hashable {
    public var english: String
    public var persian: String

    public init(english: String, persian: String) {
      self.english = english
      self.persian = persian
    }

    /// For words of others, as a provider's.
    public init(_ both: String) { self.init(english: both, persian: both) }

    func text(in language: String) -> String { language == "fa" ? persian : english }
  }

  public init(key: String, channel: String? = nil, title: Words, lines: [Words], ending: Words) {
    self.key = key
    self.channel = channel
    self.title = title
    self.lines = lines
    self.ending = ending
  }
}

extension Outlets {
  /// A maintainer alert is retried for 28 hours (DESIGN.md 4.8).
  static let maintainerPatience = Duration.seconds(28 * 3600)

  /// One delivery for each maintainer, in their language. Nobody else ever gets one.
  ///
  /// - Parameter faulty: A channel that can't carry it, because it is what the message is about.
  func forMaintainers(
    at now: Instant, _ random: RandomSource, except faulty: String? = nil, _ message: (String) -> Message
  ) -> [NewDelivery] {
    maintainers.filter { $0.channel != faulty }.map { target in
      NewDelivery(
        id: random.deliveryID(), channel: target.channel, recipient: target.to ?? "",
        subscription: "maintainer|\(target.channel)|\(target.to ?? "")", message: message(target.language),
        expiresAt: now + Outlets.maintainerPatience, rule: "maintainers")
    }
  }
}

extension Message {
  /// For maintainers, about no watch.
  static func maintainers(_ title: String, _ lines: [String], language: String, at now: Instant) -> Message {
    Message(
      kind: .maintainer, site: "", watch: "", language: language, title: title,
      lines: lines.map { Message.Line(text: $0) }, at: now)
  }
}

/// Messages for maintainers that others than a run or the desk give to the store.
public enum MaintainerNotice {
  /// What was wrong with a watch is over because nobody watches it any more.
  public static func watchRemoved(
    _ watch: String, _ outlets: Outlets, now: Instant, _ random: RandomSource = .system
  ) -> [NewDelivery] {
    outlets.forMaintainers(at: now, random) { language in
      .maintainers(
        language == "fa" ? "پایش برداشته شد: \(watch)" : "no longer watched: \(watch)",
        [language == "fa" ? "مشکل آن بسته شد" : "what was wrong with it is closed"], language: language, at: now)
    }
  }
}
