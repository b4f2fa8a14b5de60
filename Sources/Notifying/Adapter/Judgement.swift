import Language
import PluginHost

/// Decides what an answer means: the notifier's rules in order, then the defaults.
struct Judgement {
  var rules: [NotifierOutcomeRule]
  var recipientPattern: (any CompiledSelector)?
  var redaction: Redaction
  var now: Instant

  /// One result per recipient of `outgoing` (one where the channel takes none).
  func results(for answer: Answer, _ outgoing: Outgoing) -> [SendResult] {
    let rule = rules.first { $0.condition.holds(for: answer) }
    var result = SendResult(outcome: .rejected, status: answer.status, reason: .rejected, rule: rule?.keyPath)
    if let rule {
      decide(&result, by: rule, answer, outgoing)
    } else {
      decideByDefault(&result, answer)
    }
    if result.reason != .ok {
      var addresses = outgoing.recipients
      if case .moved(let address) = result.outcome { addresses.append(address) }
      result.detail = redaction.detail(answer.words, addresses: addresses)
    }
    guard let rule, case .delivered = result.outcome, let each = rule.each else {
      return Array(repeating: result, count: max(1, outgoing.recipients.count))
    }
    return perRecipient(answer.values(each), rule, result, max(1, outgoing.recipients.count)).map { one in
      guard case .delivered(let words?) = one.outcome else { return one }
      var one = one
      one.outcome = .delivered(receipt: receipt(words, outgoing))
      return one
    }
  }

  /// Some gateways give the mobile number, or all of the request, back as the message's id.
  private func receipt(_ words: String, _ outgoing: Outgoing) -> String? {
    redaction.detail(String(words.prefix(200)), addresses: outgoing.recipients)
  }

  private func decide(_ result: inout SendResult, by rule: NotifierOutcomeRule, _ answer: Answer, _ outgoing: Outgoing)
  {
    switch rule.outcome {
    case .delivered:
      result.outcome = .delivered(receipt: answer.text(rule.receipt).flatMap { receipt($0, outgoing) })
      result.reason = .ok
    case .throttled:
      result.outcome = .throttled(retryAfter: retryAfter(rule, answer))
      result.reason = .rateLimited
    case .retry:
      result.outcome = .retry(after: retryAfter(rule, answer))
      result.reason = .serverError
    case .moved: follow(&result, to: answer.text(rule.to), from: outgoing.recipients.first)
    case .resendPlain:
      result.outcome = outgoing.plain ? .rejected : .resendPlain
      result.reason = .markup
    case .recipientGone:
      result.outcome = .recipientGone
      result.reason = .recipientGone
    case .rejected: result.reason = .rejected
    case .paused:
      result.outcome = .paused
      result.reason = .noCredit
      result.asked = retryAfter(rule, answer)
    case .misconfigured:
      result.outcome = .misconfigured
      result.reason = answer.status == 401 || answer.status == 403 ? .auth : .misconfigured
    }
  }

  /// A provider may move a recipient only to something that is an address of this channel.
  private func follow(_ result: inout SendResult, to: String?, from: String?) {
    result.reason = .moved
    guard let to, to != from, recipientPattern.map({ (try? $0.select(from: .text(to)))?.isEmpty == false }) ?? true
    else {
      result.outcome = .rejected
      return
    }
    result.outcome = .moved(to: to)
  }

  private func retryAfter(_ rule: NotifierOutcomeRule?, _ answer: Answer) -> Duration? {
    let inBody = rule?.retryAfter.flatMap { answer.values($0).first }.flatMap { RetryAfter.seconds($0, now: now) }
    let inHeader = answer.retryAfterHeader.flatMap { RetryAfter.parse($0, now: now) }
    // The longer of the two: no call earlier than asked.
    return [inBody, inHeader].compactMap { $0 }.max()
  }

  /// 2xx, 408 and 5xx try again, 429 waits, everything else will not change by itself.
  private func decideByDefault(_ result: inout SendResult, _ answer: Answer) {
    switch answer.status {
    case 200...299:
      // Accepted, perhaps; a page of some proxy, perhaps.
      result.outcome = .retry(after: retryAfter(nil, answer))
      result.reason = .garbled
      result.doubtful = true
    case 408:
      result.outcome = .retry(after: retryAfter(nil, answer))
      result.reason = .timeout
    case 500...599:
      result.outcome = .retry(after: retryAfter(nil, answer))
      result.reason = .serverError
      // A gateway answered; what stands behind it may have accepted.
      result.doubtful = answer.status == 502 || answer.status == 504
    case 429:
      result.outcome = .throttled(retryAfter: retryAfter(nil, answer))
      result.reason = .rateLimited
    case 300...399: result.reason = .redirect
    case 401, 403, 407: result.reason = .auth
    default: result.reason = .clientError
    }
  }

  /// One value per recipient, in order; `refused` values mean that this one was not sent to.
  private func perRecipient(
    _ values: [Value], _ rule: NotifierOutcomeRule, _ all: SendResult, _ count: Int
  ) -> [SendResult] {
    var results = [SendResult](repeating: all, count: count)
    // One message, one answer: the receipt stands elsewhere (Sms.ir's verify).
    if values.isEmpty, count == 1 { return results }
    guard values.count == count else {
      // Which is whose can't be told; the whole was accepted.
      for index in results.indices {
        results[index].detail = "the answer has \(values.count) results for \(count) recipients"
      }
      return results
    }
    for (index, value) in values.enumerated() {
      if rule.refused.contains(where: { sameAnswer(value, $0) }) {
        results[index].outcome = .recipientGone
        results[index].reason = .optedOut
        results[index].detail = "refused for this recipient: \(value.isNull ? "null" : value.plainText)"
      } else {
        results[index].outcome = .delivered(receipt: String(value.plainText.prefix(200)))
      }
    }
    return results
  }
}
