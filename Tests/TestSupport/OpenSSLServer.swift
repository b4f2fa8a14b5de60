import Glibc
import Synchronization

/// `openssl s_server` on 127.0.0.1, which answers every request with a page about its connection; it takes only clients
/// that show a certificate of an authority it knows.
public final class OpenSSLServer: Sendable {
  public let port: UInt16
  public var origin: String { "https://127.0.0.1:\(port)" }
  private let process: pid_t
  private let input: Int32
  private let output: Int32

  public init(_ certificates: TestCertificates, clients authorities: String) throws {
    let files = certificates.files(.good)
    (process, input, output) = try HTTP2StandIn.spawn([
      "/usr/bin/env", "openssl", "s_server", "-www", "-key", files.key, "-cert", files.certificate, "-CAfile",
      authorities, "-Verify", "2", "-verify_return_error", "-accept", "127.0.0.1:0",
    ])
    var said = ""
    while !said.contains("ACCEPT 127.0.0.1:") || !said.hasSuffix("\n") {
      let bytes = HTTP2StandIn.read(output)
      guard !bytes.isEmpty else { throw SpawnProblem(description: "openssl s_server ended: \(said)") }
      said += String(decoding: bytes, as: UTF8.self)
    }
    port = said.split(separator: "ACCEPT 127.0.0.1:").last.flatMap { UInt16($0.prefix { $0.isNumber }) } ?? 0
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    close(input)
    close(output)
  }
}
