import PluginHost

/// Why an attempt came to its outcome: the fixed words of logs, metrics, the store and the dashboard.
public enum NotifyReason: String, Sendable, Hashable, CaseIterable {
  case ok
  case rateLimited = "rate_limited"
  case auth
  case clientError = "client_error"
  case serverError = "server_error"
  case timeout, connect, dns, tls, reset
  case recipientGone = "recipient_gone"
  /// The person asked the provider for no more messages.
  case optedOut = "opted_out"
  case noCredit = "no_credit"
  /// The operator's `budget` for the day is used up: not sent.
  case overBudget = "over_budget"
  case misconfigured
  /// A rule of the notifier says that this message will never be accepted.
  case rejected
  /// The channel could not read our markup.
  case markup
  case moved
  case redirect
  case refusedAddress = "refused_address"
  case refusedURL = "refused_url"
  /// An answer that is not what the API gives: not HTTP, not JSON, or a 2xx that no rule knows.
  case garbled
  case tooLarge = "too_large"
  case cancelled
  /// A value that can't stand where the request wants it, as a line break in a header.
  case unsendable
  /// An earlier attempt may have been accepted, and `when_unsure` says not to risk a double.
  case unsure
  /// Tried for as long as is promised.
  case gaveUp = "gave_up"
}

extension NotifyReason {
  init(_ failure: FetchFailure.Reason) {
    switch failure {
    case .dns: self = .dns
    case .connect: self = .connect
    case .tls: self = .tls
    case .timeout: self = .timeout
    case .reset: self = .reset
    case .tooLarge: self = .tooLarge
    case .tooManyRedirects: self = .redirect
    case .refusedAddress: self = .refusedAddress
    case .refusedURL, .refusedNever, .refusedRobots: self = .refusedURL
    case .garbled: self = .garbled
    // Sites only: nothing asks channels for their robots.txt, or holds their sends back for a line that is down.
    case .cancelled, .heldBack, .offline, .proxy: self = .cancelled
    }
  }
}

extension FetchFailure.Reason {
  /// Whether the request may have reached the channel before the exchange broke.
  var mayHaveArrived: Bool {
    switch self {
    case .timeout, .reset, .garbled, .tooLarge, .cancelled: true
    case .dns, .connect, .tls, .tooManyRedirects, .refusedAddress, .refusedURL, .refusedNever, .refusedRobots: false
    case .heldBack, .offline, .proxy: false
    }
  }
}
