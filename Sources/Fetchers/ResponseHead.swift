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
    if line.starts(with: "HTTP/".utf8) {
      headers = []
      isEnded = false
    } else if line.allSatisfy({ $0 == 0x0d || $0 == 0x0a }) {
      isEnded = true
    } else if !isEnded {
      readField(line)
    }
    return true
  }

  private mutating func readField(_ line: UnsafeRawBufferPointer) {
    let isFolded = line.first == 0x20 || line.first == 0x09
    // A folded line goes on with the one before (RFC 9112, 5.2).
    if isFolded, let last = headers.indices.last {
      headers[last].value += " " + ResponseHead.text(line[...])
      return
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = ResponseHead.text(line[..<colon])
    guard !name.isEmpty else { return }
    headers.append(Request.Header(name, ResponseHead.text(line[(colon + 1)...])))
  }

  /// Without line ends, and without blanks around it.
  private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    var bytes = bytes
    while let last = bytes.last, isBlank(last) || isLineEnd(last) { bytes.removeLast() }
    while let first = bytes.first, isBlank(first) || isLineEnd(first) { bytes.removeFirst() }
    guard bytes.contains(where: isLineEnd) else { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: bytes.filter { !isLineEnd($0) }, as: UTF8.self)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0d || byte == 0x0a }
}
