internal import CLibXML2

/// The name of an element as one word: its lower-case bytes where there are at most eight, else a hash of them with the
/// top bit set, which no ASCII name has. Two long names of one key may differ: compare their bytes too.
struct NameKey: Equatable {
  var bits: UInt64

  var isLong: Bool { bits >> 63 == 1 }

  init(bits: UInt64) { self.bits = bits }

  /// - Parameter bytes: ASCII, in any case.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.count <= 8 {
      var word: UInt64 = 0
      for (index, byte) in bytes.enumerated() { word |= UInt64(CSSName.lowered(byte)) << UInt64(index * 8) }
      bits = word
    } else {
      bits = NameKey.hash(bytes)
    }
  }

  init(_ name: String) {
    let bytes = Array(name.utf8)
    self = bytes.withUnsafeBufferPointer { NameKey($0) }
  }

  /// Of at most eight bytes; a longer name is not in its key.
  var text: String {
    withUnsafeBytes(of: bits.littleEndian) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// FNV-1a.
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(CSSName.lowered(byte))) &* 0x100_0000_01B3 }
    return hash | 1 << 63
  }
}

/// What libxml2 knows of the elements of HTML 4: which are empty, which a start tag ends, how strong an end tag is.
///
/// The closing rules are asked of the library when first needed, so they are those of the machine. What it does not
/// tell (names that end their own kind, strengths of end tags, implied elements) is written down here, and only used
/// with the version that it was verified for: `Tests/ExtractorsTests/Stream/HTMLNamesTests` asks libxml2's behaviour
/// for every pair of names.
final class HTMLNames: Sendable {
  /// A known name's number, from 1; 0 is every other name.
  typealias ID = UInt8

  static let shared = HTMLNames()

  /// As `xmlParserVersion` says it.
  static let verifiedVersions: Set<String> = ["20914"]

  /// Whether the libxml2 that is loaded is one whose rules these are.
  let isVerified: Bool
  private let keys: [UInt64]
  private let ids: [ID]
  /// Bit n: this name's start tag ends an open element of number n.
  let closes: [Mask]
  let isEmpty: Mask
  let strengths: [UInt8]
  let special: Special

  /// A set of numbers.
  struct Mask: Sendable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    @inline(__always)
    func contains(_ id: ID) -> Bool {
      (id < 64 ? low >> UInt64(id) : high >> UInt64(id - 64)) & 1 == 1
    }

    mutating func insert(_ id: ID) {
      if id < 64 { low |= 1 << UInt64(id) } else { high |= 1 << UInt64(id - 64) }
    }

    init(_ ids: [ID] = []) { for id in ids { insert(id) } }
  }

  /// Names with a part in the structure of a page.
  struct Special: Sendable {
    let html, head, body, script: ID
    /// `script` and `style`
    let raw: Mask
    /// `title` and `textarea`: libxml2 reads tags in them, which no author means.
    let text: Mask
    /// What makes libxml2 open a head.
    let headContent: Mask
    /// What does not make it open a body.
    let frames: Mask
    /// `html` and `head`, in which nothing but blanks may stand.
    let textless: Mask
    /// `html`, `head` and `body`.
    let structure: Mask
    /// `html` and `body`: a page that is whole ends one of them.
    let closing: Mask
  }

  static let names =
    """
    a abbr acronym address applet area b base basefont bdo big blockquote body br button caption center cite code col \
    colgroup dd del dfn dir div dl dt em embed fieldset font form frame frameset h1 h2 h3 h4 h5 h6 head hr html i \
    iframe img input ins isindex kbd label legend li link listing map menu meta noframes noscript object ol optgroup \
    option p param pre q s samp script select small span strike strong style sub sup table tbody td textarea tfoot th \
    thead title tr tt u ul var xmp
    """.split(separator: " ").map(String.init)

  /// Names whose start tag ends an open element of the same name.
  private static let endsItself = ["a", "col", "colgroup", "form", "li", "option", "p", "tbody", "td", "th", "tr"]

  /// How strong an end tag is: it ends the elements within its own as long as none of them is stronger.
  private static let strong: [(String, UInt8)] = [
    ("div", 150), ("td", 160), ("th", 160), ("tr", 170), ("thead", 180), ("tbody", 180), ("tfoot", 180),
    ("table", 190), ("head", 200), ("body", 200), ("html", 220),
  ]
  private static let usualStrength: UInt8 = 100

  private init() {
    precondition(LibXML2.isReady)
    let names = HTMLNames.names
    func id(_ name: String) -> ID { ID((names.firstIndex(of: name) ?? -1) + 1) }
    isVerified = HTMLNames.verifiedVersions.contains(String(String(cString: sh_version()).prefix { $0.isNumber }))
    (keys, ids) = HTMLNames.table(of: names)
    isEmpty = Mask(names.filter { htmlTagLookup($0)?.pointee.empty == 1 }.map(id))
    closes = HTMLNames.closes(among: names)
    var strengths = [UInt8](repeating: HTMLNames.usualStrength, count: names.count + 1)
    for (name, strength) in HTMLNames.strong { strengths[Int(id(name))] = strength }
    self.strengths = strengths
    special = Special(
      html: id("html"), head: id("head"), body: id("body"), script: id("script"),
      raw: Mask(["script", "style"].map(id)),
      text: Mask(["title", "textarea"].map(id)),
      headContent: Mask(["script", "style", "meta", "link", "title", "base"].map(id)),
      frames: Mask(["noframes", "frame", "frameset"].map(id)),
      textless: Mask(["html", "head"].map(id)), structure: Mask(["html", "head", "body"].map(id)),
      closing: Mask(["html", "body"].map(id)))
  }

  /// For each number, from 0, the numbers that its start tag ends. Some 8,000 questions at each start of the program, so
  /// the names are made C's once.
  private static func closes(among names: [String]) -> [Mask] {
    let texts = names.map { Array($0.utf8CString) }
    var closes = [Mask()]
    for (new, text) in texts.enumerated() {
      var mask = Mask()
      for (open, other) in texts.enumerated() {
        let ends = new == open ? endsItself.contains(names[new]) : sh_html_closes(text, other) == 1
        if ends { mask.insert(ID(open + 1)) }
      }
      closes.append(mask)
    }
    return closes
  }

  /// Open addressing in 512 places for some 90 names.
  private static func table(of names: [String]) -> (keys: [UInt64], ids: [ID]) {
    var keys = [UInt64](repeating: 0, count: places)
    var ids = [ID](repeating: 0, count: places)
    for (index, name) in names.enumerated() {
      let key = NameKey(name)
      var place = HTMLNames.place(of: key)
      while keys[place] != 0 { place = (place + 1) & (places - 1) }
      keys[place] = key.bits
      ids[place] = ID(index + 1)
    }
    return (keys, ids)
  }

  private static let places = 512

  /// Fibonacci hashing; the top 9 bits.
  private static func place(of key: NameKey) -> Int { Int((key.bits &* 0x9E37_79B9_7F4A_7C15) >> 55) }

  @inline(__always)
  func id(of key: NameKey) -> ID {
    var place = HTMLNames.place(of: key)
    while keys[place] != 0 {
      if keys[place] == key.bits { return ids[place] }
      place = (place + 1) & (HTMLNames.places - 1)
    }
    return 0
  }
}
