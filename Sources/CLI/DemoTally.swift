import Language
import PluginHost
import Storage

/// What the stand-ins received against what the outbox says was delivered.
struct DemoTally: Sendable, Hashable {
  var alerts = 0
  var maintainerMessages = 0
  /// Of the sites' pages.
  var requests = 0
  /// Received more than once.
  var duplicates = 0
  /// In the outbox and not received.
  var lost = 0
  /// Received, and in no delivery of the outbox.
  var unexplained = 0

  /// - Parameters:
  ///   - messages: What the stand-ins accepted, each with the receipt it was given.
  ///   - deliveries: Every delivery of the store.
  init(messages: [DemoMessage], deliveries: [DeliveryRecord], requests: Int) {
    self.requests = requests
    alerts = messages.filter(\.isForPeople).count
    maintainerMessages = messages.count - alerts
    duplicates = messages.count - Set(messages.map(Contents.init)).count
    let received = Set(messages.map(Proof.init))
    let delivered = deliveries.filter { $0.state == .delivered }.compactMap(Proof.init)
    lost = deliveries.count - delivered.filter(received.contains).count
    unexplained = received.subtracting(delivered).count
  }

  var isSound: Bool { duplicates == 0 && lost == 0 && unexplained == 0 }

  /// For people to read; two equal ones are a duplicate, whatever their receipts are.
  private struct Contents: Hashable {
    var channel: DemoMessage.Channel
    var to: String
    var content: String

    init(_ message: DemoMessage) {
      channel = message.channel
      to = message.to
      content = message.content
    }
  }

  /// A message as both sides know it. A webhook's receiver gives no receipt: there it is the delivery's own id.
  private struct Proof: Hashable {
    var channel: String
    var receipt: String

    init(_ message: DemoMessage) {
      channel = message.channel.rawValue
      receipt = message.receipt
    }

    init?(_ delivery: DeliveryRecord) {
      channel = delivery.channel
      guard let receipt = delivery.channel == DemoMessage.Channel.ops.rawValue ? delivery.id : delivery.receipt else {
        return nil
      }
      self.receipt = receipt
    }
  }

  /// - Parameter problems: A sentence for each thing that was not as it must be.
  func json(_ problems: [String]) -> JSONObject {
    let counts = [
      ("alerts", alerts), ("maintainer_messages", maintainerMessages), ("requests", requests),
      ("duplicates", duplicates), ("lost", lost), ("unexplained", unexplained),
    ]
    return JSONObject(
      counts.map { ($0.0, .integer(Int64($0.1))) } + [("problems", .array(problems.map(JSON.string)))])
  }
}
