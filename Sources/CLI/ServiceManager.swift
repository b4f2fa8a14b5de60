import Glibc
import Language

/// What systemd hears of a service of `Type=notify`: a datagram to the socket it named
/// (<https://www.freedesktop.org/software/systemd/man/252/sd_notify.html>). By hand: it is one `sendto`, and libsystemd
/// would be a library more to ship.
struct ServiceManager: Sendable {
  /// Why the variable can't be followed.
  struct Problem: Error { var reason: String }

  /// How soon a ping must follow another; nil where nobody watches.
  let watchdog: Duration?
  private let socket: Socket

  /// A descriptor that is closed with its last user.
  private final class Socket: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
  }

  private let address: [UInt8]

  /// nil where no service manager asks.
  init?(_ environment: [String: String]) throws(Problem) {
    guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else { return nil }
    address = try ServiceManager.address(name)
    // Never waits: a manager that does not read must not hold up the scheduler.
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Problem(reason: "no socket: \(String(cString: strerror(errno)))") }
    socket = Socket(descriptor)
    // Meant for one process, where the number is given.
    let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    watchdog = isMeant && limit > 0 ? .microseconds(limit) : nil
  }

  /// Lines of `NAME=value`. Whether anybody heard is not known, as with sd_notify.
  func tell(_ lines: String...) {
    let text = Array(lines.joined(separator: "\n").utf8)
    address.withUnsafeBytes { address in
      guard let start = address.baseAddress else { return }
      let known = start.assumingMemoryBound(to: sockaddr.self)
      _ = sendto(
        socket.descriptor, text, text.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), known,
        socklen_t(address.count))
    }
  }

  /// `struct sockaddr_un`, as long as the name needs: a name in the abstract namespace has no zero at its end.
  private static func address(_ name: String) throws(Problem) -> [UInt8] {
    guard name.hasPrefix("/") || name.hasPrefix("@") else {
      throw Problem(reason: "NOTIFY_SOCKET is neither a path nor an abstract name")
    }
    var path = Array(name.utf8)
    // A path's last byte is zero; an abstract name's first one.
    if path[0] == UInt8(ascii: "@") { path[0] = 0 } else { path.append(0) }
    guard path.count <= MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
      throw Problem(reason: "NOTIFY_SOCKET is longer than a socket's name may be")
    }
    return withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) } + path
  }
}
