import Fetchers
import LoopbackServer
import PluginHost
import TestSupport
import Testing

/// Bodies as their servers coded them, well or not.
struct ContentDecodingTests {
  /// `hello`.
  static let gzip = "H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA=="
  static let zlib = "eJzLSM3JyQcABiwCFQ=="
  static let rawDeflate = "y0jNyckHAA=="
  /// `hello` in two, and in six, layers of gzip.
  static let twice = "H4sIAAAAAAACA5Pv5mAAASbm0x5nT55kZ2hbJmDGChQAAKdvtEUZAAAA"
  static let sixTimes =
    "H4sIAAAAAAACA5Pv5mAAASbmye+fJTAwqj07+X6+qoHBKlvrn3X7VjUe1Ip+Pb/0d5ip3JVdtddfffo7e334/UtF9Znmqcd2Npva652+rztX57HSSvP6phOpy3Tc2nTPr46LYvZlZFDWnvnbD2g0ACCpR4RjAAAA"
  /// 8,000 bytes.
  static let page = "H4sIAAAAAAACA+3FMREAAAgEoEgW+DOTo/ENIixkelPTsW3btm3btm3btm378QeDK31fQB8AAA=="

  /// A gzip of 200,000 bytes that are 10,000 gzips of nothing.
  static let nothings =
    "H4sIAAAAAAACA+3IsQ0AIAgAMCKLX3AwTxMGVy9ox1bfWCcznnLOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOefc9wYRz2fWQA0DAA=="

  private func answer(
    _ codings: [String], _ body: [UInt8], maxBody: Int = 1 << 20
  ) async throws -> Result<Response, FetchFailure> {
    let server = try RecordingServer()
    server.on(
      "GET", "/", ServerResponse(headers: codings.map { ServerHeader("Content-Encoding", $0) }, body: body))
    let fetcher = try fetcher(to: server.origin)
    do throws(FetchFailure) {
      return .success(try await fetcher.exchange(Request(url: "https://site.example/", maxBody: maxBody)))
    } catch { return .failure(error) }
  }

  @Test(arguments: [
    (["gzip"], gzip), (["GZIP"], gzip), (["x-gzip"], gzip), (["deflate"], zlib), (["deflate"], rawDeflate),
    (["identity, gzip"], gzip), (["gzip, gzip"], twice), (["gzip", "gzip"], twice), (["identity"], "aGVsbG8="),
  ])
  func `codings are undone in turn`(_ codings: [String], _ body: String) async throws {
    #expect(try await answer(codings, bytes(base64: body)).get().text == "hello")
  }

  @Test func `members of gzip that follow each other are one body`() async throws {
    let body = bytes(base64: Self.gzip) + bytes(base64: Self.gzip)
    #expect(try await answer(["gzip"], body).get().text == "hellohello")
  }

  @Test func `a body of no bytes is empty, whatever its coding`() async throws {
    #expect(try await answer(["gzip"], []).get().body.isEmpty)
  }

  @Test func `a coded body that ends early is never taken for a whole one, wherever it was cut`() async throws {
    for (coding, body) in [
      ("gzip", Self.page), ("deflate", Self.zlib), ("br", "iw2A2LPZhNin2YXYjCDZhtmI2KjYqiDYrtin2YTbjAM="),
    ] {
      let whole = bytes(base64: body)
      for count in Set([1, 2, 3, whole.count / 2, whole.count - 12, whole.count - 1]) where count > 0 {
        let answer = try await answer([coding], Array(whole[..<count]))
        guard case .failure(let failure) = answer else {
          Issue.record("\(coding), \(count) of \(whole.count) bytes: taken")
          continue
        }
        #expect(failure.reason == .garbled, "\(coding), \(count) of \(whole.count) bytes: \(failure)")
      }
    }
  }

  @Test(arguments: [
    (["gzip"], "JUNK", "behind the end"), (["deflate"], "JUNK", "behind the end"), (["br"], "JUNK", "behind the end"),
  ])
  func `bytes behind the end of the coded data are refused`(_ codings: [String], _ junk: String, _ words: String)
    async throws
  {
    let whole = ["gzip": Self.gzip, "deflate": Self.zlib, "br": "iw2A2LPZhNin2YXYjCDZhtmI2KjYqiDYrtin2YTbjAM="][
      codings[0]]
    let answer = try await answer(codings, bytes(base64: whole ?? "") + Array(junk.utf8))
    guard case .failure(let failure) = answer else { throw Taken() }
    #expect(failure.reason == .garbled && failure.message.contains(words), "\(failure)")
  }

  @Test func `more than five codings, and unknown ones, are refused`() async throws {
    for (codings, words) in [
      (["gzip, gzip, gzip, gzip, gzip, gzip"], "more than 5 content codings"), (["zstd"], "'zstd'"),
      (["gzip, rot13"], "'rot13'"),
    ] {
      guard case .failure(let failure) = try await answer(codings, bytes(base64: Self.sixTimes)) else { throw Taken() }
      #expect(failure.reason == .garbled && failure.message.contains(words), "\(failure)")
    }
  }

  @Test func `what lies between two codings is bounded, though nothing comes out of the last`() async throws {
    #expect(try await answer(["gzip, gzip"], bytes(base64: Self.nothings), maxBody: 200_000).get().body.isEmpty)
    let answer = try await answer(["gzip, gzip"], bytes(base64: Self.nothings), maxBody: 199_999)
    guard case .failure(let failure) = answer else { throw Taken() }
    #expect(failure.reason == .tooLarge && failure.message.contains("between two"), "\(failure)")
  }

  private struct Taken: Error {}
}
