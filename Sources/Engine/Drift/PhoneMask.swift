import Language

/// Telephone numbers out of a text for a message, however they are written.
///
/// They begin with 0, 98 or 9 and have ten digits or more; times and ids begin otherwise. What looks like one is hidden
/// too: a message can do without it. Keys of letters and digits are hidden before (``Excerpt``).
enum PhoneMask {
  /// Several numbers in a row are one here; from this many digits on the rest is looked at for itself.
  private static let most = 40

  static func concealing(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var (result, at) = (String.UnicodeScalarView(), 0)
    while at < scalars.count {
      if digit(scalars[at]) != nil, at == 0 || digit(scalars[at - 1]) == nil, let end = end(scalars, at) {
        result.append(contentsOf: Mask.mark.unicodeScalars)
        at = end
      } else {
        result.append(scalars[at])
        at += 1
      }
    }
    return String(result)
  }

  /// Latin, Persian and Arabic-Indic.
  private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
    [0x30, 0x6F0, 0x660].lazy.map { scalar.value &- $0 }.first { $0 < 10 }
  }

  private static func end(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    var (digits, at, end, isSplit) = ([UInt32](), start, start, false)
    while at < scalars.count {
      if let value = digit(scalars[at]) {
        if at > end, !digits.isEmpty { isSplit = true }
        digits.append(value)
        at += 1
        end = at
      } else if digits.count < most, at - end < 3, isSeparator(scalars[at]), !(scalars[at] == "/" && digits.count < 3) {
        at += 1
      } else {
        break
      }
    }
    let isDialled = digits.first == 0 || digits.starts(with: [9, 8])
    let isLong = digits.count >= (isSplit ? 11 : 10) && (isDialled || (digits.count == 10 && digits.first == 9))
    return isLong ? end : nil
  }

  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xA0, 0x200B...0x200F, 0x2010...0x2015, 0x202A...0x202F, 0x2212: true
    default: " -.()/+".unicodeScalars.contains(scalar)
    }
  }
}
