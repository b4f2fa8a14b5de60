/// The names that a template or expression can see, innermost first: the row's fields, its ancestors', page names,
/// parameters, `site`. (`now` comes from the ``RenderContext``.)
///
/// Immutable and cheap to extend: a child shares its parent's frames.
public struct Scope: Sendable {
  private final class Frame: Sendable {
    let names: [String]
    let values: [Value]
    let parent: Frame?
    init(names: [String], values: [Value], parent: Frame?) {
      self.names = names
      self.values = values
      self.parent = parent
    }
  }

  private let frame: Frame?

  public init() { frame = nil }

  private init(frame: Frame?) { self.frame = frame }

  public init(_ members: [(String, Value)]) { self = Scope().adding(members) }

  /// A scope that sees `members` before everything visible here. Of equal names in `members` the last counts.
  public func adding(_ members: [(String, Value)]) -> Scope {
    members.isEmpty
      ? self : Scope(frame: Frame(names: members.map(\.0), values: members.map(\.1), parent: frame))
  }

  /// nil where the name is not defined at all; `.null` where it is defined and empty.
  public subscript(name: String) -> Value? {
    var next = frame
    while let here = next {
      if let index = here.names.lastIndex(of: name) { return here.values[index] }
      next = here.parent
    }
    return nil
  }

  /// Every visible name with its value, outermost first; a shadowed name appears once, with the inner value.
  public var members: [(String, Value)] {
    var frames: [Frame] = []
    var next = frame
    while let here = next {
      frames.append(here)
      next = here.parent
    }
    var order: [String] = []
    var values: [String: Value] = [:]
    for here in frames.reversed() {
      for (name, value) in zip(here.names, here.values) {
        if values.updateValue(value, forKey: name) == nil { order.append(name) }
      }
    }
    return order.compactMap { name in values[name].map { (name, $0) } }
  }
}

/// What rendering and evaluation need beside names.
public struct RenderContext: Sendable {
  /// The site's zone: `.hour`, `time`, `date` and `jalali` are read in it.
  public var zone: TimeZoneRules
  public var now: Instant
  /// `fa` or `en`; decides words and digits of dates.
  public var language: String

  public init(zone: TimeZoneRules, now: Instant, language: String = "fa") {
    self.zone = zone
    self.now = now
    self.language = language
  }
}
