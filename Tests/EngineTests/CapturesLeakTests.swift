import Extractors
import Glibc
import Language
import PluginHost
import TestSupport
import Testing

@testable import Engine

/// Memory that stays: C documents are freed by hand, and a tree of this page is over a megabyte.
struct CapturesLeakTests {
  static let probe = "SLOTHUNTER_LEAK_PROBE"
  /// 3,000 extractions may leave this many bytes behind: what the allocator keeps, far below one byte in ten of a tree.
  static let slack = 8 << 20

  /// In a process of its own, because the other tests allocate meanwhile.
  @Test(.timeLimit(.minutes(20))) func `3,000 extractions of a page leave nothing behind`() async throws {
    let result = try await runProgram(
      "/proc/\(getpid())/exe", ["--testing-library", "swift-testing", "--filter", "CapturesLeakProbe"],
      // A sanitizer keeps what was freed, 256 MB of it by default.
      environment: [
        CapturesLeakTests.probe: "1", "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=1",
        "SWIFT_BACKTRACE": "enable=no",
      ],
      timeout: .seconds(280))
    #expect(result.status == 0, "\(result)")
    #expect(result.out.contains("extractions: 3000"), "\(result)")
  }
}

struct CapturesLeakProbe {
  @Test(.enabled(if: getenv(CapturesLeakTests.probe) != nil, "started by CapturesLeakTests"))
  func `extracts a page again and again`() throws {
    // Half a minute of work in a debug build: tests that measure time go first.
    _ = nice(10)
    let spec = try Bench.shippedSpec("paziresh24")
    let page = packageRoot + "/samples/paziresh24/with-slots/exchanges/01-services.response.html"
    let response = Response(
      status: 200, headers: [Request.Header("Content-Type", "text/html; charset=utf-8")], body: try bytes(of: page),
      url: "https://www.paziresh24.com/dr/x/")
    // With trees and without.
    let readers = [false, true].map { streams in
      var catalog = Builtins.catalog
      catalog.readers = catalog.readers.map { type(of: $0).kind == .html ? HTMLReader(streams: streams) : $0 }
      return AnswerReader(
        step: spec.steps[0], isLast: false, catalog: catalog,
        context: RenderContext(zone: spec.zone, now: Instant(seconds: 0)), scope: Scope([("slug", .text("x"))]))
    }
    func extract(_ count: Int) {
      for reader in readers { for _ in 0..<count { #expect(reader.read(response).rows.count == 3) } }
    }
    extract(300)
    let before = residentBytes()
    extract(3000)
    let growth = residentBytes() - before
    #expect(growth < CapturesLeakTests.slack, "grew by \(growth) bytes over 3,000 extractions")
    print("extractions: 3000, growth \(growth >> 10) KiB")
  }

  /// The second number of /proc/self/statm, in pages.
  private func residentBytes() -> Int {
    let fields = (try? text(of: "/proc/self/statm"))?.split(separator: " ") ?? []
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
  }
}
