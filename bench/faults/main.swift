import Fetchers
import Glibc
import LoopbackServer
import PluginHost
import TestSupport

// How long the alerts of two healthy channels take while a third one is broken, beside a run in which it is not; and how
// long each fault keeps an exchange. One line of JSON a figure.
//
//   bench-faults [FAULT [PAIRS [SECONDS]]]      FAULT: stall blackhole reset drip garbage drop

let faults: [(name: String, fault: FaultProxy.Fault)] = [
  ("stall", .stall), ("blackhole", .blackhole), ("reset", .resetAtConnect), ("drip", .drip(every: .seconds(1))),
  ("garbage", .garbage), ("drop", .drop(percent: 30)), ("half-close", .halfClose(after: 20)), ("cut", .cut(after: 20)),
  ("reset-after-head", .resetAfterHead), ("late", .latency(.seconds(2))),
]

let arguments = CommandLine.arguments.dropFirst().map { String($0) }
guard let fault = faults.first(where: { $0.name == (arguments.first ?? "stall") })?.fault else {
  print("unknown fault; one of: \(faults.map(\.name).joined(separator: " "))")
  exit(64)
}
let pairs = arguments.dropFirst().first.flatMap { Int($0) } ?? 5
let seconds = arguments.dropFirst(2).first.flatMap { Int64($0) } ?? 15

/// Milliseconds.
func quantile(_ sorted: [Duration], _ share: Double) -> Double {
  guard !sorted.isEmpty else { return .nan }
  let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  return Double(value.components.seconds) * 1000 + Double(value.components.attoseconds) / 1e15
}

func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

func measure(_ fault: FaultProxy.Fault) async throws -> (count: Int, p50: Double, p99: Double) {
  let world = try World()
  // What reaches the broken channel is not counted: it is answered by a server of its own.
  let broken = try LoopbackServer { _ in .json(#"{"status":1,"data":{"messageIds":[7]}}"#) }
  let proxy = try FaultProxy(to: broken.port, fault)
  _ = try await Home().run(world, faulty: proxy.port, for: .seconds(seconds))
  let latencies = world.takeLatencies().sorted()
  return (latencies.count, quantile(latencies, 0.5), quantile(latencies, 0.99))
}

var ratios: [Double] = []
for pair in 1...max(1, pairs) {
  // Which comes first changes, so that a machine that gets slower or faster favours neither.
  let isHealthyFirst = pair % 2 == 1
  let first = try await measure(isHealthyFirst ? .none : fault)
  let second = try await measure(isHealthyFirst ? fault : .none)
  let (healthy, faulty) = isHealthyFirst ? (first, second) : (second, first)
  ratios.append(faulty.p99 / healthy.p99)
  print(
    #"{"pair":\#(pair),"alerts":[\#(healthy.count),\#(faulty.count)],"p50_ms":[\#(rounded(healthy.p50)),"#
      + #"\#(rounded(faulty.p50))],"p99_ms":[\#(rounded(healthy.p99)),\#(rounded(faulty.p99))],"#
      + #""ratio":\#(rounded(faulty.p99 / healthy.p99))}"#)
  fflush(nil)
}
print(#"{"median_ratio_of_p99":\#(rounded(ratios.sorted()[ratios.count / 2])),"bar":1.5}"#)

/// How much longer than its time an exchange of 3 s may take: RELIABILITY.md T11 allows 2 s.
for (name, fault) in faults {
  let server = try LoopbackServer { _ in .text("fine") }
  let proxy = try FaultProxy(to: server.port, fault)
  let fetcher = CurlFetcher(configuration: try .init(allowedHosts: ["127.0.0.1"]))
  let started = ContinuousClock.now
  var reason = "answered"
  do throws(FetchFailure) {
    _ = try await fetcher.exchange(Request(url: proxy.origin + "/", timeout: .seconds(3)))
  } catch {
    reason = error.reason.rawValue
  }
  let took = quantile([ContinuousClock.now - started], 0)
  print(#"{"fault":"\#(name)","label":"\#(reason)","took_ms":\#(rounded(took)),"bound_ms":5000}"#)
}
