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
    let raw = Array(text.unicodeScalars)
    let escapes = Escapes(raw)
    let found = scan(raw, escapes, now)
    guard escapes.scalars != raw else { return found }
    // What looks like an escape may be none: `50%0912…` in prose.
    return found + scan(raw, Escapes(none: raw), now).filter { $0.kind == .phone && !found.contains($0) }
  }

  private static func scan(_ raw: [Unicode.Scalar], _ escapes: Escapes, _ now: Instant) -> [Find] {
    let scalars = escapes.scalars
    var (found, at) = ([Find](), 0)
    while at < scalars.count {
      let scalar = scalars[at]
      if scalar == "@", let range = email(escapes, at) {
        let identity = String(String.UnicodeScalarView(scalars[range].filter { $0 != Escapes.filler })).lowercased()
        found.append(Find(kind: .email, text: string(raw[range]), identity: identity))
        at = range.upperBound
      } else if scalar == "+" || digit(scalar) != nil, begins(escapes, at) {
        if let (range, kind, identity) = number(scalars, at, now) {
          found.append(Find(kind: kind, text: string(raw[range]), identity: identity))
          at = range.upperBound
        } else {
          // The rest of the same number begins nothing; a plus may be a form's space.
          repeat { at += 1 } while scalar != "+" && at < scalars.count && digit(scalars[at]) != nil
        }
      } else {
        at += 1
      }
    }
    return found
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
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

  private static func begins(_ escapes: Escapes, _ at: Int) -> Bool {
    guard at > 0 else { return true }
    let place = escapes.head(at - 1)
    let before = escapes.scalars[place]
    // `3.1415…` goes on; a sentence has ended before any other number.
    if before == ".", place > 0 { return digit(escapes.scalars[escapes.head(place - 1)]) == nil }
    // Persian digits stand in no id.
    return digit(before) == nil && before != "." && (!isLatin(before) || escapes.scalars[at].value > 0x7F)
  }

  private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
  }

  // MARK: Numbers

  private static func number(
    _ scalars: [Unicode.Scalar], _ start: Int, _ now: Instant
  ) -> (Range<Int>, Scrubbing.Kind, identity: String)? {
    var (digits, ends, at) = ("", [Int](), start + (scalars[start] == "+" ? 1 : 0))
    while at < scalars.count, scalars[at] == Escapes.filler { at += 1 }
    var isSplit = false
    var wasSplit: [Bool] = []
    while at < scalars.count, digits.count < 15 {
      if let value = digit(scalars[at]) {
        digits += "\(value)"
        ends.append(at + 1)
        wasSplit.append(isSplit)
        at += 1
      } else if !digits.isEmpty, let next = afterGap(scalars, at, behind: digits.count) {
        isSplit = true
        at = next
      } else {
        break
      }
    }
    for count in [14, 12, 11, 10] where digits.count >= count {
      let end = ends[count - 1]
      guard end == scalars.count || (digit(scalars[end]) == nil && !isLatin(scalars[end])) else { continue }
      let own = String(digits.prefix(count))
      if let core = phone(own, hasPlus: scalars[start] == "+", isSplit: wasSplit[count - 1]) {
        return (start..<end, .phone, core)
      }
      if count == 10, !wasSplit[9] || end - start == 12, scalars[start] != "+", isNationalID(own),
        !isTime(own, now) || isLabelled(scalars, start)
      {
        return (start..<end, .nationalID, own)
      }
    }
    return nil
  }

  /// Where a number goes on behind at most three separators: `021 - 8877…`, or nil where it does not.
  private static func afterGap(_ scalars: [Unicode.Scalar], _ start: Int, behind digits: Int) -> Int? {
    var (at, count, hasSlash) = (start, 0, false)
    while at < scalars.count, scalars[at] == Escapes.filler || isSeparator(scalars[at]) {
      if scalars[at] != Escapes.filler { count += 1 }
      if scalars[at] == "/" { hasSlash = true }
      at += 1
    }
    // `06/10/2026 100` is a day; areas and mobiles have three digits or more before a slash.
    guard (1...3).contains(count), !hasSlash || digits >= 3, at < scalars.count, digit(scalars[at]) != nil else {
      return nil
    }
    return at
  }

  /// Also what stands around a number in prose: `0912 345 67 89`, `(021) 1234-5678` from its first digit on; dashes of
  /// all lengths, and marks that nobody sees. A plus is a form's space.
  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xA0, 0x200B...0x200F, 0x2010...0x2015, 0x202A...0x202F, 0x2212: true
    default: " -.()/+".unicodeScalars.contains(scalar)
    }
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

  private static func email(_ escapes: Escapes, _ at: Int) -> Range<Int>? {
    let scalars = escapes.scalars
    func isPart(_ scalar: Unicode.Scalar) -> Bool {
      isLatin(scalar) || ("0"..."9").contains(scalar) || ".-+%".unicodeScalars.contains(scalar)
    }
    var (start, end) = (at, at + 1)
    while start > 0, case let before = escapes.head(start - 1), isPart(scalars[before]) { start = before }
    while end < scalars.count, scalars[end] == Escapes.filler || isPart(scalars[end]) { end += 1 }
    while end > at, case let last = scalars[escapes.head(end - 1)], last == "." || last == "-" {
      end = escapes.head(end - 1)
    }
    let host = Array(scalars[min(at + 1, end)..<end].filter { $0 != Escapes.filler })
    guard start < at, let dot = host.lastIndex(of: "."), dot > 0, host[dot...].count > 2,
      host[(dot + 1)...].allSatisfy(isLatin)
    else { return nil }
    return start..<end
  }
}
