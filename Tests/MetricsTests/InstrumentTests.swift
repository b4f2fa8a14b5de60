import Dispatch
import Glibc
import Metrics
import TestSupport
import Testing

struct InstrumentTests {
  private static let waits = MetricDescription.histogram(
    "test_wait_seconds", [], Buckets([.milliseconds(1)]), "How long.")

  @Test func `counting from many threads loses nothing`() {
    let registry = Registry()
    let counter = registry.counter(.counter("test_total", [], "Counted."))
    let histogram = registry.histogram(Self.waits)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<20_000 {
        counter.add()
        histogram.observe(.microseconds(500))
      }
    }
    #expect(counter.count == 160_000)
    #expect(histogram.count == 160_000)
    #expect(registry.exposition().contains("test_wait_seconds_sum 80\n"))
  }

  @Test func `a counter never goes down`() {
    let counter = Registry().counter(.counter("test_total", [], "Counted."))
    counter.add(5)
    counter.add(-3)
    #expect(counter.count == 5)
  }

  @Test func `a duration beyond all bounds is counted, however long`() {
    let registry = Registry()
    registry.histogram(Self.waits).observe(.seconds(Int64.max))
    #expect(registry.exposition().contains("test_wait_seconds_bucket{le=\"+Inf\"} 1\n"))
  }

  @Test func `the figures of the process are those of the kernel`() throws {
    let figures = ProcessFigures()
    // The test process is hundreds of megabytes of debug code, and no terabyte.
    #expect((1 << 20...1 << 40).contains(try #require(figures.residentBytes)))
    #expect(try #require(figures.threadCount) >= 1)
    #expect(try #require(figures.openDescriptors) >= 3)
    let start = try #require(ProcessFigures.startSeconds)
    #expect(start <= Double(time(nil)) + 1 && start > 1_700_000_000)
    let registry = Registry()
    figures.publish(in: registry)
    let text = registry.exposition()
    for description in ProcessFigures.descriptions {
      #expect(text.contains("\n\(description.name) "), "\(description.name)")
    }
  }
}
