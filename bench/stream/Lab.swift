import Extractors
import Glibc
import PluginHost
import TestSupport

/// What `stream-lab` does.
enum Lab {
  static let extractors: [String: any Extractor] = ["xpath": XPathExtractor(), "css": CSSExtractor()]

  static func diff(pages: Int, seed: UInt64) -> Int32 {
    guard let comparison = try? PageComparison(reader: HTMLReader(), extractors: extractors) else { return 2 }
    var shares: [String: (taken: Int, all: Int)] = [:]
    var doubts: [String: Int] = [:]
    print("seed \(seed), \(pages) pages x \(comparison.selectors) selectors, \(comparison.streamed) of them streamed")
    for selector in comparison.unfit { print("  needs the tree: \(selector)") }
    for number in 0..<pages {
      let made = StreamPages.page(number, seed: seed)
      let page = made.bytes
      let kind = made.isBroken ? "broken" : "not broken"
      shares[kind, default: (0, 0)].all += 1
      switch StreamAudit.audit(page, contentType: made.contentType) {
      case .same: shares[kind, default: (0, 0)].taken += 1
      case .doubted(let doubt): doubts[doubt.rawValue, default: 0] += 1
      case .refused: doubts["refused", default: 0] += 1
      case .different(let what):
        print("page \(number): \(what)\n\(String(decoding: minimised(page, comparison), as: UTF8.self))")
        return 1
      }
      if let difference = comparison.difference(on: page, contentType: made.contentType) {
        print("page \(number): \(difference)\n\(String(decoding: minimised(page, comparison), as: UTF8.self))")
        return 1
      }
    }
    for (kind, share) in shares.sorted(by: { $0.key < $1.key }) {
      print("\(kind): \(share.taken) of \(share.all) taken")
    }
    print(doubts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    return 0
  }

  static func isDifferent(_ page: [UInt8], _ comparison: PageComparison) -> Bool {
    if case .different = StreamAudit.audit(page) { return true }
    return comparison.difference(on: page) != nil
  }

  /// Leaves out what the difference does not need: halves, then quarters, down to bytes.
  static func minimised(_ page: [UInt8], _ comparison: PageComparison) -> [UInt8] {
    var page = page
    var size = page.count / 2
    while size > 0 {
      var start = 0
      while start < page.count {
        var shorter = page
        shorter.removeSubrange(start..<min(page.count, start + size))
        if isDifferent(shorter, comparison) { page = shorter } else { start += size }
      }
      size /= 2
    }
    return page
  }

  static func doubts(_ files: [String]) -> Int32 {
    for file in files {
      guard let body = try? bytes(of: file) else { continue }
      let doubt = Result { () throws(ExtractError) in try HTMLReader.doubt(body, contentType: nil) }
      switch doubt {
      case .success(let doubt): print("\(file): \(doubt?.rawValue ?? "taken")")
      case .failure(let error): print("\(file): refused, \(error.message)")
      }
    }
    return 0
  }
}
