import Language
import PluginHost

/// A channel that can't be set up as its notifier asks; found when the configuration is read.
public struct ChannelProblem: Error, Sendable, Hashable {
  /// The option at fault, nil where it is none of them.
  public var option: String?
  /// One sentence without any option's value.
  public var message: String
}

/// Speaks to one channel as its notifier's file says.
///
/// Stateless and shared: rates, retries and order are ``ChannelWorker``'s. Every send is one exchange, no redirect is
/// followed, and nothing that comes out (results, details) holds a secret.
public struct NotifierAdapter: Sendable {
  public let spec: NotifierSpec
  public let channel: String
  /// How many equal texts go in one request with the channel as it is set up.
  public let batch: Int
  let timeout: Duration
  /// What may be spent in a day.
  let budget: Budget?

  private let transport: NotifierSpec.Transport
  private let settings: ChannelSettings
  private let format: any MessageFormat
  private let readers: [any DocumentReader]
  private let redaction: Redaction
  private let signing: StandardWebhooks?
  private let fetcher: any Fetcher
  private let time: any TimeSource
  private let print: @Sendable (String) -> Void

  /// - Parameters:
  ///   - fetcher: With the address gate and any `--origin` mapping; redirects are not followed anyway.
  ///   - print: Takes what a `print:` notifier says; standard output unless given.
  public init(
    spec: NotifierSpec, channel: Channel, catalog: PluginCatalog, fetcher: any Fetcher, time: any TimeSource,
    print: @escaping @Sendable (String) -> Void = printToStandardOutput
  ) throws(ChannelProblem) {
    guard let format = catalog.format(spec.format) else {
      throw ChannelProblem(option: nil, message: "notifier '\(spec.id)' wants the unknown format '\(spec.format)'")
    }
    let settings = ChannelSettings(channel.settings)
    for option in spec.options.options where option.required && !settings.isSet(option.name) {
      throw ChannelProblem(option: option.name, message: "option '\(option.name)' of notifier '\(spec.id)' is not set")
    }
    transport = spec.variants.first { settings.isSet($0.option) }?.send ?? spec.send
    signing = try NotifierAdapter.signing(spec, channel)
    batch = transport.references.contains("recipients") ? max(1, spec.batch) : 1
    timeout = transport.timeout ?? RequestBuilding.timeout
    self.spec = spec
    self.channel = channel.name
    budget = channel.budget
    self.settings = settings
    self.format = format
    self.fetcher = fetcher
    self.time = time
    self.print = print
    readers = catalog.readers
    redaction = Redaction(secrets: settings.secrets)
  }

  private static func signing(_ spec: NotifierSpec, _ channel: Channel) throws(ChannelProblem) -> StandardWebhooks? {
    guard spec.signing != nil else { return nil }
    let option = spec.signingOption ?? "secret"
    guard let setting = channel.settings[option] else { return nil }
    let secret =
      switch setting {
      case .secret(let secret): secret
      case .plain(let value): Secret(value.plainText)
      }
    // An optional secret that is not set: the receiver checks nothing.
    if secret.reveal().isEmpty, spec.options[option]?.required != true { return nil }
    do {
      return try StandardWebhooks(secret: secret)
    } catch {
      throw ChannelProblem(option: option, message: error.message)
    }
  }

  /// The message as this channel takes it.
  public func render(_ message: Message) -> RenderedMessage { format.render(message, limit: spec.maxLength) }

  /// Whether `recipient` is a group of people, for which the channel may have a rate of its own.
  func isGroup(_ recipient: String) -> Bool {
    guard let pattern = spec.groupPattern else { return false }
    return (try? pattern.select(from: .text(recipient)))?.isEmpty == false
  }

  /// What one message of that text costs.
  func cost(of rendered: RenderedMessage) -> Spending {
    guard spec.format == SMSFormat.kind else { return Spending(messages: 1, parts: 1) }
    return Spending(messages: 1, parts: SMSParts.count(rendered.plain).parts)
  }

  /// Whether `recipient` is an address of this channel.
  public func accepts(recipient: String) -> Bool {
    guard spec.takesRecipient else { return true }
    guard let pattern = spec.recipientPattern else { return !recipient.isEmpty }
    return (try? pattern.select(from: .text(recipient)))?.isEmpty == false
  }

