import PluginHost

/// A leased delivery in the hands of a worker.
struct Assignment: Sendable {
  var delivery: LeasedDelivery
  var rendered: RenderedMessage
  /// Uptime at which it was handed out.
  var leasedAt: Duration
  /// Uptime at which the outbox takes it back.
  var leaseEnds: Duration
  /// Send alone: a batch with it was refused.
  var alone = false

  /// Whether `other` can go in the same request: the same text for another recipient.
  func sharesRequest(with other: Assignment) -> Bool {
    !alone && !other.alone && delivery.plain == other.delivery.plain && rendered == other.rendered
      && delivery.message.title == other.delivery.message.title && delivery.message.link == other.delivery.message.link
  }
}

extension LeasedDelivery {
  /// With its number in the title where order can't be kept, so that a person can put it in order.
  var numbered: Message {
    guard isOutOfOrder, message.kind != .test else { return message }
    var numbered = message
    numbered.title += (message.title.isEmpty ? "" : " ") + "#\(sequence)"
    return numbered
  }
}

extension [Assignment] {
  /// In requests of at most `size` equal texts, in order of their first.
  func batches(of size: Int) -> [[Assignment]] {
    guard size > 1 else { return map { [$0] } }
    var batches: [[Assignment]] = []
    for assignment in self {
      let open = batches.firstIndex { batch in
        batch.count < size && batch[0].sharesRequest(with: assignment)
      }
      if let open { batches[open].append(assignment) } else { batches.append([assignment]) }
    }
    return batches
  }
}
