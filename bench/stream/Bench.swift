import Extractors
import Glibc
import PluginHost
import TestSupport

extension Lab {
  /// Seconds of CPU.
  private static func cpu() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// The rows of the fixture site, as its spec would read them.
  static func rows(_ node: DocumentNode, _ each: any CompiledSelector, _ fields: [any CompiledSelector]) throws -> Int {
    var letters = 0
    for row in try each.select(from: node) {
      for field in fields { letters += try field.select(from: row).first?.text.utf8.count ?? 0 }
    }
    return letters
  }

  /// Each way once in each of five rounds; the median of the rounds.
  static func bench(_ files: [String]) -> Int32 {
    let pages = files.compactMap { try? bytes(of: $0) }
    guard !pages.isEmpty, let xpath = try? XPathExtractor().compile("//div[@class=\"slot\"]"),
      let css = try? CSSExtractor().compile("div.slot"),
      let xpathFields = try? ["date", "time", "price"].map({ try XPathExtractor().compile("span[@class='\($0)']") }),
      let cssFields = try? ["date", "time", "price"].map({ try CSSExtractor().compile("span.\($0)") })
    else { return 2 }
    let reader = HTMLReader()
    let ways: [Way] = [
      ("tree, XPath", { try rows(reader.read($0, contentType: nil), xpath, xpathFields) }),
      ("tree, CSS", { try rows(reader.read($0, contentType: nil), css, cssFields) }),
      ("matcher, XPath", { try rows(reader.readWithoutTree($0, contentType: nil), xpath, xpathFields) }),
      ("matcher, CSS", { try rows(reader.readWithoutTree($0, contentType: nil), css, cssFields) }),
      (
        "matcher, read only",
        { page in
          _ = try reader.readWithoutTree(page, contentType: nil)
          return 0
        }
      ),
    ]
    measure(ways, on: pages, slow: 2)
    return 0
  }

  /// The free turns of the fixture site's documents.
  static func json(_ files: [String]) -> Int32 {
    let documents = files.compactMap { try? bytes(of: $0) }
    guard !documents.isEmpty, let each = try? JSONExtractor().compile("$.data.days[*].turns[?@.free]"),
      let fields = try? ["$.date", "$.time", "$.price"].map({ try JSONExtractor().compile($0) })
    else { return 2 }
    let reader = JSONReader()
    let ways: [Way] = [
      (
        "read",
        { body in
          _ = try reader.read(body, contentType: nil)
          return 0
        }
      ), ("read, rows", { try rows(reader.read($0, contentType: nil), each, fields) }),
    ]
    measure(ways, on: documents, slow: 0)
    return 0
  }

  private typealias Way = (name: String, run: ([UInt8]) throws -> Int)

  /// - Parameter slow: So many of the first ways are repeated an eighth as often.
  private static func measure(_ ways: [Way], on pages: [[UInt8]], slow: Int) {
    let repeats = max(1, 2000 / pages.count)
    var times = [[Double]](repeating: [], count: ways.count)
    var letters = [Int](repeating: 0, count: ways.count)
    for _ in 0..<5 {
      for (number, way) in ways.enumerated() {
        let repeated = number < slow ? max(1, repeats / 8) : repeats
        let start = cpu()
        var count = 0
        for _ in 0..<repeated { for page in pages { count += (try? way.run(page)) ?? -1 } }
        letters[number] = count / repeated
        times[number].append((cpu() - start) / Double(repeated * pages.count) * 1e3)
      }
    }
    let size = pages.reduce(0) { $0 + $1.count } / pages.count
    print("\(pages.count) pages of \(size) bytes; ms CPU a page, median of 5 rounds")
    for (number, way) in ways.enumerated() {
      let median = times[number].sorted()[2]
      print("  \((median * 10000).rounded() / 10000)  \(way.name)  (\(letters[number]) bytes of fields)")
    }
  }
}
