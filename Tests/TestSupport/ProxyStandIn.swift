import Glibc
import Synchronization

/// A forward proxy on 127.0.0.1, by HTTP (CONNECT and whole URLs) or SOCKS5, that leads every name to one port.
public final class ProxyStandIn: Sendable {
  public enum Kind: Sendable, Hashable { case http, socks5 }

  public enum Behaviour: Sendable, Hashable {
    case works
    /// CONNECT, and requests for whole URLs, are answered so.
    case answers(Int)
    /// The reply of RFC 1928, section 6, to a CONNECT.
    case replies(UInt8)
    /// The connection is taken, and nothing is said.
    case stalls
  }

  public let port: UInt16
  private let shared: Shared
  private let thread: Mutex<TestThread?>

  /// - Parameters:
  ///   - upstream: A port of 127.0.0.1.
  ///   - login: `user:password` that is asked for.
  public init(_ kind: Kind, to upstream: UInt16, _ behaviour: Behaviour = .works, login: String? = nil) throws {
    let (socket, port) = try LoopbackSockets.bind(listening: true)
    self.port = port
    let shared = Shared(socket: socket, kind: kind, upstream: upstream, login: login, behaviour: behaviour)
    self.shared = shared
    thread = Mutex(TestThread { shared.acceptAll() })
  }

  public var behaviour: Behaviour {
    get { shared.state.withLock { $0.behaviour } }
    set { shared.state.withLock { $0.behaviour = newValue } }
  }

  /// What was asked for: `site.example:443`.
  public var targets: [String] { shared.state.withLock { $0.targets } }
  /// Heads of HTTP that came: what a proxy gets to see.
  public var heads: [String] { shared.state.withLock { $0.heads } }
  public var connections: Int { shared.state.withLock { $0.accepted } }

  deinit {
    shared.state.withLock { $0.isStopped = true }
    shutdown(shared.socket, Int32(SHUT_RDWR))
    thread.withLock { $0?.join() }
    for worker in shared.state.withLock({ $0.workers }) { worker.join() }
    close(shared.socket)
  }

  fileprivate final class Shared: Sendable {
    struct State {
      var behaviour: Behaviour
      var targets: [String] = []
      var heads: [String] = []
      var accepted = 0
      var isStopped = false
      var workers: [TestThread] = []
    }

    let socket: Int32
    let kind: Kind
    let upstream: UInt16
    let login: String?
    let state: Mutex<State>

    init(socket: Int32, kind: Kind, upstream: UInt16, login: String?, behaviour: Behaviour) {
      self.socket = socket
      self.kind = kind
      self.upstream = upstream
      self.login = login
      state = Mutex(State(behaviour: behaviour))
    }

    func acceptAll() {
      while let client = LoopbackSockets.accept(socket) {
        state.withLock { state in
          state.accepted += 1
          state.workers.append(TestThread { [self] in ProxiedConnection(client: client, proxy: self).run() })
        }
      }
    }
  }
}

/// One connection, on a thread of its own.
private struct ProxiedConnection {
  let client: Int32
  let proxy: ProxyStandIn.Shared

  func run() {
    defer { close(client) }
    let behaviour = proxy.state.withLock { $0.behaviour }
    if behaviour == .stalls { return linger() }
    guard let first = proxy.kind == .http ? greetHTTP(behaviour) : greetSOCKS(behaviour),
      let server = LoopbackSockets.connect(to: proxy.upstream)
    else { return }
    defer { close(server) }
    guard LoopbackSockets.sendAll(first, to: server) else { return }
    while let (bytes, isOurs) = next(server) {
      guard LoopbackSockets.sendAll(bytes, to: isOurs ? server : client) else { return }
    }
  }

  private var isStopped: Bool { proxy.state.withLock { $0.isStopped } }

  /// What comes next, from the client where `isOurs`; nil at the end.
  private func next(_ server: Int32) -> ([UInt8], isOurs: Bool)? {
    while !isStopped {
      let readable = LoopbackSockets.readable([client, server], within: .milliseconds(20))
      guard let index = readable.firstIndex(of: true) else { continue }
      let bytes = LoopbackSockets.receive(index == 0 ? client : server)
      return bytes.isEmpty ? nil : (bytes, index == 0)
    }
    return nil
  }

