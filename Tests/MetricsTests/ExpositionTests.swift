import Metrics
import TestSupport
import Testing

struct ExpositionTests {
  private static let answers = MetricDescription.counter(
    "test_answers_total", ["site", "word"], hidesZeros: true, "Answers, \\ and\nmore.")
  private static let depth = MetricDescription.gauge("test_depth", [], "How deep.")
  private static let waits = MetricDescription.histogram(
    "test_wait_seconds", [], Buckets([.milliseconds(2), .microseconds(2500), .seconds(15)]), "How long.")

  @Test func `the text is Prometheus's format, families and members in order`() {
    let registry = Registry()
    registry.gauge(Self.depth).set(2.5)
    registry.counter(Self.answers, "b", "yes").add(2)
    registry.counter(Self.answers, "a", "no \"\\\n").add()
    _ = registry.counter(Self.answers, "a", "never")
    let waits = registry.histogram(Self.waits)
    for wait in [Duration.milliseconds(1), .milliseconds(2), .microseconds(2001), .seconds(20), .seconds(-1)] {
      waits.observe(wait)
    }
    #expect(
      registry.exposition() == #"""
        # HELP test_answers_total Answers, \\ and\nmore.
        # TYPE test_answers_total counter
        test_answers_total{site="a",word="no \"\\\n"} 1
        test_answers_total{site="b",word="yes"} 2
        # HELP test_depth How deep.
        # TYPE test_depth gauge
        test_depth 2.5
        # HELP test_wait_seconds How long.
        # TYPE test_wait_seconds histogram
        test_wait_seconds_bucket{le="0.002"} 3
        test_wait_seconds_bucket{le="0.0025"} 4
        test_wait_seconds_bucket{le="15"} 4
        test_wait_seconds_bucket{le="+Inf"} 5
        test_wait_seconds_sum 20.005001
        test_wait_seconds_count 5

        """#)
  }

  @Test(arguments: [
    (0.0, "0"), (-3.0, "-3"), (1e15, "1000000000000000"), (0.125, "0.125"), (.infinity, "+Inf"), (.nan, "NaN"),
    (1_795_290_120.25, "1795290120.25"),
  ])
  func `a gauge is written as Prometheus reads numbers`(_ value: Double, _ text: String) {
    let registry = Registry()
    registry.gauge(Self.depth).set(value)
    #expect(registry.exposition().hasSuffix("\ntest_depth \(text)\n"))
  }

  @Test func `the same labels are the same instrument, and gauges that are replaced leave nothing behind`() {
    let registry = Registry()
    #expect(registry.counter(Self.answers, "a", "b") === registry.counter(Self.answers, "a", "b"))
    let queued = MetricDescription.gauge("test_queued", ["channel"], "Waiting.")
    registry.replace(queued, [(["old"], 1), (["kept"], 2)])
    registry.replace(queued, [(["kept"], 3)])
    #expect(
      registry.exposition().split(separator: "\n").filter { $0.hasPrefix("test_queued") } == [
        #"test_queued{channel="kept"} 3"#
      ])
    registry.remove(queued, "kept")
    #expect(!registry.exposition().contains("{channel"))
  }
}
