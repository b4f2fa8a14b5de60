import Glibc
import Synchronization
import TestSupport

/// The end of a service manager: a datagram socket, as systemd names it in `NOTIFY_SOCKET`.
final class NotifySocket: Sendable {
  /// What the variable is set to.
  let name: String
  private let descriptor: Int32
  private let heard = Mutex<[String]>([])

  /// - Parameter name: A path, or `@` and a name in the abstract namespace.
  init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var path = Array(name.utf8)
    if name.hasPrefix("@") { path[0] = 0 } else { path.append(0) }
    let address = withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) } + path
    let bound = address.withUnsafeBytes { bytes in
      bytes.baseAddress.map { bind(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) }
    }
    guard bound == 0 else { throw SpawnProblem(description: "\(name): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// Every message so far, in order.
  var messages: [String] {
    heard.withLock { heard in
      var bytes = [UInt8](repeating: 0, count: 4096)
      while case let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)), count >= 0 {
        heard.append(String(decoding: bytes[..<count], as: UTF8.self))
      }
      return heard
    }
  }

  var pings: Int { messages.count { $0 == "WATCHDOG=1" } }
}
