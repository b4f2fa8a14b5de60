internal import CLibXML2
import Glibc

/// Text as UTF-8, and whether all of the bytes were text.
struct DecodedText {
  var utf8: [UInt8]
  /// False where bytes were replaced by U+FFFD.
  var isExact: Bool
}

extension Charset {
  /// nil only where the machine's iconv lacks the charset.
  func decode(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    switch self {
    case .utf8: Charset.repairUTF8(bytes)
    case .utf16(let bigEndian): Charset.decodeUTF16(bytes, bigEndian: bigEndian)
    case .windows1252: DecodedText(utf8: Charset.decode(bytes, upperHalf: Charset.upper1252), isExact: true)
    case .windows1256: DecodedText(utf8: Charset.decode(bytes, upperHalf: Charset.upper1256), isExact: true)
    case .other(let name): Charset.decode(bytes, iconv: name)
    }
  }

  static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { ByteSurvey($0).isUTF8 }
  }

  private static func repairUTF8(_ bytes: ArraySlice<UInt8>) -> DecodedText {
    if isUTF8(bytes) { return DecodedText(utf8: Array(bytes), isExact: true) }
    return DecodedText(utf8: Array(String(decoding: bytes, as: UTF8.self).utf8), isExact: false)
  }

  private static func decodeUTF16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> DecodedText {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = bytes.startIndex
    while index + 1 < bytes.endIndex {
      let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      units.append(bigEndian ? first << 8 | second : second << 8 | first)
      index += 2
    }
    let text = String(decoding: units, as: UTF16.self)
    // A lone half of a pair turns into U+FFFD; so the count of units tells whether any did.
    let isExact = index == bytes.endIndex && text.utf16.elementsEqual(units)
    return DecodedText(utf8: Array(text.utf8), isExact: isExact)
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, upperHalf: [UInt16]) -> [UInt8] {
    var utf8: [UInt8] = []
    utf8.reserveCapacity(bytes.count + bytes.count / 2)
    for byte in bytes {
      if byte < 0x80 {
        utf8.append(byte)
      } else if let scalar = Unicode.Scalar(upperHalf[Int(byte) - 0x80]) {
        UTF8.encode(scalar).map { utf8.append(contentsOf: $0) }
      }
    }
    return utf8
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, iconv name: String) -> DecodedText? {
    let converter = iconv_open("UTF-8", name)
    guard converter != iconv_t(bitPattern: -1) else { return nil }
    defer { iconv_close(converter) }
    var text = DecodedText(utf8: [], isExact: true)
    text.utf8.reserveCapacity(bytes.count * 2)
    var input = Array(bytes)
    var chunk = [CChar](repeating: 0, count: 1 << 16)
    input.withUnsafeMutableBytes { input in
      var source = input.baseAddress?.assumingMemoryBound(to: CChar.self)
      var left = input.count
      while left > 0 {
        let (problem, written) = chunk.withUnsafeMutableBufferPointer { chunk -> (Int32, Int) in
          var target = chunk.baseAddress
          var room = chunk.count
          let result = iconv(converter, &source, &left, &target, &room)
          return (result == -1 ? errno : 0, chunk.count - room)
        }
        text.utf8.append(contentsOf: chunk[..<written].lazy.map { UInt8(bitPattern: $0) })
        guard problem == EILSEQ || problem == EINVAL else { continue }
        text.isExact = false
        text.utf8.append(contentsOf: replacement)
        source = source?.advanced(by: 1)
        left -= 1
      }
    }
    return text
  }

  /// 0x80…0xFF of <https://encoding.spec.whatwg.org/index-windows-1252.txt>; unassigned bytes are C1 controls there.
  private static let upper1252: [UInt16] =
    [
      0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D,
      0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
      0x0153, 0x009D, 0x017E, 0x0178,
    ] + Array(0xA0...0xFF)

  /// 0x80…0xFF of <https://encoding.spec.whatwg.org/index-windows-1256.txt>.
  private static let upper1256: [UInt16] = [
    0x20AC, 0x067E, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0679, 0x2039, 0x0152, 0x0686,
    0x0698, 0x0688, 0x06AF, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x06A9, 0x2122, 0x0691, 0x203A,
    0x0153, 0x200C, 0x200D, 0x06BA, 0x00A0, 0x060C, 0x00A2, 0x00A3, 0x00A4, 0x00A5, 0x00A6, 0x00A7, 0x00A8, 0x00A9,
    0x06BE, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x00AF, 0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6, 0x00B7,
    0x00B8, 0x00B9, 0x061B, 0x00BB, 0x00BC, 0x00BD, 0x00BE, 0x061F, 0x06C1, 0x0621, 0x0622, 0x0623, 0x0624, 0x0625,
    0x0626, 0x0627, 0x0628, 0x0629, 0x062A, 0x062B, 0x062C, 0x062D, 0x062E, 0x062F, 0x0630, 0x0631, 0x0632, 0x0633,
    0x0634, 0x0635, 0x0636, 0x00D7, 0x0637, 0x0638, 0x0639, 0x063A, 0x0640, 0x0641, 0x0642, 0x0643, 0x00E0, 0x0644,
    0x00E2, 0x0645, 0x0646, 0x0647, 0x0648, 0x00E7, 0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x0649, 0x064A, 0x00EE, 0x00EF,
    0x064B, 0x064C, 0x064D, 0x064E, 0x00F4, 0x064F, 0x0650, 0x00F7, 0x0651, 0x00F9, 0x0652, 0x00FB, 0x00FC, 0x200E,
    0x200F, 0x06D2,
  ]
}

/// U+FFFD.
private let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
