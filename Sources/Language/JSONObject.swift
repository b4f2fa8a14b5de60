/// The members of a JSON object, in file order; of members with the same name the last counts (as in RFC 8259's survey
/// of parsers), standing where the first stood.
///
/// Names are compared scalar by scalar. Two objects are equal when their members are, in the same order.
public struct JSONObject: Sendable {
  public private(set) var names: [String]
  public private(set) var values: [JSON]
  /// Where each name stands; only kept beyond ``linearLimit`` members.
  private var positions: [ExactName: Int]?

  /// Up to here a walk over the names is quicker than a hash (measured: they meet at about 16 short names).
  static let linearLimit = 16

  public init() {
    names = []
    values = []
  }

  public init(_ members: [(String, JSON)]) {
    self.init()
    names.reserveCapacity(members.count)
    values.reserveCapacity(members.count)
    for (name, value) in members { self[name] = value }
  }

  /// Members of which each has another name.
  public init(differing members: [(String, JSON)]) {
    self.init(read: members.map(\.0), values: members.map(\.1), mayRepeat: false)
  }

  /// Members as they were read.
  ///
  /// - Parameter mayRepeat: False when the names of an object up to ``linearLimit`` are known to differ.
  init(read names: [String], values: [JSON], mayRepeat: Bool) {
    self.names = names
    self.values = values
    if names.count > Self.linearLimit { indexNames() }
    guard mayRepeat else { return }
    if let positions, positions.count == names.count { return }
    self = JSONObject(Array(zip(names, values)))
  }

  public var count: Int { names.count }
  public var isEmpty: Bool { names.isEmpty }

  /// Where the member stands in ``names`` and ``values``.
  public func position(of name: String) -> Int? {
    if let positions { return positions[ExactName(name)] }
    return names.firstIndex { $0.hasSameScalars(as: name) }
  }

  /// Setting nil removes the member, which takes time for all that stand behind it.
  public subscript(name: String) -> JSON? {
    get { position(of: name).map { values[$0] } }
    set {
      switch (position(of: name), newValue) {
      case (let index?, let value?): values[index] = value
      case (let index?, nil): remove(at: index)
      case (nil, let value?): append(name, value)
      case (nil, nil): break
      }
    }
  }

  private mutating func append(_ name: String, _ value: JSON) {
    names.append(name)
    values.append(value)
    if positions != nil {
      positions?[ExactName(name)] = names.count - 1
    } else if names.count > Self.linearLimit {
      indexNames()
    }
  }

  private mutating func remove(at index: Int) {
    names.remove(at: index)
    values.remove(at: index)
    positions = nil
    if names.count > Self.linearLimit { indexNames() }
  }

  private mutating func indexNames() {
    var index: [ExactName: Int] = [:]
    index.reserveCapacity(names.count)
    for (position, name) in names.enumerated() { index[ExactName(name)] = position }
    positions = index
  }
}

extension JSONObject: Hashable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool { JSON.object(left) == JSON.object(right) }
  public func hash(into hasher: inout Hasher) { JSON.object(self).hash(into: &hasher) }
}

/// A name as a key of a dictionary, told apart by its scalars.
struct ExactName: Hashable, Sendable {
  let text: String
  init(_ text: String) { self.text = text }
  static func == (left: ExactName, right: ExactName) -> Bool { left.text.hasSameScalars(as: right.text) }
  func hash(into hasher: inout Hasher) { text.hashScalars(into: &hasher) }
}
