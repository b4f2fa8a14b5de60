import PluginHost

/// Reads header lines as libcurl hands them over: blocks of interim answers (1xx) are forgotten, trailers left out.
struct ResponseHead {
  /// In bytes, over all blocks: DESIGN.md section 6.
  static let maxBytes = 64 << 10

  private(set) var headers: [Request.Header] = []
  private var bytes = 0
  /// Whether the empty line came that ends the newest block.
  private(set) var isEnded = false

  /// - Returns: false when the limit is passed.
  mutating func read(_ line: UnsafeRawBufferPointer) -> Bool {
    bytes += line.count
    guard bytes <= Self.maxBytes else { return false }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      headers = []
      isEnded = false
    } else if text.utf8.allSatisfy({ $0 == 0x0d || $0 == 0x0a }) {
      isEnded = true
    } else if !isEnded {
      readField(text)
    }
    return true
  }

  private mutating func readField(_ text: String) {
    // Scalars, because "\r\n" is one Character.
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: text.unicodeScalars.filter { $0 != "\r" && $0 != "\n" })
    let line = Substring(String(scalars))
    // A folded line goes on with the one before (RFC 9112, 5.2).
    if let first = line.utf8.first, first == 0x20 || first == 0x09, let last = headers.indices.last {
      headers[last].value += " " + trimmingBlanks(String(line))
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    let name = trimmingBlanks(String(line[..<colon]))
    guard !name.isEmpty else { return }
    headers.append(
      Request.Header(String(name), String(trimmingBlanks(String(line[line.index(after: colon)...])))))
  }
}
