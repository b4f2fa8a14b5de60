internal import CLibCurl
import PluginHost

extension PreparedProxy {
  /// Without the login, which libcurl gets apart. Names are resolved by the proxy: socks5h.
  fileprivate var scheme: String { address.scheme == .socks5 ? "socks5h" : "http" }
  var curlText: String { "\(scheme)://\(address.host):\(address.port)" }
}

extension Transfer {
  /// The proxy's login, and certificates.
  func configureRoute() -> Bool {
    var texts: [(CURLoption, String?)] = []
    if let proxy = prepared.proxy {
      texts.append((CURLOPT_PROXYUSERNAME, proxy.address.user?.reveal()))
      texts.append((CURLOPT_PROXYPASSWORD, proxy.address.password?.reveal()))
      // What a proxy answers to CONNECT is not the site's answer.
      guard curl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) == CURLE_OK else { return false }
    }
    if let tls = prepared.request.route?.tls {
      texts.append((CURLOPT_CAINFO, tls.authorities))
      texts.append((CURLOPT_SSLCERT, tls.certificate))
      texts.append((CURLOPT_SSLKEY, tls.key ?? tls.certificate))
      // Never nil: OpenSSL would ask for it on the terminal.
      texts.append((CURLOPT_KEYPASSWD, tls.password?.reveal() ?? ""))
      // A file that was replaced counts from the next connection on.
      guard tls.authorities == nil || curl_set_long(easy, CURLOPT_CA_CACHE_TIMEOUT, 0) == CURLE_OK else {
        return false
      }
    }
    return texts.allSatisfy { option, text in text.map { curl_set_text(easy, option, $0) == CURLE_OK } ?? true }
  }
}

/// What a proxy had to do with a request that never reached the site.
enum ProxyFault: Error {
  /// The proxy itself fails: in words that may be shown.
  case own(String)
  /// It works, and says that it does not reach the site.
  case unreachable(String)
  /// It was there, and its time ran out: the site's fault or its own.
  case silent(String)

  /// nil where it is the site's TLS that failed.
  init?(_ code: CURLcode, easy: UnsafeMutableRawPointer, detail: String) {
    let status = curl_get_connect_status(easy)
    if status >= 300 {
      self = [502, 503, 504].contains(status) ? .unreachable("answers \(status)") : .own("answers \(status)")
      return
    }
    switch code {
    case CURLE_COULDNT_RESOLVE_PROXY: self = .own("its name did not resolve")
    case CURLE_PROXY:
      let reply = curl_get_proxy_error(easy)
      self = curl_is_unreachable(reply) ? .unreachable("can't reach the site") : .own("refuses (SOCKS)")
    case CURLE_OPERATION_TIMEDOUT where curl_is_connected(easy): self = .silent("gave no answer in time")
    case _ where CurlFailures.reason(of: code) == .tls: return nil
    default: self = .own(String(cString: curl_easy_strerror(code)).lowercased())
    }
  }
}
