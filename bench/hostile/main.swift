import Engine
import Glibc
import Language
import LoopbackServer
import PluginHost
import SiteSpecs
import TestSupport

// How late the other watches start while hostile documents are handled: every document of ../shared/suites/hostile is
// served to four watches of one site, each asking every second, beside 100 watches of another; and one reading that never
// ends. A line a phase, then the verdict over all. The lag is measured at the server, as the gap between two requests of a
// watch less its interval; up to 50 ms of it are the schedule's own jitter.
//
//   bench-hostile hop               what handing work to the pool costs
//   bench-hostile DIR [SECONDS]     DIR: what gen_hostile.py made; SECONDS of each document, 4 by default

let words = Array(CommandLine.arguments.dropFirst())
if words.first == "hop" {
  try await Hop.measure()
  exit(0)
}
guard let folder = words.first, case .object(let listed)? = try? JSON(parsing: bytes(of: folder + "/EXPECT.json"))
else {
  print("usage: bench-hostile DIR [SECONDS]\n  DIR: python3 ../shared/suites/hostile/gen_hostile.py DIR")
  exit(64)
}
let seconds = words.count > 1 ? Int(words[1]) ?? 4 : 4

/// What is asked of a document: its own bad selector where the suite names one.
func selector(_ name: String) -> (each: String, field: String) {
  switch name {
  case "siblings_50k.html": ("//p/following-sibling::p", ".")
  case "wide.json": ("\"$..*\"", "$")
  case _ where name.hasSuffix(".json"): ("\"$[*]\"", "$")
  default: ("//p", ".")
  }
}

func milliseconds(_ sorted: [Duration], _ share: Double) -> Int {
  guard !sorted.isEmpty else { return 0 }
  let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  return Int(value.components.seconds * 1000 + value.components.attoseconds / 1_000_000_000_000_000)
}

func residentMiB() -> Int {
  let fields = ((try? text(of: "/proc/self/statm")) ?? "").split(separator: " ")
  return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4 / 1024
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

let hall = try Hall()
var all: [Duration] = []
var quiet: [Duration] = []

@MainActor func phase(
  _ name: String, _ document: [UInt8], _ headers: [ServerHeader] = [], spec: (site: String, text: String)?,
  _ meanwhile: (@Sendable () -> Void)? = nil
)
  async throws
{
  try await hall.apply(bad: spec)
  hall.serve(document, headers)
  // As `check` and a reload read them: on a thread of their own kind.
  let reading = Task.detached { meanwhile?() }
  try await SystemTime().sleep(for: .seconds(seconds))
  await reading.value
  let (lags, said) = hall.take()
  if spec == nil, meanwhile == nil { quiet += lags } else { all += lags }
  let verdicts = said.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  print(
    padded(name, 22) + padded("p50 \(milliseconds(lags, 0.5)) ms", 14)
      + padded("p99 \(milliseconds(lags, 0.99)) ms", 14)
      + padded("max \(milliseconds(lags, 1)) ms", 14) + padded("\(lags.count) starts", 12) + "\(residentMiB()) MiB  "
      + verdicts)
  fflush(nil)
}

try await hall.apply(bad: nil)
let running = Task { await hall.service.run() }
try await SystemTime().sleep(for: .seconds(3))
try await phase("(nothing)", [], spec: nil)
var host = 0
for name in listed.names {
  let document = try bytes(of: folder + "/" + name)
  if name.hasSuffix(".yaml") {
    try await phase(name, [], spec: nil) {
      for _ in 0..<4 { _ = SpecReader(catalog: Builtins.catalog).readSite(file: "sites/x.yaml", bytes: document) }
    }
    continue
  }
  let (each, field) = selector(name)
  let type = name.hasSuffix(".json") ? "application/json" : name.hasSuffix(".xml") ? "application/xml" : "text/html"
  var headers = [ServerHeader("Content-Type", type)]
  if name.hasSuffix(".gz") {
    headers.append(ServerHeader("Content-Encoding", name.contains("nested") ? "gzip, gzip" : "gzip"))
  }
  if name.hasSuffix(".br") { headers.append(ServerHeader("Content-Encoding", "br")) }
  host += 1
  try await phase(name, document, headers, spec: ("bad\(host)", Hall.spec("bad\(host)", each, field, note: name)))
}
for round in 1...3 {
  try await phase(
    "endless reading \(round)", Array("x".utf8),
    spec: ("bad0", Hall.spec("bad0", "{ spinning: x }", "{ spinning: x }", note: round == 3 ? "edited" : "endless")))
}
all.sort()
quiet.sort()
print(
  #"{"documents":\#(listed.names.count),"starts":\#(all.count),"p50_ms":\#(milliseconds(all, 0.5)),"#
    + #""p99_ms":\#(milliseconds(all, 0.99)),"max_ms":\#(milliseconds(all, 1)),"#
    + #""quiet_p99_ms":\#(milliseconds(quiet, 0.99)),"bar_ms":1000}"#)
exit(milliseconds(all, 0.99) < 1000 ? 0 : 1)
