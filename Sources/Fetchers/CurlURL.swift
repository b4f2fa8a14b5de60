internal import CLibCurl
import Glibc
import PluginHost

/// libcurl's URL handle, freed with its owner. Never shared.
final class CurlURL {
  private let handle: OpaquePointer

  init(_ text: String) throws(FetchFailure) {
    guard let handle = curl_url() else { throw FetchFailure(.refusedURL, "no memory to read a URL") }
    self.handle = handle
    let code = curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER))
    guard code == CURLUE_OK else { throw Self.failure(code) }
  }

  deinit { curl_url_cleanup(handle) }

  func text(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
    var found: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &found, UInt32(flags)) == CURLUE_OK, let found else { return nil }
    defer { curl_free(found) }
    return String(cString: found)
  }

  /// The host as it is looked up.
  func asciiHost() throws(FetchFailure) -> String {
    if let host = text(CURLUPART_HOST), !host.isEmpty, host.utf8.allSatisfy({ $0 < 0x80 }) { return host }
    guard let host = withUTF8Locale({ text(CURLUPART_HOST, CURLU_PUNYCODE) }), !host.isEmpty else {
      throw ParsedURL.refused("the URL's host is missing or not a valid international name")
    }
    return host
  }

  /// Reads a reference against the URL that is here; false leaves the handle useless.
  func follow(_ reference: String) -> Bool {
    curl_url_set(handle, CURLUPART_URL, reference, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK
  }

  private static func failure(_ code: CURLUcode) -> FetchFailure {
    switch code {
    case CURLUE_USER_NOT_ALLOWED: ParsedURL.refused("a URL with a user name in it is never fetched")
    case CURLUE_UNSUPPORTED_SCHEME, CURLUE_BAD_SCHEME, CURLUE_NO_SCHEME, CURLUE_BAD_FILE_URL:
      ParsedURL.refused("only http and https URLs are fetched")
    default: ParsedURL.refused("the URL can't be read: \(String(cString: curl_url_strerror(code)).lowercased())")
    }
  }
}

/// libcurl has names converted by libidn2, which reads them in the locale's charset; a service runs in "C".
private func withUTF8Locale<Result>(_ work: () -> Result) -> Result {
  guard let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else { return work() }
  let before = uselocale(locale)
  defer {
    uselocale(before)
    freelocale(locale)
  }
  return work()
}

/// A macro with a cast in C.
private let LC_CTYPE_MASK: Int32 = 1 << LC_CTYPE
