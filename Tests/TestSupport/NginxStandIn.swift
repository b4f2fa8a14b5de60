import Glibc

/// nginx on 127.0.0.1 with TLS and HTTP/2: a server that is not ours.
public final class NginxStandIn: Sendable {
  public static let program: String? = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].first { access($0, X_OK) == 0 }
  public static let notHere = "needs nginx"

  public let port: UInt16
  public var origin: String { "https://127.0.0.1:\(port)" }
  private let folder: TemporaryFolder
  private let process: pid_t
  private let input: Int32
  private let output: Int32

  /// - Parameter server: Lines of nginx's `server` block.
  public init(_ certificates: TestCertificates, server: String) throws {
    guard let program = Self.program else { throw SpawnProblem(description: Self.notHere) }
    // nginx takes no port of the system's choice; another process may take it in between, which shows as an end.
    let (socket, port) = try LoopbackSockets.bind(listening: false)
    close(socket)
    self.port = port
    folder = try TemporaryFolder()
    let files = certificates.files(.good)
    try folder.write(
      """
      worker_processes 1; master_process off; daemon off; pid nginx.pid; error_log stderr;
      events { worker_connections 256; }
      http {
        access_log off;
        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
        server {
          listen 127.0.0.1:\(port) ssl http2;
          ssl_certificate \(files.certificate); ssl_certificate_key \(files.key);
          \(server)
        }
      }
      """, to: "nginx.conf")
    (process, input, output) = try HTTP2StandIn.spawn([program, "-p", folder.path, "-c", "nginx.conf"])
    for _ in 0..<2_000 {
      if let connection = LoopbackSockets.connect(to: port) {
        close(connection)
        return
      }
      var status: Int32 = 0
      if waitpid(process, &status, WNOHANG) != 0 { throw SpawnProblem(description: "nginx ended at its start") }
      usleep(5_000)
    }
    throw SpawnProblem(description: "nginx does not listen")
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    close(input)
    close(output)
  }
}
