import Glibc
import TestSupport

extension ServiceHome {
  /// Adds `metrics:` to the configuration, on a port of the system's choice where none is given.
  func serveMetrics(at listen: String = "127.0.0.1:0", subscribers: [String] = [ServiceHome.chat("1001")]) throws {
    try write(
      configuration: "metrics: { listen: \"\(listen)\" }\n" + ServiceHome.configuration(subscribers: subscribers))
  }
}

extension ServiceProcess {
  /// Where it serves them, as its log says; the newest.
  func metricsPort(times: Int = 1) async throws -> UInt16 {
    try await logged("metrics served", times: times)
    let line = lines("metrics served").last ?? ""
    guard let text = line.split(separator: ":").last, let port = UInt16(text) else {
      throw NeverHappened(description: "no port in '\(line)'")
    }
    return port
  }
}

/// The value of the one line of a scrape that begins so: a name, with labels where it has some.
func figure(_ start: String, in scrape: String) -> Double? {
  let lines = scrape.split(separator: "\n").filter { $0.hasPrefix(start + " ") }
  return lines.count == 1 ? lines[0].split(separator: " ").last.flatMap { Double($0) } : nil
}

/// Debian's, or one that was put beside it.
let promtool: String? = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first { access($0, X_OK) == 0 }
