import Diagnostics

extension Diagnostic {
  /// Its excerpt without the recipients of subscriptions: at a start it goes to the journal.
  ///
  /// As many dots as there were scalars, so that the caret stays where it is.
  var withoutAddresses: Diagnostic {
    guard let excerpt else { return self }
    var masked = self
    masked.excerpt = AddressMasking.mask(excerpt)
    return masked
  }
}

enum AddressMasking {
  /// What stands after `to:`, up to the end of the line or of the entry.
  static func mask(_ line: String) -> String {
    let scalars = Array(line.unicodeScalars)
    var result = String.UnicodeScalarView()
    var at = 0
    while at < scalars.count {
      guard isKey(at, in: scalars) else {
        result.append(scalars[at])
        at += 1
        continue
      }
      result.append(contentsOf: scalars[at..<at + 3])
      at += 3
      while at < scalars.count, !",}#".unicodeScalars.contains(scalars[at]) {
        result.append(scalars[at] == " " ? " " : "•")
        at += 1
      }
    }
    return String(result)
  }

  /// `to:` as a key: at the start, or after what can stand before one.
  private static func isKey(_ at: Int, in scalars: [Unicode.Scalar]) -> Bool {
    guard scalars[at...].starts(with: "to:".unicodeScalars) else { return false }
    return at == 0 || " {,-\t".unicodeScalars.contains(scalars[at - 1])
  }
}
