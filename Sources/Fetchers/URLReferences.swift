internal import CLibCurl

/// What a redirect's Location or a page's link means, seen from the page it stands on.
///
/// Spaces around it are dropped; spaces inside and bytes outside ASCII are percent-encoded, as browsers do.
///
/// - Returns: An absolute http or https URL without fragment; nil for anything else (another scheme, a user name, a
///   backslash, a control character, over 8 KiB).
public func resolve(_ reference: String, against base: String) -> String? {
  guard let base = try? ParsedURL(base), let handle = try? CurlURL(base.text) else { return nil }
  let trimmed = trimmingSpaces(reference)
  // Only the part before a fragment matters, and libcurl can't take an empty reference.
  let wanted = trimmed.firstIndex(of: "#").map { trimmed[..<$0] } ?? trimmed
  guard !wanted.isEmpty else { return base.text }
  guard wanted.utf8.count <= ParsedURL.maxLength else { return nil }
  guard wanted.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }) else { return nil }
  let spaced = wanted.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20")
  if let absolute = try? ParsedURL(spaced) { return absolute.text }
  guard handle.follow(hasAuthority(spaced) ? spaced : percentEncodingNonASCII(Substring(spaced))),
    let text = handle.text(CURLUPART_URL)
  else { return nil }
  return (try? ParsedURL(text))?.text
}

/// `https://host` or `https://host:port` of an http or https URL, nil for anything else.
public func origin(of url: String) -> String? { (try? ParsedURL(url))?.origin }

/// `//host/path` names a host, whose letters are not percent-encoded.
private func hasAuthority(_ reference: String) -> Bool { reference.hasPrefix("//") }

private func trimmingSpaces(_ text: String) -> Substring {
  var text = Substring(text)
  while let first = text.unicodeScalars.first, " \t\r\n".unicodeScalars.contains(first) {
    text.unicodeScalars.removeFirst()
  }
  while let last = text.unicodeScalars.last, " \t\r\n".unicodeScalars.contains(last) {
    text.unicodeScalars.removeLast()
  }
  return text
}
