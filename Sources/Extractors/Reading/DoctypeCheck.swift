import PluginHost

/// Refuses a document type that declares something: entities are how XML reads files and eats memory.
struct DoctypeCheck {
  private let source: [UInt8]

  init(_ source: [UInt8]) { self.source = source }

  /// A DOCTYPE that only names an outside file is let through; the file is never read.
  func refuseDeclarations() throws(ExtractError) {
    guard var index = startOfDoctype else { return }
    var quote: UInt8?
    while index < source.count {
      let byte = source[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: "[") {
        throw ExtractError(.malformed, "the DOCTYPE declares entities or elements, which is never read")
      } else if byte == UInt8(ascii: ">") {
        return
      }
      index += 1
    }
  }

  /// Only comments, instructions and white space may stand before it.
  private var startOfDoctype: Int? {
    var index = 0
    while index < source.count {
      let rest = source[index...]
      if rest.starts(with: "<!--".utf8) {
        guard let end = rest.firstRange(of: Array("-->".utf8)) else { return nil }
        index = end.upperBound
      } else if rest.starts(with: "<?".utf8) {
        guard let end = rest.firstRange(of: Array("?>".utf8)) else { return nil }
        index = end.upperBound
      } else if rest.starts(with: "<!DOCTYPE".utf8) {
        return index
      } else if [0x20, 0x09, 0x0A, 0x0D].contains(source[index]) {
        index += 1
      } else {
        return nil
      }
    }
    return nil
  }
}
