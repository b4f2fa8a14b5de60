import Language

/// The same text in the dresses it wears in pages: plain, percent-encoded, as JSON or HTML escapes it.
enum EncodedRuns {
  /// Changes the plain text, and what stands in each encoded run of it; a run is written again as it was.
  static func changing(_ text: String, _ change: (String) -> String) -> String {
    var result = change(text)
    for form in Form.allCases where result.utf8.contains(form.mark) { result = changing(result, form, change) }
    return result
  }

  /// The text itself and what each encoded run of it says.
  static func texts(in text: String) -> [String] {
    [text]
      + Form.allCases.flatMap { form in
        text.utf8.contains(form.mark) ? runs(in: Array(text.unicodeScalars), form).map(\.decoded) : []
      }
  }

  private static func changing(_ text: String, _ form: Form, _ change: (String) -> String) -> String {
    let scalars = Array(text.unicodeScalars)
    var (result, copied) = (String.UnicodeScalarView(), 0)
    for run in runs(in: scalars, form) {
      let changed = change(run.decoded)
      guard changed != run.decoded else { continue }
      result.append(contentsOf: scalars[copied..<run.range.lowerBound])
      result.append(contentsOf: form.encode(changed, isUpper: run.isUpper).unicodeScalars)
      copied = run.range.upperBound
    }
    result.append(contentsOf: scalars[copied...])
    return String(result)
  }

  private struct Run {
    var range: Range<Int>
    var decoded: String
    var isUpper: Bool
  }

  private static func runs(in scalars: [Unicode.Scalar], _ form: Form) -> [Run] {
    var (found, at) = ([Run](), 0)
    while at < scalars.count {
      guard scalars[at] == Unicode.Scalar(form.mark), let first = form.unit(scalars, at) else {
        at += 1
        continue
      }
      var (units, end) = ([first.value], first.end)
      while let next = form.unit(scalars, end) {
        units.append(next.value)
        end = next.end
      }
      if let text = form.decode(units) {
        let isUpper = scalars[at..<end].contains { ("A"..."F").contains($0) }
        found.append(Run(range: at..<end, decoded: text, isUpper: isUpper))
      }
      at = end
    }
    return found
  }

  private enum Form: CaseIterable {
    /// `%D8%AF`
    case percent
    /// `\u062f`
    case json
    /// `&#1583;` or `&#x62F;`
    case html

    var mark: UInt8 {
      switch self {
      case .percent: UInt8(ascii: "%")
      case .json: UInt8(ascii: "\\")
      case .html: UInt8(ascii: "&")
      }
    }

    func unit(_ scalars: [Unicode.Scalar], _ at: Int) -> (value: UInt32, end: Int)? {
      switch self {
      case .percent: number(scalars, at, after: "%", digits: 2...2, radix: 16, end: "")
      case .json: number(scalars, at, after: "\\u", digits: 4...4, radix: 16, end: "")
      case .html:
        number(scalars, at, after: "&#x", digits: 1...6, radix: 16, end: ";")
          ?? number(scalars, at, after: "&#", digits: 1...7, radix: 10, end: ";")
      }
    }

    private func number(
      _ scalars: [Unicode.Scalar], _ at: Int, after start: String, digits: ClosedRange<Int>, radix: Int, end: String
    ) -> (value: UInt32, end: Int)? {
      let (start, end) = (Array(start.unicodeScalars), Array(end.unicodeScalars))
      guard scalars[min(at, scalars.count)...].starts(with: start) else { return nil }
      let body = scalars[(at + start.count)...].prefix(digits.upperBound).prefix { scalar in
        scalar.isASCII && Character(scalar).isHexDigit
      }
      guard digits.contains(body.count), scalars[body.endIndex...].starts(with: end),
        let value = UInt32(String(String.UnicodeScalarView(body)), radix: radix)
      else { return nil }
      return (value, body.endIndex + end.count)
    }

    func decode(_ units: [UInt32]) -> String? {
      switch self {
      case .percent: String(validating: units.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
      case .json: String(validating: units.map { UInt16(truncatingIfNeeded: $0) }, as: UTF16.self)
      case .html:
        units.allSatisfy { Unicode.Scalar($0) != nil }
          ? String(String.UnicodeScalarView(units.compactMap { Unicode.Scalar($0) })) : nil
      }
    }

    func encode(_ text: String, isUpper: Bool) -> String {
      func hex(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16, uppercase: isUpper)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
      }
      switch self {
      case .percent: return text.utf8.map { "%" + hex(UInt32($0), 2) }.joined()
      case .json: return text.utf16.map { "\\u" + hex(UInt32($0), 4) }.joined()
      case .html: return text.unicodeScalars.map { "&#\($0.value);" }.joined()
      }
    }
  }
}
