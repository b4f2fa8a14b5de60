import Fetchers
import LoopbackServer
import PluginHost
import TestSupport

/// A fetcher to which the server is `https://site.example`.
func fetcher(to origin: String, site: String = "https://site.example", time: (any TimeSource)? = nil) throws
  -> CurlFetcher
{
  var configuration = try CurlFetcher.Configuration(origins: OriginMap(parsing: ["\(site)=\(origin)"]))
  if let time { configuration.time = time }
  return CurlFetcher(configuration: configuration)
}

extension Fetcher {
  /// The failure of a request that must fail; nil where an answer came.
  func failure(of request: Request) async -> FetchFailure? {
    do throws(FetchFailure) {
      _ = try await exchange(request)
      return nil
    } catch {
      return error
    }
  }
}

extension Response {
  var text: String { String(decoding: body, as: UTF8.self) }
}

extension ServerResponse {
  /// Base64 without padding trouble: the tests' own bytes are always valid.
  static func coded(_ coding: String, base64: String) -> ServerResponse {
    ServerResponse(headers: [ServerHeader("Content-Encoding", coding)], body: bytes(base64: base64))
  }
}

func bytes(base64: String) -> [UInt8] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var bytes: [UInt8] = []
  var pending = 0
  var bits = 0
  for letter in base64.utf8 {
    guard let value = alphabet.firstIndex(of: letter) else { continue }
    pending = pending << 6 | value
    bits += 6
    if bits >= 8 {
      bits -= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
      pending &= 1 << bits - 1
    }
  }
  return bytes
}
