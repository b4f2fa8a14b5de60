/// One line of a message as it may be shown: data from a page can't forge a line, hide, or turn the text around.
///
/// Control characters go, and with them the bidirectional overrides, embeddings and isolates that a page may hold;
/// every kind of white space becomes one space. ZWNJ, ZWJ and the direction marks stay: Persian and emoji need them.
func cleanLine(_ text: String) -> String {
  var clean = ""
  clean.unicodeScalars.reserveCapacity(text.unicodeScalars.count)
  var pendingSpace = false
  for scalar in text.unicodeScalars {
    switch scalar.shownAs {
    case .nothing: continue
    case .space: pendingSpace = true
    case .itself:
      if pendingSpace, !clean.isEmpty { clean.unicodeScalars.append(" ") }
      pendingSpace = false
      clean.unicodeScalars.append(scalar)
    }
  }
  return clean
}

private enum Showing { case itself, space, nothing }

extension Unicode.Scalar {
  fileprivate var shownAs: Showing {
    switch value {
    case 0x20, 0x09...0x0D, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: .space
    // C0, DEL and C1.
    case 0...0x1F, 0x7F...0x9F: .nothing
    // Embeddings, overrides, isolates.
    case 0x202A...0x202E, 0x2066...0x2069: .nothing
    // Deprecated format characters, interlinear annotation, byte order mark.
    case 0x206A...0x206F, 0xFFF9...0xFFFB, 0xFEFF: .nothing
    // Noncharacters of the basic plane.
    case 0xFDD0...0xFDEF, 0xFFFE, 0xFFFF: .nothing
    default: .itself
    }
  }
}

/// The link when it is one that people may be sent to: http or https, without white space or control characters.
func safeLink(_ link: String?) -> String? {
  guard let link else { return nil }
  let start = link.prefix(8).lowercased()
  guard start.hasPrefix("https://") || start.hasPrefix("http://") else { return nil }
  let isClean = link.unicodeScalars.allSatisfy { $0.shownAs == .itself && $0 != "\u{200E}" && $0 != "\u{200F}" }
  return isClean ? link : nil
}