  /// One exchange. Never throws: what went wrong is a result.
  ///
  /// - Returns: One result per recipient, in order; one where the channel takes none.
  public func send(_ outgoing: Outgoing) async -> [SendResult] {
    let count = max(1, outgoing.recipients.count)
    if let bad = outgoing.recipients.first(where: { !accepts(recipient: $0) }), outgoing.recipients.count == 1 {
      return [
        SendResult(
          outcome: .rejected, reason: .unsendable,
          detail: "the address (\(bad.count) characters) is no \(spec.recipientName) of \(spec.id)")
      ]
    }
    switch transport {
    case .print(let template):
      print(template.value(in: scope(outgoing), context(outgoing)).plainText)
      return Array(repeating: SendResult(outcome: .delivered(receipt: nil), reason: .ok), count: count)
    case .http(let template):
      do throws(Unsendable) {
        return await exchange(try request(template, outgoing), outgoing)
      } catch {
        let outcome: AttemptOutcome = error.isConfiguration ? .misconfigured : .rejected
        let reason: NotifyReason = error.isConfiguration ? .misconfigured : .unsendable
        return Array(repeating: SendResult(outcome: outcome, reason: reason, detail: error.message), count: count)
      }
    }
  }

  private func exchange(_ request: Request, _ outgoing: Outgoing) async -> [SendResult] {
    do {
      let response = try await fetcher.exchange(request)
      let judgement = Judgement(
        rules: spec.outcomes, recipientPattern: spec.recipientPattern, redaction: redaction, now: time.now())
      return judgement.results(for: Answer(response, readers: readers), outgoing)
    } catch {
      return Array(repeating: noAnswer(error, outgoing), count: max(1, outgoing.recipients.count))
    }
  }

  /// No answer is always worth another try, but for a URL that will never be fetched.
  private func noAnswer(_ failure: FetchFailure, _ outgoing: Outgoing) -> SendResult {
    let neverFetched = failure.reason == .refusedURL || failure.reason == .refusedNever
    return SendResult(
      outcome: neverFetched ? .misconfigured : .retry(after: nil), reason: NotifyReason(failure.reason),
      detail: redaction.detail(failure.message, addresses: outgoing.recipients),
      doubtful: failure.reason.mayHaveArrived)
  }

  private func request(_ template: RequestTemplate, _ outgoing: Outgoing) throws(Unsendable) -> Request {
    let options = Set(spec.options.options.map(\.name))
    var request = try RequestBuilding(
      template: template, scope: scope(outgoing), context: context(outgoing), options: options, plain: outgoing.plain
    ).request()
    if let signing {
      // A '.' in an id would let a signature be read in two ways.
      let id = String(outgoing.id.map { $0 == "." ? "_" : $0 })
      request.headers += signing.headers(id: id, at: time.now(), body: request.body ?? [])
    }
    return request
  }

  private func context(_ outgoing: Outgoing) -> RenderContext {
    RenderContext(zone: .utc, now: time.now(), language: outgoing.message.language)
  }

  private func scope(_ outgoing: Outgoing) -> Scope {
    let message = outgoing.message
    let lines = message.lines.map { Value.text(cleanLine($0.text)) }
    return Scope(settings.members).adding([
      ("delivery_id", .text(outgoing.id)), ("recipient", outgoing.recipients.first.map(Value.text) ?? .null),
      ("recipients", .list(outgoing.recipients.map(Value.text))),
      ("message", outgoing.plain ? .text(outgoing.rendered.plain) : outgoing.rendered.body),
      ("plain", .text(outgoing.rendered.plain)), ("title", .text(cleanLine(message.title))),
      ("first_line", lines.first ?? .null), ("lines", .list(lines)),
      ("count", .integer(Int64(message.lines.count))), ("link", safeLink(message.link).map(Value.text) ?? .null),
      ("site", .text(message.site)), ("watch", .text(cleanLine(message.watch))), ("kind", .text(message.kind.rawValue)),
      ("language", .text(message.language)), ("sequence", .integer(Int64(outgoing.sequence))),
      ("at", .instant(message.at)),
    ])
  }
}