  private func read() -> [UInt8]? {
    while !isStopped {
      guard LoopbackSockets.readable([client], within: .milliseconds(20))[0] else { continue }
      let bytes = LoopbackSockets.receive(client)
      return bytes.isEmpty ? nil : bytes
    }
    return nil
  }

  private func linger() { while read() != nil {} }
  private func say(_ text: String) { _ = LoopbackSockets.sendAll(Array(text.utf8), to: client) }

  // MARK: HTTP

  /// - Returns: What goes on to the server; nil where nothing does.
  private func greetHTTP(_ behaviour: ProxyStandIn.Behaviour) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
      guard let more = read() else { return nil }
      bytes += more
    }
    let head = String(decoding: bytes, as: UTF8.self)
    let words = head.split(separator: " ")
    guard words.count > 2 else { return nil }
    let isTunnel = words[0] == "CONNECT"
    let target = isTunnel ? String(words[1]) : authority(of: String(words[1]))
    proxy.state.withLock { state in
      state.heads.append(head)
      state.targets.append(target)
    }
    if let login = proxy.login, !head.contains("Proxy-Authorization: Basic \(base64(login))\r\n") {
      say("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
      return nil
    }
    if case .answers(let status) = behaviour {
      say("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
      return nil
    }
    if isTunnel { say("HTTP/1.1 200 Go\r\nX-Proxy: 1\r\n\r\n") }
    // What is the proxy's own goes no further (RFC 9110, 11.7.1).
    let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Proxy-") }
    return isTunnel ? [] : Array(lines.joined(separator: "\r\n").utf8)
  }

  private func authority(of url: String) -> String {
    let rest = url.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    return rest.contains(":") ? rest : rest + ":80"
  }

  private func base64(_ text: String) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var output = ""
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let group = Array(rest.prefix(3))
      rest = rest.dropFirst(3)
      let bits = (group + [0, 0]).prefix(3).reduce(0) { $0 << 8 | Int($1) }
      for index in 0..<4 {
        output.append(index <= group.count ? letters[bits >> (18 - 6 * index) & 63] : "=")
      }
    }
    return output
  }

  // MARK: SOCKS5 (RFC 1928, 1929)

  private func greetSOCKS(_ behaviour: ProxyStandIn.Behaviour) -> [UInt8]? {
    guard let methods = read(), methods.count >= 2, methods[0] == 5 else { return nil }
    let wanted: UInt8 = proxy.login == nil ? 0 : 2
    guard methods.dropFirst(2).contains(wanted) else {
      _ = LoopbackSockets.sendAll([5, 0xFF], to: client)
      return nil
    }
    _ = LoopbackSockets.sendAll([5, wanted], to: client)
    if let login = proxy.login {
      guard let said = read(), said.count > 2 else { return nil }
      let user = said[2..<min(said.count, 2 + Int(said[1]))]
      let password = said.dropFirst(3 + Int(said[1]))
      let isRight = String(decoding: user, as: UTF8.self) + ":" + String(decoding: password, as: UTF8.self) == login
      _ = LoopbackSockets.sendAll([1, isRight ? 0 : 1], to: client)
      guard isRight else { return nil }
    }
    guard let asked = read(), asked.count > 6, asked[1] == 1 else { return nil }
    let port = Int(asked[asked.count - 2]) << 8 | Int(asked[asked.count - 1])
    let host =
      asked[3] == 3
      ? String(decoding: asked[5..<min(asked.count, 5 + Int(asked[4]))], as: UTF8.self)
      : asked[4..<8].map { "\($0)" }.joined(separator: ".")
    proxy.state.withLock { $0.targets.append("\(host):\(port)") }
    var reply: UInt8 = 0
    if case .replies(let code) = behaviour { reply = code }
    _ = LoopbackSockets.sendAll([5, reply, 0, 1, 127, 0, 0, 1, 0, 0], to: client)
    return reply == 0 ? [] : nil
  }
}
