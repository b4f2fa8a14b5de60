import Language
import Matching
import PluginHost

/// A site plus canonical parameters, on a schedule, and who wants to know. Equal watches are one watch.
public struct Watch: Sendable {
  /// `paziresh24/دکتر-نمونه`: the site and its parameters in the order the spec names them.
  public var id: String
  public var spec: SiteSpec
  public var params: [(name: String, value: String)]
  public var every: Duration
  /// Who wants to know, indexed.
  public var subscribers: Subscribers

  /// The same one by one, in the order in which they were given. Costs as much as there are; setting makes a new index.
  public var subscriptions: [Subscription] {
    get { subscribers.all }
    set { subscribers = Subscribers(newValue, zone: spec.zone) }
  }

  public init(spec: SiteSpec, params: [String: String], every: Duration, subscriptions: [Subscription]) {
    self.spec = spec
    self.params = spec.parameters.compactMap { name in params[name].map { (name, $0) } }
    self.every = every
    subscribers = Subscribers(subscriptions, zone: spec.zone)
    id = Watch.id(site: spec.id, values: self.params.map(\.value))
  }

  /// Slashes and percent signs in values are percent-encoded, so different watches never share an id.
  public static func id(site: String, values: [String]) -> String {
    ([site]
      + values.map { value in
        value.reduce(into: "") { text, c in
          switch c {
          case "%": text += "%25"
          case "/": text += "%2F"
          default: text.append(c)
          }
        }
      }).joined(separator: "/")
  }

  /// Whether the site's `drop` removes an item.
  func isDropped(_ item: Item, _ context: RenderContext) -> Bool {
    guard let drop = spec.items.drop else { return false }
    return drop.holds(in: scope.adding(item.fields.map { ($0.name, $0.value) }), context)
  }

  /// What every template of the site can see before the first step.
  var scope: Scope {
    Scope([("site", .text(spec.id))] + params.map { ($0.name, Value.text($0.value)) })
  }
}
