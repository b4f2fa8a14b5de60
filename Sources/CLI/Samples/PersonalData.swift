import Language

/// What a recording must not hold, found by its form: phone numbers, national ids, e-mail addresses.
enum PersonalData {
  struct Find: Hashable {
    var kind: Scrubbing.Kind
    /// As it stands in the text.
    var text: String
    /// The same for every way to write it.
    var identity: String
  }

  /// - Parameter now: Numbers near it are times, and no national ids.
  static func finds(in text: String, now: Instant) -> [Find] {
    let scalars = Array(text.unicodeScalars)
    var (found, at) = ([Find](), 0)
    while at < scalars.count {
      let scalar = scalars[at]
      if scalar == "@", let range = email(scalars, at) {
        let text = String(String.UnicodeScalarView(scalars[range]))
        found.append(Find(kind: .email, text: text, identity: text.lowercased()))
        at = range.upperBound
      } else if scalar == "+" || digit(scalar) != nil, begins(scalars, at) {
        if let (end, find) = number(scalars, at, now) {
          found.append(find)
          at = end
        } else {
          // The rest of the same number begins nothing.
          repeat { at += 1 } while at < scalars.count && digit(scalars[at]) != nil
        }
      } else {
        at += 1
      }
    }
    return found
  }

  /// Latin, Persian and Arabic-Indic digits.
  static func digit(_ scalar: Unicode.Scalar) -> Int? {
    switch scalar.value {
    case 0x30...0x39: Int(scalar.value) - 0x30
    case 0x6F0...0x6F9: Int(scalar.value) - 0x6F0
    case 0x660...0x669: Int(scalar.value) - 0x660
    default: nil
    }
  }

  private static func begins(_ scalars: [Unicode.Scalar], _ at: Int) -> Bool {
    guard at > 0 else { return true }
    let before = scalars[at - 1]
    return digit(before) == nil && before != "+" && before != "." && !isLatin(before)
  }

  private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
  }

  // MARK: Numbers

  private static func number(_ scalars: [Unicode.Scalar], _ start: Int, _ now: Instant) -> (end: Int, Find)? {
    var (digits, ends, at) = ("", [Int](), start + (scalars[start] == "+" ? 1 : 0))
    var isSplit = false
    var wasSplit: [Bool] = []
    while at < scalars.count, digits.count < 15 {
      if let value = digit(scalars[at]) {
        digits += "\(value)"
        ends.append(at + 1)
        wasSplit.append(isSplit)
        at += 1
      } else if !digits.isEmpty, case let gap = scalars[at...].prefix(2).prefix(while: isSeparator).count, gap > 0,
        at + gap < scalars.count, digit(scalars[at + gap]) != nil
      {
        isSplit = true
        at += gap
      } else {
        break
      }
    }
    for count in [14, 12, 11, 10] where digits.count >= count {
      let end = ends[count - 1]
      guard end == scalars.count || (digit(scalars[end]) == nil && !isLatin(scalars[end])) else { continue }
      let own = String(digits.prefix(count))
      let text = String(String.UnicodeScalarView(scalars[start..<end]))
      if let core = phone(own, hasPlus: scalars[start] == "+", isSplit: wasSplit[count - 1]) {
        return (end, Find(kind: .phone, text: text, identity: core))
      }
      if count == 10, !wasSplit[9] || text.count == 12, scalars[start] != "+", isNationalID(own),
        !isTime(own, now) || isLabelled(scalars, start)
      {
        return (end, Find(kind: .nationalID, text: text, identity: own))
      }
    }
    return nil
  }

  /// Also what stands around a number in prose: `0912 345 67 89`, `(021) 1234-5678` from its first digit on.
  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    " -.()\u{A0}\u{200C}".unicodeScalars.contains(scalar)
  }

  /// The last ten digits of an Iranian number, which all ways to write it share.
  private static func phone(_ digits: String, hasPlus: Bool, isSplit: Bool) -> String? {
    let core = String(digits.suffix(10))
    guard let first = core.first, first != "0" else { return nil }
    switch digits.count {
    case 14: return digits.hasPrefix("0098") ? core : nil
    case 12: return digits.hasPrefix("98") && (hasPlus || first == "9") ? core : nil
    case 11: return digits.hasPrefix("0") && !hasPlus ? core : nil
    // Alone, ten digits are a mobile's only where they begin as one.
    case 10: return first == "9" && !hasPlus && !isSplit ? core : nil
    default: return nil
    }
  }

  /// The check digit of کد ملی: the weighted sum of the first nine, modulo 11.
  static func isNationalID(_ digits: String) -> Bool {
    let values = digits.compactMap(\.wholeNumberValue)
    guard values.count == 10, Set(values).count > 1 else { return false }
    let rest = zip(values.prefix(9), (2...10).reversed()).reduce(0) { $0 + $1.0 * $1.1 } % 11
    return values[9] == (rest < 2 ? rest : 11 - rest)
  }

  /// Unix seconds within two years: what a calendar of appointments is full of.
  private static func isTime(_ digits: String, _ now: Instant) -> Bool {
    guard let seconds = Int64(digits) else { return false }
    return abs(seconds - now.seconds) < 2 * 366 * 86_400
  }

  private static func isLabelled(_ scalars: [Unicode.Scalar], _ at: Int) -> Bool {
    let before = String(String.UnicodeScalarView(scalars[max(0, at - 30)..<at])).lowercased()
    return ["national", "melli", "ملی", "nid"].contains { before.contains($0) }
  }

  // MARK: E-mail

  private static func email(_ scalars: [Unicode.Scalar], _ at: Int) -> Range<Int>? {
    func isPart(_ scalar: Unicode.Scalar) -> Bool {
      isLatin(scalar) || ("0"..."9").contains(scalar) || ".-+%".unicodeScalars.contains(scalar)
    }
    var (start, end) = (at, at + 1)
    while start > 0, isPart(scalars[start - 1]) { start -= 1 }
    while end < scalars.count, isPart(scalars[end]) { end += 1 }
    while end > at, scalars[end - 1] == "." || scalars[end - 1] == "-" { end -= 1 }
    let host = scalars[(at + 1)..<max(end, at + 1)]
    guard start < at, let dot = host.lastIndex(of: "."), dot > host.startIndex, host[dot...].count > 2,
      host[(dot + 1)...].allSatisfy(isLatin)
    else { return nil }
    return start..<end
  }
}
