/// How bytes become text: the decoders that pages of this world need, found by the labels of the WHATWG Encoding
/// Standard.
enum Charset: Equatable {
  case utf8
  case utf16(bigEndian: Bool)
  case windows1252
  /// Persian and Arabic pages of the 2000s.
  case windows1256
  /// Any other, by the name that iconv knows it by.
  case other(String)

  /// nil for a label that the standard does not know.
  init?(label: some StringProtocol) {
    let label = String(label).lowercased().trimmingASCIISpace
    switch label {
    case "utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8": self = .utf8
    case "utf-16", "utf-16le", "unicode", "ucs-2", "iso-10646-ucs-2", "csunicode", "unicodefeff":
      self = .utf16(bigEndian: false)
    case "utf-16be", "unicodefffe": self = .utf16(bigEndian: true)
    case "windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1", "iso88591", "iso_8859-1",
      "iso_8859-1:1987", "latin1", "l1", "ascii", "us-ascii", "ansi_x3.4-1968", "cp819", "ibm819", "iso-ir-100",
      "csisolatin1":
      self = .windows1252
    case "windows-1256", "cp1256", "x-cp1256": self = .windows1256
    default:
      guard let name = Charset.iconvNames[label] else { return nil }
      self = .other(name)
    }
  }

  /// What the standard takes each label for, under glibc's name for it.
  private static let iconvNames: [String: String] = {
    var names: [String: String] = [
      "iso-8859-8-i": "ISO-8859-8", "logical": "ISO-8859-8", "arabic": "ISO-8859-6", "ecma-114": "ISO-8859-6",
      "asmo-708": "ISO-8859-6", "latin5": "CP1254", "iso-8859-9": "CP1254", "iso8859-9": "CP1254",
      "iso-8859-11": "CP874", "tis-620": "CP874", "windows-874": "CP874", "koi8-r": "KOI8-R", "koi8": "KOI8-R",
      "koi": "KOI8-R", "koi8-u": "KOI8-U", "koi8-ru": "KOI8-U", "ibm866": "CP866", "cp866": "CP866",
      "macintosh": "MACINTOSH", "x-mac-roman": "MACINTOSH", "gbk": "GBK", "gb2312": "GBK", "gb_2312": "GBK",
      "x-gbk": "GBK", "chinese": "GBK", "gb18030": "GB18030", "big5": "BIG5-HKSCS", "big5-hkscs": "BIG5-HKSCS",
      "x-x-big5": "BIG5-HKSCS", "euc-jp": "EUC-JP", "x-euc-jp": "EUC-JP", "iso-2022-jp": "ISO-2022-JP",
      "shift_jis": "CP932", "shift-jis": "CP932", "sjis": "CP932", "x-sjis": "CP932", "windows-31j": "CP932",
      "ms_kanji": "CP932", "euc-kr": "CP949", "ks_c_5601-1987": "CP949", "korean": "CP949", "windows-949": "CP949",
    ]
    for part in [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16] {
      for label in ["iso-8859-\(part)", "iso8859-\(part)", "iso_8859-\(part)"] { names[label] = "ISO-8859-\(part)" }
    }
    for page in [1250, 1251, 1253, 1254, 1255, 1257, 1258] {
      for label in ["windows-\(page)", "cp\(page)", "x-cp\(page)"] { names[label] = "CP\(page)" }
    }
    return names
  }()

  /// For messages.
  var name: String {
    switch self {
    case .utf8: "utf-8"
    case .utf16(let bigEndian): bigEndian ? "utf-16be" : "utf-16le"
    case .windows1252: "windows-1252"
    case .windows1256: "windows-1256"
    case .other(let name): name.lowercased()
    }
  }
}

extension String {
  var trimmingASCIISpace: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\u{c}" }
    guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
      return ""
    }
    return String(self[first...last])
  }
}
