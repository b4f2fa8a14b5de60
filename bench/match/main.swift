import Glibc
import Language
import Matching
import PluginHost

/// Subscriptions × items: how long the index takes, in how much memory, and whether it finds what brute force finds.
///
///     bench-match [SUBSCRIPTIONS [ITEMS [WATCHES]]]

struct Draw {
  var state: UInt64 = 20_261_121
  mutating func callAsFunction(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}

let names: [String: ValueType] = ["start": .instant, "center_id": .text, "price": .integer, "doctor": .text]
let centers = 500
let zone = TimeZoneRules(identifier: "Asia/Tehran") ?? .utc
let now = Instant(seconds: 1_795_000_000)
let context = RenderContext(zone: zone, now: now)

/// What people write: mostly a center, hours, weekdays, days or a price, in any mixture.
func condition(_ draw: inout Draw) -> String? {
  var parts: [String] = []
  if draw(10) < 7 { parts.append("center_id == '\(draw(centers))'") }
  if draw(10) < 5 { parts.append("price < \(50_000 + draw(900) * 1000)") }
  if draw(10) < 4 { parts.append("start.hour >= \(7 + draw(5)) and start.hour < \(12 + draw(10))") }
  if draw(10) < 3 {
    parts.append("start.weekday in \(["[saturday, sunday, monday]", "[thursday, friday]", "[saturday, tue]"][draw(3)])")
  }
  if draw(10) < 2 { parts.append("start >= 2026-11-\(18 + draw(4)) and start <= 2026-11-\(23 + draw(6))") }
  if draw(20) == 0 { parts.append("start < now + \(1 + draw(5))d") }
  return parts.isEmpty ? nil : parts.joined(separator: " and ")
}

func item(_ number: Int, _ draw: inout Draw) -> Item {
  Item(
    key: "\(number)", branch: .root,
    fields: [
      .init("start", .instant(now + .seconds(Int64(draw(10 * 86_400))))), .init("center_id", .text("\(draw(centers))")),
      .init("price", .integer(Int64(50_000 + draw(900) * 1000))), .init("doctor", .text("دکتر نمونه")),
    ])
}

/// Seconds of CPU.
func cpu() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// MiB in use now, from `/proc/self/statm`.
func resident() -> Double {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard fgets(&line, 128, file) != nil else { return 0 }
  let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(
    separator: " ")
  return (words.count > 1 ? Double(words[1]) ?? 0 : 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
}

func peak() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}

func fixed(_ number: Double, _ digits: Int = 1) -> String {
  let power = [1.0, 10, 100, 1000][digits]
  return "\((number * power).rounded() / power)"
}

/// At once, also into a file: the run takes a minute.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let subscriptionCount = arguments.first ?? 1_000_000
let itemCount = arguments.dropFirst().first ?? 10_000
let watchCount = max(1, arguments.dropFirst(2).first ?? 1000)
var draw = Draw()

/// Parsed once for each text, as people share what they write.
func subscription(_ number: Int, _ draw: inout Draw) throws -> Subscription {
  let kinds: [Set<Change.Kind>?] = [nil, nil, nil, [.added, .removed]]
  let when = try condition(&draw).map { try Expression($0, names: names) }
  return Subscription(
    channel: "telegram", to: "\(100_000_000 + number)", language: "fa", when: when, on: kinds[draw(4)])
}

let before = resident()
var started = cpu()
var audiences: [Subscribers] = []
for watch in 0..<watchCount {
  var builder = SubscribersBuilder(zone: zone)
  for number in stride(from: watch, to: subscriptionCount, by: watchCount) {
    builder.add(try subscription(number, &draw))
  }
  audiences.append(builder.finish())
}
let bytes = audiences.reduce(0) { $0 + $1.bytes }
say(
  "\(subscriptionCount) subscriptions in \(watchCount) watches, \(audiences.reduce(0) { $0 + $1.groupCount }) groups")
say("build     \(fixed(cpu() - started)) s CPU (parsing included)")
say(
  "memory    \(fixed(resident() - before)) MiB resident, \(fixed(Double(bytes) / 1_048_576)) MiB by own count, peak \(fixed(peak())) MiB"
)

let items = (0..<itemCount).map { item($0, &draw) }
started = cpu()
var pairs = 0
var judged = 0
var slowest = 0.0
for (watch, audience) in audiences.enumerated() {
  var matcher = Matcher(audience, scope: Scope(), context, defaultKinds: [.added])
  for number in stride(from: watch, to: items.count, by: watchCount) {
    let begun = cpu()
    pairs += matcher.matching(Change(.added, items[number])).count
    slowest = max(slowest, cpu() - begun)
  }
  judged += matcher.judged
}
let took = cpu() - started
say(
  "match     \(items.count) changes in \(fixed(took, 2)) s CPU: \(fixed(took / Double(max(1, items.count)) * 1e6)) µs a change, slowest \(fixed(slowest * 1e3, 2)) ms"
)
say("          \(pairs) subscriptions found, \(judged) groups judged")

/// Every subscription asked, for a sample of the items.
started = cpu()
var compared = 0
var wrong = 0
let sample = Array(stride(from: 0, to: items.count, by: max(1, items.count / 20)))
draw = Draw()
var wanted = [[Int32]](repeating: [], count: sample.count)
for watch in 0..<watchCount {
  var local: Int32 = 0
  for number in stride(from: watch, to: subscriptionCount, by: watchCount) {
    let subscription = try subscription(number, &draw)
    for (index, at) in sample.enumerated() where at % watchCount == watch {
      let holds = subscription.when?.holds(in: items[at].scope, context) ?? true
      if holds, (subscription.on ?? [.added]).contains(.added) { wanted[index].append(local) }
      compared += 1
    }
    local += 1
  }
}
for (index, at) in sample.enumerated() {
  var matcher = Matcher(audiences[at % watchCount], scope: Scope(), context, defaultKinds: [.added])
  if matcher.matching(Change(.added, items[at])).sorted() != wanted[index] { wrong += 1 }
}
say(
  "compared  \(sample.count) items by brute force, \(compared) pairs in \(fixed(cpu() - started)) s CPU: \(wrong) differ"
)
exit(wrong == 0 ? 0 : 1)
