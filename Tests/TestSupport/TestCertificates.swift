import Glibc
import LoopbackServer

/// Certificates for 127.0.0.1, made by the `openssl` command when a test asks for them: none is kept in the repository,
/// and none can run out there.
public struct TestCertificates: Sendable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// In order, and its issuer is trusted.
    case good
    /// In order for another name.
    case wrongName = "wrong-name"
    /// Its time ended in 2020.
    case expired
    /// In order, signed by itself and trusted by nobody.
    case selfSigned = "self-signed"
  }

  /// Whether `openssl` is there and the loopback server can use what it makes; `notHere` says so of a skipped test.
  public static let canBeMade = LoopbackServer.canServeTLS && program != nil
  public static let notHere = "needs the openssl command and a libmicrohttpd with TLS"

  private static let program: String? = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first { access($0, X_OK) == 0 }

  /// A PEM file with what is to be trusted: for `CurlFetcher.Configuration.certificateAuthorities`.
  public var authorities: String { folder.path + "/authorities.pem" }

  private let folder: TemporaryFolder

  public init() async throws {
    folder = try TemporaryFolder()
    try folder.write(Self.settings, to: "ca.cnf")
    try folder.write("", to: "index.txt")
    for kind in Kind.allCases { try await make(kind) }
    let trusted = try Kind.allCases.filter { $0 != .selfSigned }.flatMap { try bytes(of: path($0, "pem")) }
    try folder.write(trusted, to: "authorities.pem")
  }

  public func identity(_ kind: Kind) throws -> LoopbackServer.Identity {
    LoopbackServer.Identity(key: try text(of: path(kind, "key")), certificate: try text(of: path(kind, "pem")))
  }

  /// `openssl s_server` options that show a certificate.
  public func files(_ kind: Kind) -> (key: String, certificate: String) { (path(kind, "key"), path(kind, "pem")) }

  /// The key of a certificate, locked with a password.
  public func lockedKey(_ kind: Kind, password: String) async throws -> String {
    let locked = "\(folder.path)/\(kind.rawValue).locked.key"
    try await openssl(["pkey", "-in", path(kind, "key"), "-aes256", "-passout", "pass:" + password, "-out", locked])
    return locked
  }

  private func path(_ kind: Kind, _ ending: String) -> String { "\(folder.path)/\(kind.rawValue).\(ending)" }

  /// Each signs itself, so that each is its own authority.
  private func make(_ kind: Kind) async throws {
    let name = kind == .wrongName ? "DNS:elsewhere.example" : "IP:127.0.0.1,DNS:localhost"
    try await openssl([
      "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
      "/CN=\(kind.rawValue)", "-addext", "subjectAltName=\(name)", "-keyout", path(kind, "key"), "-out",
      path(kind, "csr"),
    ])
    // `openssl ca` is the one command that takes dates in the past.
    let time = kind == .expired ? ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] : ["-days", "2"]
    try await openssl(
      ["ca", "-batch", "-notext", "-config", "ca.cnf", "-selfsign", "-keyfile", path(kind, "key")]
        + ["-in", path(kind, "csr"), "-out", path(kind, "pem")] + time)
  }

  private func openssl(_ arguments: [String]) async throws {
    guard let program = Self.program else { throw SpawnProblem(description: Self.notHere) }
    let result = try await runProgram(program, arguments, folder: folder.path)
    guard result.status == 0 else { throw SpawnProblem(description: "openssl \(arguments[0]): \(result)") }
  }

  private static let settings = """
    [ca]
    default_ca = here
    [here]
    database = index.txt
    new_certs_dir = .
    rand_serial = yes
    default_md = sha256
    policy = names
    unique_subject = no
    copy_extensions = copy
    [names]
    commonName = supplied

    """
}
