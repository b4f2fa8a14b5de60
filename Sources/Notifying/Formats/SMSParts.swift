/// How a text travels over a mobile network, and in how many parts it is paid (3GPP TS 23.038 and 23.040).
public struct SMSParts: Sendable, Hashable {
  public enum Encoding: String, Sendable, Hashable, CaseIterable { case gsm7, ucs2 }

  public var encoding: Encoding
  /// Septets for GSM-7, UTF-16 units for UCS-2.
  public var units: Int
  public var parts: Int

  public static func count(_ text: String) -> SMSParts {
    if let septets = septets(of: text) {
      return SMSParts(encoding: .gsm7, units: septets, parts: parts(septets, alone: 160, joined: 153))
    }
    let units = text.utf16.count
    return SMSParts(encoding: .ucs2, units: units, parts: parts(units, alone: 70, joined: 67))
  }

  /// A part of several loses 7 septets, or 3 units, to the header that joins them.
  private static func parts(_ units: Int, alone: Int, joined: Int) -> Int {
    units <= alone ? 1 : (units + joined - 1) / joined
  }

  /// nil when a character is in neither table, as every Persian letter.
  private static func septets(of text: String) -> Int? {
    var count = 0
    for scalar in text.unicodeScalars {
      if basic.contains(scalar) {
        count += 1
      } else if extended.contains(scalar) {
        // Escape and character.
        count += 2
      } else {
        return nil
      }
    }
    return count
  }

  private static let basic = Set(
    ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
      + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)

  private static let extended = Set("\u{C}^{}\\[~]|€".unicodeScalars)
}
