/// Invented texts of the same shape: as long, letters for letters of the same script, digits for digits.
enum StandIn {
  private static let persian = Array("نموهسازیدلبرتکیجشفمقگ".unicodeScalars)
  private static let latin = Array("samplenovidentare".unicodeScalars)

  /// - Parameter number: Tells it from other stand-ins of the same shape.
  static func word(_ word: String, _ number: Int) -> String {
    var result = String.UnicodeScalarView()
    for (place, scalar) in word.unicodeScalars.enumerated() {
      let step = place &* 3 &+ number &* 5
      switch scalar {
      case "a"..."z": result.append(latin[step % latin.count])
      case "A"..."Z":
        let letter = latin[step % latin.count].properties.uppercaseMapping.unicodeScalars.first
        result.append(letter ?? scalar)
      case _ where PersonalData.digit(scalar) != nil: result.append(digit((place + number) % 10, like: scalar))
      case _ where scalar.properties.isAlphabetic: result.append(persian[step % persian.count])
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// `scrubbed1scrubbed`, cut to the length of what it stands for; never shorter than that can be told apart.
  static func token(_ text: String, _ number: Int) -> String {
    let head = "scrubbed\(number)"
    let filler = Array("scrubbed")
    var result = ""
    for (place, character) in text.enumerated() where character.isASCII {
      let isWord = character.isLetter || character.isNumber
      result.append(isWord ? (place < head.count ? Array(head)[place] : filler[place % 8]) : character)
    }
    return result.count < head.count ? head : result
  }

  /// The number's own layout with digits that nobody was given: a mobile's `900000000N`, an office's `…000000N`.
  static func phone(_ text: String, _ number: Int) -> String {
    let core = Array("\(10_000_000 + number)".dropFirst())
    return rewriting(text, last: 10) { place, old in
      // The first digit keeps the kind: 9 is a mobile's, others an area's.
      place == 0 ? old : place < 3 ? 0 : core[place - 3].wholeNumberValue ?? 0
    }
  }

  /// - Parameter text: Its `@` stays as it is written there: `%40`.
  static func email(_ text: String, _ number: Int) -> String {
    let scalars = Array(text.unicodeScalars)
    let read = Escapes(scalars).scalars
    let at = read.firstIndex(of: "@") ?? read.endIndex
    let end = read[at...].dropFirst().firstIndex { $0 != Escapes.filler } ?? read.endIndex
    let sign = at < end ? String(String.UnicodeScalarView(scalars[at..<end])) : "@"
    return "person\(number)\(sign)mail.example"
  }

  /// Whether a number or an address is one of those above, by its identity.
  static func isInvented(_ find: PersonalData.Find) -> Bool {
    switch find.kind {
    case .phone: find.identity.dropFirst().hasPrefix("00000")
    case .email: find.identity.hasPrefix("person") && find.identity.hasSuffix("@mail.example")
    default: false
    }
  }

  /// Ten digits whose check digit is wrong.
  static func nationalID(_ text: String, _ number: Int) -> String {
    var digits = Array("1111\(100_000 + number * 10)").compactMap(\.wholeNumberValue)
    while PersonalData.isNationalID(digits.map(String.init).joined()) { digits[9] = (digits[9] + 1) % 10 }
    return rewriting(text, last: 10) { place, _ in digits[place] }
  }

  private static func rewriting(_ text: String, last count: Int, _ digit: (Int, Int) -> Int) -> String {
    let scalars = Array(text.unicodeScalars)
    // The digits of `%20` are none of the number's.
    let read = Escapes(scalars).scalars
    let all = read.count { PersonalData.digit($0) != nil }
    var (result, seen) = (String.UnicodeScalarView(), 0)
    for (scalar, meant) in zip(scalars, read) {
      guard let old = PersonalData.digit(meant) else {
        result.append(scalar)
        continue
      }
      let place = seen - (all - count)
      seen += 1
      result.append(place < 0 ? scalar : self.digit(digit(place, old), like: scalar))
    }
    return String(result)
  }

  private static func digit(_ value: Int, like scalar: Unicode.Scalar) -> Unicode.Scalar {
    let zero: UInt32 = scalar.value >= 0x6F0 ? 0x6F0 : scalar.value >= 0x660 ? 0x660 : 0x30
    return Unicode.Scalar(zero + UInt32(value)) ?? scalar
  }
}
