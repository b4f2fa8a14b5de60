import Language

/// What a person is to be told, in their language, before any channel's layout.
///
/// Made when a run is stored and kept with the delivery, so what is sent can be explained. Every text here is data: a
/// ``MessageFormat`` escapes it.
public struct Message: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Changes of a run.
    case alert
    /// What is open now, for a new subscriber.
    case summary
    /// For maintainers: something broke or healed.
    case maintainer
    case test
  }

  public struct Line: Sendable, Hashable {
    /// nil for lines that are not about an item.
    public var change: Change.Kind?
    public var text: String
    /// The item's key, and its fields as JSON; for machines.
    public var itemKey: String?
    public var item: JSON
    /// The engine looks the item up again by these before a late send.
    public var link: String?

    public init(
      change: Change.Kind? = nil, text: String, itemKey: String? = nil, item: JSON = .null, link: String? = nil
    ) {
      self.change = change
      self.text = text
      self.itemKey = itemKey
      self.item = item
      self.link = link
    }
  }

  public var kind: Kind
  public var site: String
  /// The watch's id and its name for people.
  public var watch: String
  /// `fa` or `en`.
  public var language: String
  public var title: String
  public var lines: [Line]
  /// http or https only.
  public var link: String?
  public var at: Instant

  public init(
    kind: Kind, site: String, watch: String, language: String, title: String, lines: [Line], link: String? = nil,
    at: Instant
  ) {
    self.kind = kind
    self.site = site
    self.watch = watch
    self.language = language
    self.title = title
    self.lines = lines
    self.link = link
    self.at = at
  }
}

/// A message in the form one channel takes.
public struct RenderedMessage: Sendable, Hashable {
  /// What `{message}` is: text, or for the `json` format an object.
  public var body: Value
  /// The same without markup, for `resend_plain`.
  public var plain: String
  /// Lines left out to stay within the limit.
  public var omitted: Int

  public init(body: Value, plain: String, omitted: Int = 0) {
    self.body = body
    self.plain = plain
    self.omitted = omitted
  }
}

/// Lays a message out for a kind of channel: escaping, order, emphasis, cutting.
///
/// Pure. Text of the message is data: whatever it holds, the result shows it as text and is well formed. A result is
/// never longer than `limit` (in the format's own units, see ``lengthUnit``), never cut inside a tag or grapheme, and
/// says how many lines were left out.
public protocol MessageFormat: Sendable {
  static var kind: String { get }
  /// One line of help.
  static var summary: String { get }
  /// What `max_length` counts, for the docs: `UTF-16 units shown`.
  static var lengthUnit: String { get }
  func render(_ message: Message, limit: Int?) -> RenderedMessage
}
