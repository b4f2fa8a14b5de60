import Language

/// Telephone numbers out of a text for a message, however they are written.
///
/// They begin with 0, 98 or 9 and have ten digits or more; times and ids begin otherwise. What looks like one is hidden
/// too: a message can do without it.
enum PhoneMask {
  static func concealing(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var (result, at) = (String.UnicodeScalarView(), 0)
    while at < scalars.count {
      if digit(scalars[at]) != nil, begins(scalars, at), let end = end(scalars, at) {
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

  /// The `n` of `\n` is no letter of a word.
  private static func begins(_ scalars: [Unicode.Scalar], _ at: Int) -> Bool {
    guard at > 0 else { return true }
    let before = scalars[at - 1]
    guard before.properties.isAlphabetic else { return digit(before) == nil }
    return !before.isASCII || (at > 1 && scalars[at - 2] == "\\")
  }

  private static func end(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    var (digits, at, end, isSplit) = ([UInt32](), start, start, false)
    while at < scalars.count {
      if let value = digit(scalars[at]) {
        if at > end, !digits.isEmpty { isSplit = true }
        digits.append(value)
        at += 1
        end = at
      } else if at - end < 3, isSeparator(scalars[at]), !(scalars[at] == "/" && digits.count < 3) {
        at += 1
      } else {
        break
      }
    }
    let isDialled = digits.first == 0 || digits.starts(with: [9, 8])
    let isLong = digits.count >= (isSplit ? 11 : 10) && (isDialled || (digits.count == 10 && digits.first == 9))
    let goesOn = end < scalars.count && scalars[end].isASCII && scalars[end].properties.isAlphabetic
    return isLong && !goesOn ? end : nil
  }

  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xA0, 0x200B...0x200F, 0x2010...0x2015, 0x202A...0x202F, 0x2212: true
    default: " -.()/+".unicodeScalars.contains(scalar)
    }
  }
}
