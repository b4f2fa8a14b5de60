/// Text as it is compared: one spelling for what Persian readers take for the same.
///
/// Digits become ASCII, Arabic letters their Persian twins, marks that carry no letter go, ZWNJ and all white space
/// become single spaces, none at the ends. NFC and NFKC do none of this. Letter case stays.
///
/// For prose only: a slug may differ from another by a kasra or a doubled hyphen, so URLs and ids are never folded.
public func foldedForComparing(_ text: String) -> String {
  if isPlain(text) { return text }
  var folded = String.UnicodeScalarView()
  var spacePending = false
  for scalar in text.unicodeScalars {
    switch folding(of: scalar) {
    case .drop: continue
    case .space: spacePending = true
    case .scalar(let letter):
      if spacePending, !folded.isEmpty { folded.append(" ") }
      spacePending = false
      folded.append(letter)
    }
  }
  return String(folded)
}

/// Persian and Arabic-Indic digits as ASCII digits; everything else untouched.
public func foldDigits(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
  var folded = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { folded.append(asciiDigit(scalar) ?? scalar) }
  return String(folded)
}

/// ASCII digits as Persian digits; everything else untouched.
public func persianDigits(_ text: String) -> String {
  var folded = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if ("0"..."9").contains(scalar), let digit = Unicode.Scalar(0x06F0 + scalar.value - 0x30) {
      folded.append(digit)
    } else {
      folded.append(scalar)
    }
  }
  return String(folded)
}

/// `text` without white space at its ends; NBSP, BOM and direction marks count as white space there.
public func trimmed(_ text: String) -> String {
  if text.utf8.withContiguousStorageIfAvailable(isTrimmed) == true { return text }
  let scalars = text.unicodeScalars
  func isOuter(_ scalar: Unicode.Scalar) -> Bool {
    switch folding(of: scalar) {
    case .space: true
    case .drop: !scalar.properties.isDiacritic && scalar.value != 0x640
    case .scalar: false
    }
  }
  guard let first = scalars.firstIndex(where: { !isOuter($0) }),
    let last = scalars.lastIndex(where: { !isOuter($0) })
  else { return "" }
  if first == scalars.startIndex, scalars.index(after: last) == scalars.endIndex { return text }
  return String(scalars[first...last])
}

/// Whether text, as UTF-8, begins and ends with what ``trimmed(_:)`` leaves there, as nearly all values do: letters, digits
/// and signs of ASCII, letters and digits of Persian. False where it has to be asked.
public func isTrimmed(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
  guard utf8.count > 1, let first = utf8.first, let last = utf8.last else {
    return utf8.allSatisfy { 0x21...0x7E ~= $0 }
  }
  let begins = 0x21...0x7E ~= first || isPersian(first, utf8[1])
  return begins && (0x21...0x7E ~= last || isPersian(utf8[utf8.count - 2], last))
}

/// Letters (with the kashida) and digits of U+0600 to U+06FF, by their two bytes.
private func isPersian(_ lead: UInt8, _ second: UInt8) -> Bool {
  switch lead {
  case 0xD8: 0xA0...0xBF ~= second
  case 0xD9: 0x80...0x8A ~= second || 0xA0...0xA9 ~= second
  case 0xDA: 0x80...0xBF ~= second
  case 0xDB: 0x80...0x93 ~= second || 0xB0...0xB9 ~= second
  default: false
  }
}

/// The ASCII digit for a Persian or Arabic-Indic one.
func asciiDigit(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
  switch scalar.value {
  case 0x06F0...0x06F9: Unicode.Scalar(scalar.value - 0x06F0 + 0x30)
  case 0x0660...0x0669: Unicode.Scalar(scalar.value - 0x0660 + 0x30)
  default: nil
  }
}

/// Letters and digits of a pattern as ``foldedForComparing(_:)`` leaves them in the text it is matched with; spaces keep
/// their number, since a pattern may mean them.
func foldedPattern(_ pattern: String) -> String {
  var folded = String.UnicodeScalarView()
  for scalar in pattern.unicodeScalars {
    switch folding(of: scalar) {
    case .drop: folded.append(scalar)
    case .space: folded.append(scalar.value < 0x80 ? scalar : " ")
    case .scalar(let letter): folded.append(letter)
    }
  }
  return String(folded)
}

/// Where `text` has its first scalar that ``foldedForComparing(_:)`` drops, counted in scalars.
func foldingDrops(_ text: String) -> Int? {
  text.unicodeScalars.enumerated().first { if case .drop = folding(of: $0.element) { true } else { false } }?.offset
}

private enum Folding {
  case drop
  case space
  case scalar(Unicode.Scalar)
}

/// ASCII without anything to collapse or trim: most ids, numbers and dates.
private func isPlain(_ text: String) -> Bool {
  var last: UInt8 = 0x20
  for byte in text.utf8 {
    if byte >= 0x80 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte) { return false }
    if byte == 0x20, last == 0x20 { return false }
    last = byte
  }
  return last != 0x20 || text.isEmpty
}

private func folding(of scalar: Unicode.Scalar) -> Folding {
  if let digit = asciiDigit(scalar) { return .scalar(digit) }
  switch scalar.value {
  case 0x09...0x0D, 0x1C...0x20: return .space
  case ..<0x80: return .scalar(scalar)
  case 0x0640, 0x064B...0x0652, 0x0654, 0x0670: return .drop  // tatweel, harakat, hamza above, dagger alef
  case 0xFEFF, 0x200D...0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: return .drop  // BOM, joiner, direction
  case 0x00AD: return .drop  // soft hyphen
  case 0x200B, 0x200C: return .space  // zero width space, ZWNJ
  case 0x064A, 0x0649, 0x0626: return .scalar("\u{06CC}")  // ي ى ئ → ی
  case 0x0643: return .scalar("\u{06A9}")  // ك → ک
  case 0x0629, 0x06C0...0x06C2, 0x06D5: return .scalar("\u{0647}")  // ة ۀ ہ ۂ ە → ه
  case 0x0623, 0x0625, 0x0671: return .scalar("\u{0627}")  // أ إ ٱ → ا
  case 0x0624: return .scalar("\u{0648}")  // ؤ → و
  case 0x0600...0x06FF: return .scalar(scalar)  // no white space there; the look-up below is slower
  default: return scalar.properties.isWhitespace ? .space : .scalar(scalar)
  }
}
