/// A pattern such as `yyyy-MM-dd HH:mm` or `EEEE d MMMM`, compiled; it prints and reads dates and times.
///
/// Letters as in Unicode's UTS 35: `yyyy yy`, `MMMM MMM MM M`, `dd d`, `EEEE EEE`, `HH H`, `hh h` with `a`, `mm`, `ss`,
/// `SSS`, `XXX`. Text with letters of its own stands in quotes: `'ساعت' HH:mm`; letters outside ASCII need none.
public struct DatePattern: Sendable, Hashable {
  public let source: String
  let pieces: [Piece]

  enum Piece: Sendable, Hashable {
    case literal(String)
    case field(Field)
  }

  enum Field: String, Sendable, Hashable, CaseIterable {
    case year = "yyyy"
    case yearOfCentury = "yy"
    case monthName = "MMMM"
    case shortMonthName = "MMM"
    case month2 = "MM"
    case month = "M"
    case day2 = "dd"
    case day = "d"
    case weekday = "EEEE"
    case shortWeekday = "EEE"
    case hour2 = "HH"
    case hour = "H"
    case halfDayHour2 = "hh"
    case halfDayHour = "h"
    case halfDay = "a"
    case minute2 = "mm"
    case minute = "m"
    case second2 = "ss"
    case second = "s"
    case millisecond = "SSS"
    case offset = "XXX"
  }

  /// - Throws: ``SyntaxError`` for a letter that stands for nothing, and for an open quote.
  public init(_ source: String) throws(SyntaxError) {
    self.source = source
    let scalars = Array(source.unicodeScalars)
    guard (1...200).contains(scalars.count) else {
      throw SyntaxError("a date pattern has 1 to 200 characters", offset: 0, help: "as in 'yyyy-MM-dd HH:mm'")
    }
    var pieces: [Piece] = []
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar == "'" {
        pieces.append(.literal(try Self.quoted(scalars, &index)))
      } else if scalar.isASCII, scalar.properties.isAlphabetic {
        pieces.append(.field(try Self.field(scalars, &index)))
      } else {
        pieces.append(.literal(String(scalar)))
        index += 1
      }
    }
    self.pieces = pieces
  }

  private static func quoted(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(SyntaxError) -> String {
    let start = index
    var text = String.UnicodeScalarView()
    index += 1
    while index < scalars.count {
      if scalars[index] != "'" {
        text.append(scalars[index])
      } else if index + 1 < scalars.count, scalars[index + 1] == "'" {
        text.append("'")
        index += 1
      } else {
        index += 1
        // Two quotes on their own are a quote.
        return text.isEmpty ? "'" : String(text)
      }
      index += 1
    }
    throw SyntaxError("the quote in the date pattern is not closed", offset: start, help: "write '' for a quote itself")
  }

  private static func field(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(SyntaxError) -> Field {
    let start = index
    while index < scalars.count, scalars[index] == scalars[start] { index += 1 }
    let letters = String(String.UnicodeScalarView(scalars[start..<index]))
    if let field = Field(rawValue: letters) ?? aliases[letters] { return field }
    throw SyntaxError(
      "'\(letters.prefix(20))' stands for nothing in a date pattern", offset: start,
      help: wrongFields[letters].map { "did you mean '\($0)'? " }.map { $0 + knownFields } ?? knownFields)
  }

  private static let aliases: [String: Field] = ["y": .year, "EE": .shortWeekday, "E": .shortWeekday]
  private static let wrongFields = [
    "YYYY": "yyyy", "YY": "yy", "DD": "dd", "D": "d", "SS": "ss", "S": "SSS", "ZZZZZ": "XXX", "Z": "XXX", "X": "XXX",
    "n": "m", "nn": "mm", "dddd": "EEEE", "ddd": "EEE", "A": "a",
  ]
  private static let knownFields =
    "known: " + Field.allCases.map(\.rawValue).joined(separator: " ") + "; other letters stand in 'quotes'"

  /// The fields it holds.
  var fields: Set<Field> {
    Set(pieces.compactMap { if case .field(let field) = $0 { field } else { nil } })
  }

  /// Whether it speaks of a day, and of a time of day.
  public var hasDate: Bool { !fields.isDisjoint(with: [.day, .day2]) }
  public var hasTime: Bool { !fields.isDisjoint(with: [.hour, .hour2, .halfDayHour, .halfDayHour2]) }
}
