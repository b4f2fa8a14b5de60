import Glibc
import Language
import PluginHost
import Synchronization

/// Structured lines for whoever runs the service: a constant message, then `name=value` pairs (logfmt).
///
///     2026-10-06T09:00:00Z warn fetch failed site=paziresh24 reason=rate_limited status=429
///
/// Values never hold a secret: every secret of the configuration is registered with ``conceal(_:)``, and whatever still
/// holds one is printed with `•••` in its place.
public final class Log: Sendable {
  public enum Level: String, Sendable, CaseIterable, Comparable {
    case debug, info, warn, error
    public static func < (a: Level, b: Level) -> Bool {
      a.rank < b.rank
    }

    private var rank: Int {
      switch self {
      case .debug: 0
      case .info: 1
      case .warn: 2
      case .error: 3
      }
    }
  }

  private let level: Level
  private let time: any TimeSource
  private let sink: @Sendable (String) -> Void
  private let concealed = Mutex<[String]>([])

  public init(_ level: Level, time: any TimeSource = SystemTime(), sink: @escaping @Sendable (String) -> Void) {
    self.level = level
    self.time = time
    self.sink = sink
  }

  /// To standard error, a line at a time.
  public static func standardError(_ level: Level) -> Log {
    Log(level) { line in
      let bytes = Array((line + "\n").utf8)
      _ = Glibc.write(2, bytes, bytes.count)
    }
  }

  /// For callers that want no log.
  public static let none = Log(.error) { _ in }

  public func conceal(_ secrets: [Secret]) {
    let texts = secrets.map { $0.reveal() }.filter { $0.utf8.count >= 4 }
    concealed.withLock { known in
      known = Array(Set(known + texts + texts.map { percentEncoded($0) })).sorted { $0.count > $1.count }
    }
  }

  /// Whether lines of a level are written: for callers to whom it is some work to say what stands in one.
  func writes(_ level: Level) -> Bool { level >= self.level }

  public func debug(_ message: String, _ pairs: (String, String?)...) { write(.debug, message, pairs) }
  public func info(_ message: String, _ pairs: (String, String?)...) { write(.info, message, pairs) }
  public func warn(_ message: String, _ pairs: (String, String?)...) { write(.warn, message, pairs) }
  public func error(_ message: String, _ pairs: (String, String?)...) { write(.error, message, pairs) }

  private func write(_ level: Level, _ message: String, _ pairs: [(String, String?)]) {
    guard writes(level) else { return }
    var line = Value.instant(time.now()).plainText + " " + level.rawValue + " " + message
    let secrets = concealed.withLock { $0 }
    func concealing(_ text: String) -> String { secrets.reduce(text) { $0.replacing($1, with: "•••") } }
    // Before quoting, which would hide a secret that holds a quote from the search.
    for case (let name, let value?) in pairs { line += " " + name + "=" + Log.quoted(concealing(value)) }
    sink(concealing(line))
  }

  /// As it is where nothing needs quoting, else as a JSON string, so that a value stays on one line.
  private static func quoted(_ value: String) -> String {
    let isPlain =
      !value.isEmpty
      && !value.unicodeScalars.contains { $0.value <= 0x20 || $0 == "\"" || $0 == "=" || $0.value == 0x7F }
    return isPlain ? value : JSON.string(value).text
  }
}
