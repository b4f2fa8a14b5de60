/// The ways in which a server may read a path.
enum GlobPath {
  /// Servers, proxies and frameworks decode once each; more than four in a row was never seen.
  static let maximumDecodings = 4

  /// Every reading as its segments. A hole becomes ``GlobPiece/any``.
  static func readings(of path: String, hole: Character?) -> [[[GlobPiece]]] {
    let marked = hole.map { hole in String(path.map { $0 == hole ? holeMark : $0 }) } ?? path
    var bytes = Array(marked.prefix { $0 != "?" && $0 != "#" }.utf8)
    var readings: [[[GlobPiece]]] = []
    for _ in 0...maximumDecodings {
      for keepsParameters in [false, true] {
        for keepsDots in [false, true] {
          let reading = segments(of: bytes, keepsParameters: keepsParameters, keepsDots: keepsDots)
            .map { pieces($0, hasHoles: hole != nil) }
          if !readings.contains(reading) { readings.append(reading) }
        }
      }
      let decoded = decoded(bytes)
      if decoded == bytes { break }
      bytes = decoded
    }
    return readings
  }

  /// A private-use character: no server gives it a meaning, and no path holds it by accident.
  private static let holeMark: Character = "\u{F8FF}"

  private static func pieces(_ segment: String, hasHoles: Bool) -> [GlobPiece] {
    folded(segment).map { hasHoles && $0 == "\u{F8FF}" ? .any : .scalar($0) }
  }

  /// Decodes percent escapes once; what is no escape stays. Overlong two-byte forms of ASCII (`%c0%af` for `/`), which
  /// old servers take, are decoded too.
  static func decoded(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      var byte = bytes[index]
      if byte == UInt8(ascii: "%"), index + 2 < bytes.count, let high = hexValue(bytes[index + 1]),
        let low = hexValue(bytes[index + 2])
      {
        byte = high << 4 | low
        index += 2
      }
      index += 1
      if let last = output.last, last == 0xC0 || last == 0xC1, byte & 0xC0 == 0x80 {
        output[output.count - 1] = (last & 1) << 6 | byte & 0x3F
      } else {
        output.append(byte)
      }
    }
    return output
  }

  /// Letters that differ only in case become the same; ſ (long s) and K (kelvin) too, as in a case-blind server.
  static func folded(_ text: String) -> [Unicode.Scalar] { Array(text.uppercased().lowercased().unicodeScalars) }

  private static func segments(of bytes: [UInt8], keepsParameters: Bool, keepsDots: Bool) -> [String] {
    var segments: [String] = []
    let parts = bytes.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
    for part in parts {
      let segment = trimmed(keepsParameters ? part : part.prefix { $0 != UInt8(ascii: ";") })
      if segment.isEmpty || segment == "." { continue }
      if segment == "..", !keepsDots {
        _ = segments.popLast()
      } else {
        segments.append(segment)
      }
    }
    return segments
  }

  /// Without blanks and control characters at either end, and only up to a zero byte: some servers drop these.
  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    let visible = bytes.prefix { $0 != 0 }.drop { $0 <= 0x20 || $0 == 0x7F }
    let end = visible.lastIndex { $0 > 0x20 && $0 != 0x7F }
    return String(decoding: end.map { visible[...$0] } ?? [], as: UTF8.self)
  }
}
