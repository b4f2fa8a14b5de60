import Diffing
import Glibc
import Language
import Notifying
import PluginHost
import Scheduling

/// CPU of what a run does besides reading its page: comparing, wording, laying out, waiting. Beside each other, and
/// beside looking at every byte of a page once.
///
///     bench-parts

let now = Instant(seconds: 1_795_000_000)
let zone = TimeZoneRules(identifier: "Asia/Tehran") ?? .utc
let context = RenderContext(zone: zone, now: now)

/// Seconds.
func cpu() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

func item(_ number: Int) -> Item {
  Item(
    key: "1406/02/\(number)", branch: .root,
    fields: [
      .init("start", .instant(now + .seconds(Int64(number * 1200)))), .init("doctor", .text("دکتر نمونه")),
      .init("price", .integer(Int64(150_000 + number * 1000))), .init("center_id", .text("\(number % 7)")),
    ])
}

/// A page of the fixture site has as many.
let items = (0..<40).map(item)
let records = items.map { ItemRecord(item: $0, state: .open, since: now, firstSeen: now, lastSeen: now, lives: 1) }
let more = items + [item(40)]
let page = [UInt8](repeating: 0x61, count: 60_000)
let line = try Template("{doctor} {start | jalali: 'EEEE d MMMM'} {start | time} {price}")
let scope = Scope(items[3].fields.map { ($0.name, $0.value) })
let message = Message(
  kind: .alert, site: "bench", watch: "bench", language: "fa", title: "نوبت تازه",
  lines: (0..<5).map { .init(change: .added, text: "دکتر نمونه <\($0)> شنبه ۱۲:۲۰", itemKey: "\($0)") },
  link: "https://bench.example/a?b=1&c=2", at: now)

var heap = DeadlineHeap<Int>()
for watch in 0..<100_000 { heap.set(watch, at: .milliseconds(watch * 7919 % 60_000)) }
var uptime = Duration.zero

/// Each gives a number that depends on its work, so that none is left out by the optimiser.
let ways: [(name: String, run: () -> Int)] = [
  (
    "60,000 bytes hashed",
    {
      var hash = ContentHash()
      hash.combine(page)
      return hash.text.utf8.count
    }
  ),
  (
    "40 items compared, nothing new",
    {
      diff(before: records, reading: BranchReading(items: items), rules: LifeRules(), now: now).seenAgain.count
    }
  ),
  (
    "40 items compared, one new",
    {
      diff(before: records, reading: BranchReading(items: more), rules: LifeRules(), now: now).changes.count
    }
  ), ("a line worded from its template", { line.text(in: scope, context).utf8.count }),
  ("five lines as Telegram's HTML", { TelegramHTMLFormat().render(message, limit: 4096).plain.utf8.count }),
  ("five lines as SMS", { SMSFormat().render(message, limit: 268).plain.utf8.count }),
  ("five lines as JSON", { JSONFormat().render(message, limit: 65_536).plain.utf8.count }),
  (
    "one of 100,000 watches due and planned again",
    {
      guard let next = heap.next, let due = heap.popDue(at: next) else { return -1 }
      uptime = due.deadline
      heap.set(due.id, at: uptime + .seconds(60))
      return due.id
    }
  ),
]

let repeats = 2000
var times = [[Double]](repeating: [], count: ways.count)
var results = [Int](repeating: 0, count: ways.count)
for _ in 0..<5 {
  for (number, way) in ways.enumerated() {
    let start = cpu()
    for _ in 0..<repeats { results[number] = way.run() }
    times[number].append((cpu() - start) / Double(repeats) * 1e3)
  }
}
print("ms CPU each, median of 5 rounds")
for (number, way) in ways.enumerated() {
  let median = times[number].sorted()[2]
  print("  \((median * 1e6).rounded() / 1e6)  \(way.name)  (\(results[number]))")
}
