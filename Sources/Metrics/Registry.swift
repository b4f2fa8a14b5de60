import Synchronization

/// All instruments of a process, by metric and labels. Asked once for each instrument, which its user then keeps: only
/// reading and asking lock.
public final class Registry: Sendable {
  enum Instrument: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)
  }

  struct Family: Sendable {
    var description: MetricDescription
    /// By values of the labels.
    var members: [[String]: Instrument] = [:]
  }

  private let families = Mutex<[String: Family]>([:])

  public init() {}

  public func counter(_ description: MetricDescription, _ labels: String...) -> Counter {
    let instrument = member(description, labels) { .counter(Counter()) }
    guard case .counter(let counter) = instrument else { preconditionFailure("\(description.name) is no counter") }
    return counter
  }

  /// Also for a counter that is counted elsewhere, and set here to what it is there.
  public func gauge(_ description: MetricDescription, _ labels: String...) -> Gauge {
    let instrument = member(description, labels) { .gauge(Gauge()) }
    guard case .gauge(let gauge) = instrument else { preconditionFailure("\(description.name) is no gauge") }
    return gauge
  }

  public func histogram(_ description: MetricDescription, _ labels: String...) -> Histogram {
    let instrument = member(description, labels) {
      guard let buckets = description.buckets else { preconditionFailure("\(description.name) has no buckets") }
      return .histogram(Histogram(buckets))
    }
    guard case .histogram(let histogram) = instrument else {
      preconditionFailure("\(description.name) is no histogram")
    }
    return histogram
  }

  /// Gauges that are all known at once: those of before that are not among them go.
  public func replace(_ description: MetricDescription, _ values: [(labels: [String], value: Double)]) {
    precondition(description.kind == .gauge, "only gauges can be replaced")
    var family = Family(description: description)
    for (labels, value) in values {
      precondition(labels.count == description.labels.count, "\(description.name) has other labels")
      let gauge = Gauge()
      gauge.set(value)
      family.members[labels] = .gauge(gauge)
    }
    families.withLock { $0[description.name] = family }
  }

  /// What an instrument said is over; whoever holds it counts on unseen.
  public func remove(_ description: MetricDescription, _ labels: String...) {
    families.withLock { _ = $0[description.name]?.members.removeValue(forKey: labels) }
  }

  /// In the order of their names.
  var all: [Family] { families.withLock { $0.values.sorted { $0.description.name < $1.description.name } } }

  private func member(
    _ description: MetricDescription, _ labels: [String], _ make: () -> Instrument
  ) -> Instrument {
    precondition(labels.count == description.labels.count, "\(description.name) has other labels")
    return families.withLock { families in
      if let known = families[description.name]?.members[labels] { return known }
      let fresh = make()
      families[description.name, default: Family(description: description)].members[labels] = fresh
      return fresh
    }
  }
}
