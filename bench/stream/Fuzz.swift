import Extractors
import Glibc
import TestSupport

extension Lab {
  static func fuzz(minutes: Double, out: String, paths: [String]) -> Int32 {
    guard let comparison = try? PageComparison(reader: HTMLReader(), extractors: extractors) else { return 2 }
    let corpus = paths.flatMap(pages)
    let seed = UInt64(time(nil))
    var draw = PageDraw(seed: seed)
    print("seed \(seed), \(corpus.count) pages, \(comparison.selectors) selectors")
    let start = time(nil)
    var (tried, taken, lastSaid) = (0, 0, start)
    while Double(time(nil) - start) < minutes * 60 {
      let page = next(corpus, &draw)
      let type = draw.percent(10) ? draw.one(of: types) : nil
      tried += 1
      switch StreamAudit.audit(page, contentType: type) {
      case .same: taken += 1
      case .different(let what): return found(what, page, type, out, comparison)
      case .doubted, .refused: if tried % 8 != 0 { continue }
      }
      if let what = comparison.difference(on: page, contentType: type) {
        return found(what, page, type, out, comparison)
      }
      if time(nil) - lastSaid >= 60 {
        lastSaid = time(nil)
        print("\((lastSaid - start) / 60) min: \(tried) pages, \(taken) taken")
        // A pipe is written to in blocks else.
        fflush(nil)
      }
    }
    print("no difference in \(tried) pages, \(taken) of them taken")
    return 0
  }

  private static let types = [
    "text/html; charset=utf-8", "text/html; charset=windows-1256", "text/html; charset=iso-8859-1",
  ]

  /// Generated ones, files, and slices of files: whole files take so long that few would be tried.
  private static func next(_ corpus: [[UInt8]], _ draw: inout PageDraw) -> [UInt8] {
    var page: [UInt8]
    if corpus.isEmpty || draw.percent(60) {
      page = PageGenerator.page(seed: draw.next(), style: draw.percent(30) ? .wellFormed : .sloppy)
    } else {
      page = draw.one(of: corpus)
      if page.count > 6000 {
        let start = draw(page.count - 4000)
        page = Array(page[..<1000]) + page[start..<min(page.count, start + 3000)]
      }
    }
    for _ in 0..<draw(3) { page = PageMutation.mutate(page, &draw) }
    return page
  }

  private static func found(
    _ what: String, _ page: [UInt8], _ type: String?, _ out: String, _ comparison: PageComparison
  ) -> Int32 {
    let small = type == nil ? minimised(page, comparison) : page
    print("DIFFERENT (\(type ?? "no type")): \(what)\n\(small.count) bytes in \(out):")
    print(String(decoding: small.prefix(2000), as: UTF8.self))
    if let file = fopen(out, "wb") {
      fwrite(small, 1, small.count, file)
      fclose(file)
    }
    return 1
  }

  /// HTML files of a folder and those below it; a file itself.
  private static func pages(_ path: String) -> [[UInt8]] {
    guard let folder = opendir(path) else { return path.isPage ? [(try? bytes(of: path)) ?? []] : [] }
    defer { closedir(folder) }
    var found: [[UInt8]] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { found += pages(path + "/" + name) }
    }
    return found
  }
}

extension String {
  fileprivate var isPage: Bool { hasSuffix(".html") || hasSuffix(".htm") || hasSuffix(".xml") }
}
