/// A JSON value that keeps what the text said: the order of members and every digit of a number.
public enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 bits.
  case integer(Int64)
  /// Any other number; `lexeme` is its text, so ids and prices lose no digit.
  case number(Double, lexeme: String)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

/// The members of a JSON object, in file order; of members with the same name the last counts (as in RFC 8259's survey
/// of parsers), standing where the first stood.
public struct JSONObject: Sendable, Hashable {
  public private(set) var names: [String]
  public private(set) var values: [JSON]

  public init() {
    names = []
    values = []
  }

  public init(_ members: [(String, JSON)]) {
    self.init()
    for (name, value) in members { self[name] = value }
  }

  public var count: Int { names.count }
  public var isEmpty: Bool { names.isEmpty }

  /// Setting nil removes the member.
  public subscript(name: String) -> JSON? {
    get { names.firstIndex(of: name).map { values[$0] } }
    set {
      switch (names.firstIndex(of: name), newValue) {
      case (let index?, let value?): values[index] = value
      case (let index?, nil):
        names.remove(at: index)
        values.remove(at: index)
      case (nil, let value?):
        names.append(name)
        values.append(value)
      case (nil, nil): break
      }
    }
  }
}
