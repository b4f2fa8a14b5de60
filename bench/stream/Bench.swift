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
    let repeats = max(1, 2000 / pages.count)
    let ways: [(String, ([UInt8]) throws -> Int)] = [
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
    var times = [[Double]](repeating: [], count: ways.count)
    var letters = [Int](repeating: 0, count: ways.count)
    for _ in 0..<5 {
      for (number, way) in ways.enumerated() {
        let times2 = number < 2 ? max(1, repeats / 8) : repeats
        let start = cpu()
        var count = 0
        for _ in 0..<times2 { for page in pages { count += (try? way.1(page)) ?? -1 } }
        letters[number] = count / times2
        times[number].append((cpu() - start) / Double(times2 * pages.count) * 1e3)
      }
    }
    let size = pages.reduce(0) { $0 + $1.count } / pages.count
    print("\(pages.count) pages of \(size) bytes; ms CPU a page, median of 5 rounds")
    for (number, way) in ways.enumerated() {
      let median = times[number].sorted()[2]
      print("  \((median * 10000).rounded() / 10000)  \(way.0)  (\(letters[number]) bytes of fields)")
    }
    return 0
  }
}
