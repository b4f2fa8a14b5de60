import Language
import PluginHost

extension Message {
  /// What `notify CHANNEL --test` sends: one example of each change, invented, with what layouts must cope with.
  public static func test(language: String, at now: Instant) -> Message {
    let isEnglish = language == "en"
    let lines: [(Change.Kind, String, String)] =
      isEnglish
      ? [
        (.added, "Saturday 3 October 09:30, Example Clinic", "example-1"),
        (.updated, "Sunday 4 October 11:00, now <15% cheaper> & in room 2", "example-2"),
        (.removed, "Monday 5 October 16:45, Example Clinic", "example-3"),
      ]
      : [
        (.added, "شنبه ۱۱ مهر ساعت ۹:۳۰، درمانگاه نمونه", "example-1"),
        (.updated, "یکشنبه ۱۲ مهر ساعت ۱۱، اکنون <۱۵٪ ارزان‌تر> & در اتاق ۲", "example-2"),
        (.removed, "دوشنبه ۱۳ مهر ساعت ۱۶:۴۵، درمانگاه نمونه", "example-3"),
      ]
    return Message(
      kind: .test, site: "example", watch: "example", language: language,
      title: isEnglish ? "SlotHunter test: this channel works" : "آزمایش SlotHunter: این کانال کار می‌کند",
      lines: lines.map { Line(change: $0.0, text: $0.1, itemKey: $0.2) }, link: "https://example.com/", at: now)
  }
}

extension NotifierAdapter {
  /// One message, now, past the outbox: `notify CHANNEL --test`.
  ///
  /// - Parameters:
  ///   - recipient: nil where the channel takes none.
  ///   - id: The idempotency key.
  public func sendNow(_ message: Message, to recipient: String?, id: String) async -> SendResult {
    guard recipient != nil || !spec.takesRecipient else {
      return SendResult(outcome: .rejected, reason: .unsendable, detail: "\(spec.id) needs a \(spec.recipientName)")
    }
    let rendered = render(message)
    let recipients = spec.takesRecipient ? [recipient].compactMap { $0 } : []
    var result = await send(Outgoing(id: id, recipients: recipients, message: message, rendered: rendered))[0]
    if result.outcome == .resendPlain {
      result =
        await send(Outgoing(id: id, recipients: recipients, message: message, rendered: rendered, plain: true))[0]
    }
    return result
  }
}
