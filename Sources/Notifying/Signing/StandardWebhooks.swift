import Language
import PluginHost

/// Signatures of Standard Webhooks 1.0.0: `v1,base64(HMAC-SHA256(key, id.timestamp.body))`.
///
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
public struct StandardWebhooks: Sendable {
  /// A secret that can't be used; says why without showing it.
  public struct BadSecret: Error, Sendable, Hashable {
    public var message: String
  }

  /// Receivers refuse what is older or newer than this: the reference libraries' tolerance.
  public static let tolerance: Duration = .seconds(300)

  private let keys: [[UInt8]]

  /// - Parameter secret: `whsec_` and base64 (the prefix may be missing), or several separated by spaces while keys are
  ///   changed: each signs.
  public init(secret: Secret) throws(BadSecret) {
    var keys: [[UInt8]] = []
    for part in secret.reveal().split(whereSeparator: \.isWhitespace) {
      let text = part.hasPrefix("whsec_") ? part.dropFirst("whsec_".count) : part
      guard let key = Base64.decode(String(text)) else {
        throw BadSecret(message: "a signing secret is 'whsec_' and base64; this one is not base64")
      }
      guard !key.isEmpty else { throw BadSecret(message: "a signing secret must not be empty") }
      keys.append(key)
    }
    guard !keys.isEmpty else { throw BadSecret(message: "a signing secret must not be empty") }
    self.keys = keys
  }

  /// The three headers of one attempt.
  ///
  /// - Parameters:
  ///   - id: Same in every attempt. Must not contain `.`, which would let a signature be read in two ways.
  ///   - at: When this attempt starts.
  ///   - body: Exactly the bytes sent.
  public func headers(id: String, at: Instant, body: [UInt8]) -> [Request.Header] {
    precondition(!id.contains("."), "a delivery's id has no '.'")
    let signatures = keys.map { key in
      "v1," + Base64.encode(hmacSHA256(signed(id: id, timestamp: String(at.seconds), body: body), key: key))
    }
    return [
      Request.Header("webhook-id", id), Request.Header("webhook-timestamp", String(at.seconds)),
      Request.Header("webhook-signature", signatures.joined(separator: " ")),
    ]
  }

  /// As a receiver checks: any `v1` signature by any of the keys, no older or newer than ``tolerance``.
  public func verify(id: String?, timestamp: String?, signature: String?, body: [UInt8], now: Instant) -> Bool {
    let tolerance = StandardWebhooks.tolerance.components.seconds
    guard let id, !id.isEmpty, let timestamp, let signature, let seconds = Int64(timestamp),
      (now.seconds - tolerance...now.seconds + tolerance).contains(seconds)
    else { return false }
    let expected = keys.map { hmacSHA256(signed(id: id, timestamp: timestamp, body: body), key: $0) }
    return signature.split(separator: " ").contains { part in
      guard part.hasPrefix("v1,"), let code = Base64.decode(String(part.dropFirst(3))) else { return false }
      return expected.contains { equalInConstantTime($0, code) }
    }
  }

  private func signed(id: String, timestamp: String, body: [UInt8]) -> [UInt8] {
    Array((id + "." + timestamp + ".").utf8) + body
  }
}
