internal import CLibCurl
import Language

/// Longest wait that a server can ask for here; more is taken as this. Whoever waits caps it further.
private let longestWait: Int64 = 366 * 86_400

/// An HTTP date in any of the forms that curl reads, nil where it is none.
public func httpDate(_ text: String) -> Instant? {
  guard text.utf8.count <= 128, !text.utf8.contains(0) else { return nil }
  let seconds = curl_getdate(text, nil)
  return seconds == -1 ? nil : Instant(seconds: Int64(seconds))
}

/// How long a `Retry-After` asks to wait: whole seconds or a date; a date in the past is no wait.
///
/// - Returns: nil for anything else, which counts as no header.
public func retryAfter(_ header: String, now: Instant) -> Duration? {
  let text = trimmingBlanks(header)
  guard let first = text.utf8.first else { return nil }
  if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
    return .seconds(min(Int64(text) ?? longestWait, longestWait))
  }
  // Every form of date in RFC 9110 starts with the day's name; curl would also read "120.5" or "+5" as something.
  guard (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(first), let date = httpDate(String(text)) else { return nil }
  return min(max(date - now, .zero), .seconds(longestWait))
}

/// Without blanks and tabs at both ends (RFC 9110, 5.5).
func trimmingBlanks(_ text: String) -> Substring {
  // Bytes, because a blank and a combining mark after it are one Character.
  let bytes = text.utf8
  guard let first = bytes.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }),
    let last = bytes.lastIndex(where: { $0 != 0x20 && $0 != 0x09 })
  else { return "" }
  return text[first..<bytes.index(after: last)]
}
