import Glibc

/// What this process takes of its machine, under the names that every Prometheus client gives it.
///
/// From `/proc/self` alone, which the hardened unit leaves to a service (`ProcSubset=pid`).
public struct ProcessFigures: Sendable {
  public static let descriptions: [MetricDescription] = [
    cpu, resident, virtual, descriptors, mostDescriptors, threads, start,
  ]
  static let cpu = MetricDescription.counter(
    "process_cpu_seconds_total", [], "CPU time of the process, user and system, in seconds.")
  static let resident = MetricDescription.gauge("process_resident_memory_bytes", [], "Resident memory in bytes.")
  static let virtual = MetricDescription.gauge("process_virtual_memory_bytes", [], "Virtual memory in bytes.")
  static let descriptors = MetricDescription.gauge("process_open_fds", [], "Open file descriptors.")
  static let mostDescriptors = MetricDescription.gauge(
    "process_max_fds", [], "File descriptors that the process may have open.")
  static let threads = MetricDescription.gauge("process_threads", [], "Threads of the process.")
  static let start = MetricDescription.gauge(
    "process_start_time_seconds", [], "When the process started, in seconds since 1970.")

  /// nil where `/proc` does not say.
  public var residentBytes: Int?
  public var openDescriptors: Int?
  public var threadCount: Int?
  private var virtualBytes: Int?
  private var cpuSeconds: Double?

  public init() {
    let page = sysconf(Int32(_SC_PAGESIZE))
    // <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>: the second field is a name in brackets, which may hold
    // anything; after it field 14 is user time, 15 system time, 20 threads, 23 virtual bytes, 24 resident pages.
    if let stat = text(of: "/proc/self/stat"), let bracket = stat.lastIndex(of: ")") {
      let fields = stat[bracket...].split(separator: " ").dropFirst().map { Int($0) ?? 0 }
      func field(_ number: Int) -> Int? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }
      if let user = field(14), let system = field(15) {
        cpuSeconds = Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
      }
      threadCount = field(20)
      virtualBytes = field(23)
      residentBytes = field(24).map { $0 * page }
    }
    openDescriptors = countOfEntries("/proc/self/fd")
  }

  /// Seconds since 1970 at which the process started, to a hundredth; asked once, as wall time may be set later.
  public static let startSeconds: Double? = {
    guard let stat = text(of: "/proc/self/stat"), let bracket = stat.lastIndex(of: ")") else { return nil }
    // Field 22: ticks between the machine's start and this process's.
    let fields = stat[bracket...].split(separator: " ").dropFirst()
    guard let ticks = fields.dropFirst(19).first.flatMap({ Double($0) }) else { return nil }
    let age = seconds(CLOCK_BOOTTIME) - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    return ((seconds(CLOCK_REALTIME) - age) * 100).rounded() / 100
  }()

  public func publish(in registry: Registry) {
    func set(_ description: MetricDescription, _ value: Double?) {
      if let value { registry.gauge(description).set(value) }
    }
    set(ProcessFigures.cpu, cpuSeconds)
    set(ProcessFigures.resident, residentBytes.map(Double.init))
    set(ProcessFigures.virtual, virtualBytes.map(Double.init))
    set(ProcessFigures.descriptors, openDescriptors.map(Double.init))
    set(ProcessFigures.threads, threadCount.map(Double.init))
    set(ProcessFigures.start, ProcessFigures.startSeconds)
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      set(ProcessFigures.mostDescriptors, Double(limit.rlim_cur))
    }
  }
}

private func seconds(_ clock: clockid_t) -> Double {
  var now = timespec()
  clock_gettime(clock, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

/// A small file of `/proc`, whole.
private func text(of path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = read(descriptor, &bytes, bytes.count)
  return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
}

private func countOfEntries(_ path: String) -> Int? {
  guard let folder = opendir(path) else { return nil }
  defer { closedir(folder) }
  var count = 0
  while readdir(folder) != nil { count += 1 }
  // `.`, `..`, and the folder that is open for this look.
  return max(0, count - 3)
}
