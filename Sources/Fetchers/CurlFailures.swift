internal import CLibCurl
import PluginHost

/// What libcurl's codes mean in our words.
enum CurlFailures {
  /// - Parameters:
  ///   - detail: libcurl's own words. Used where they name no URL: certificates and chunks.
  ///   - isSent: Whether any of the request has left. Before that nothing is a timeout or a reset: whoever sends again
  ///     must know that the first request can't have been acted upon.
  static func failure(_ code: CURLcode, origin: String, detail: String, isSent: Bool) -> FetchFailure {
    if code == CURLE_OUT_OF_MEMORY {
      // libcurl 7.88 says so of a header line over its own 100 KiB, which never reaches our header callback.
      return FetchFailure(.tooLarge, "\(origin): the response headers hold a line over 100 KiB")
    }
    let isBadChunk = code == CURLE_RECV_ERROR && detail.hasSuffix("in chunked-encoding")
    let reason = isBadChunk ? .garbled : reason(of: code, detail, isSent: isSent)
    // What follows names an address, which is not the site's own where its origin is mapped.
    let words = detail.firstRange(of: " in connection to ").map { String(detail[..<$0.lowerBound]) } ?? detail
    let said = reason == .tls && !words.isEmpty || isBadChunk ? words : String(cString: curl_easy_strerror(code))
    return FetchFailure(reason, "\(origin): \(Self.words[reason] ?? "the exchange failed") (\(said))")
  }

  private static func reason(of code: CURLcode, _ detail: String, isSent: Bool) -> FetchFailure.Reason {
    let reason = reason(of: code)
    guard !isSent, reason == .timeout || reason == .reset else { return reason }
    // libcurl has one code for all waits; only its words tell this one (multi_handle_timeout in lib/multi.c).
    return detail.hasPrefix("Resolving timed out") ? .dns : .connect
  }

  static func reason(of code: CURLcode) -> FetchFailure.Reason {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .dns
    case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .connect
    case CURLE_OPERATION_TIMEDOUT: .timeout
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_AGAIN, CURLE_UNRECOVERABLE_POLL, CURLE_SEND_FAIL_REWIND:
      .reset
    case CURLE_FILESIZE_EXCEEDED: .tooLarge
    case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
    case CURLE_URL_MALFORMAT: .refusedURL
    case CURLE_ABORTED_BY_CALLBACK: .cancelled
    case _ where tls.contains(code.rawValue): .tls
    default: .garbled
    }
  }

  private static let tls: Set<UInt32> = Set(
    [
      CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_INITFAILED,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
    ].map(\.rawValue))

  private static let words: [FetchFailure.Reason: String] = [
    .dns: "the name did not resolve", .connect: "no connection could be made", .tls: "TLS failed",
    .timeout: "the time ran out", .reset: "the connection ended before the answer did",
    .tooLarge: "the answer passed a limit", .garbled: "the answer can't be read",
  ]
}
