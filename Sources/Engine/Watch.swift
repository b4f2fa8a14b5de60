import Language
import Matching
import PluginHost

/// A spec that all watches of its site hold in common: it would be the largest part of each of 100,000.
public final class SharedSpec: Sendable {
  public let spec: SiteSpec
  /// ``SiteSpec/keyRules``.
  let keyRules: String
  /// ``SiteSpec/isReadFromOneAnswer``.
  let isReadFromOneAnswer: Bool
  public init(_ spec: SiteSpec) {
    self.spec = spec
    keyRules = spec.keyRules
    isReadFromOneAnswer = spec.isReadFromOneAnswer
  }
}

private final class SharedTiming: Sendable {
  let timing: Timing
  init(_ timing: Timing) { self.timing = timing }
}

/// A site plus canonical parameters, on a schedule, and who wants to know. Equal watches are one watch.
public struct Watch: Sendable {
  /// `paziresh24/دکتر-نمونه`: the site and its parameters in the order the spec names them.
  public var id: String
  private var shared: SharedSpec
  /// Setting it makes a copy of this watch's own.
  public var spec: SiteSpec {
    get { shared.spec }
    set { shared = SharedSpec(newValue) }
  }
  var keyRules: String { shared.keyRules }
  var isReadFromOneAnswer: Bool { shared.isReadFromOneAnswer }
  public var params: [(name: String, value: String)]
  /// Between two runs; where ``timing`` names times of the calendar, the least that lies between two of them.
  public var every: Duration
  /// What else was said of when it runs; nil for ``Timing/plain``, as most have it.
  private var ownTiming: SharedTiming?
  public var timing: Timing {
    get { ownTiming?.timing ?? .plain }
    set { ownTiming = newValue == .plain ? nil : SharedTiming(newValue) }
  }
  /// Who wants to know, indexed.
  public var subscribers: Subscribers

  /// The same one by one, in the order in which they were given. Costs as much as there are; setting makes a new index.
  public var subscriptions: [Subscription] {
    get { subscribers.all }
    set { subscribers = Subscribers(newValue, zone: spec.zone) }
  }

  public init(spec: SiteSpec, params: [String: String], every: Duration, subscriptions: [Subscription]) {
    self.init(
      SharedSpec(spec), params: params, every: every, timing: .plain,
      subscribers: Subscribers(subscriptions, zone: spec.zone))
  }

  init(
    _ shared: SharedSpec, params: [String: String], every: Duration, timing: Timing, subscribers: Subscribers
  ) {
    self.shared = shared
    self.params = shared.spec.parameters.compactMap { name in params[name].map { (name, $0) } }
    self.every = every
    ownTiming = timing == .plain ? nil : SharedTiming(timing)
    self.subscribers = subscribers
    id = Watch.id(site: shared.spec.id, values: self.params.map(\.value))
  }

  /// Slashes and percent signs in values are percent-encoded, so different watches never share an id.
  public static func id(site: String, values: [String]) -> String {
    var id = site
    for value in values { id += "/" + (value.utf8.contains { $0 == percent || $0 == slash } ? encoded(value) : value) }
    return id
  }

  private static let (percent, slash) = (UInt8(ascii: "%"), UInt8(ascii: "/"))

  private static func encoded(_ value: String) -> String {
    value.reduce(into: "") { text, c in
      switch c {
      case "%": text += "%25"
      case "/": text += "%2F"
      default: text.append(c)
      }
    }
  }

  /// Whether the site's `drop` removes an item.
  func isDropped(_ item: Item, _ context: RenderContext) -> Bool {
    guard let drop = spec.items.drop else { return false }
    // Only what it asks for is gathered: this is asked of every item several times in a run.
    var members: [(String, Value)] = []
    for name in drop.names {
      if let field = item.fields.last(where: { $0.name == name }) { members.append((name, field.value)) }
    }
    let outer = members.count == drop.names.count ? Scope() : scope
    return drop.holds(in: outer.adding(members), context)
  }

  /// The same rules, and the same people to tell.
  func isReadAs(_ other: Watch) -> Bool {
    spec.version == other.spec.version && subscribers.addressHash == other.subscribers.addressHash
  }

  /// What every template of the site can see before the first step.
  var scope: Scope {
    Scope([("site", .text(spec.id))] + params.map { ($0.name, Value.text($0.value)) })
  }
}
