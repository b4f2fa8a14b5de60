import Language

/// Finds what repeats in a JSON document: lists of objects, and objects whose members are alike.
struct DocumentRows {
  private static let deepest = 8
  private static let mostFields = 14

  let json: JSON
  /// `document:` of the page that holds it.
  var document: String?

  /// The likeliest first.
  var candidates: [FirstSpec.Rows] {
    var lists: [String: (key: String, rows: [JSONObject], scalars: [JSON])] = [:]
    var order: [String] = []
    func add(_ path: String, _ key: String, _ rows: [JSONObject], _ scalars: [JSON]) {
      if lists[path] == nil { order.append(path) }
      lists[path, default: (key, [], [])].rows += rows
      lists[path]?.scalars += scalars
    }
    func walk(_ value: JSON, _ path: String, _ depth: Int) {
      guard depth < DocumentRows.deepest else { return }
      switch value {
      case .array(let elements):
        let objects = elements.compactMap { if case .object(let object) = $0 { object } else { nil } }
        if !objects.isEmpty, objects.count == elements.count { add(path + "[*]", "each", objects, []) }
        if objects.isEmpty, elements.allSatisfy(\.isScalar) { add(path + "[*]", "each", [], elements) }
        for element in elements { walk(element, path + "[*]", depth + 1) }
      case .object(let object):
        if DocumentRows.isTable(object) {
          let members = zip(object.names, object.values).map { JSONObject([("key", .string($0)), ("value", $1)]) }
          add(path, "entries", members, [])
        }
        for (name, member) in zip(object.names, object.values) {
          walk(member, path + (DocumentRows.isData(name) ? "[*]" : DocumentRows.step(name)), depth + 1)
        }
      default: break
      }
    }
    walk(json, "$", 0)
    return order.compactMap { path in lists[path].flatMap { rows(path, $0.key, $0.rows, $0.scalars) } }
      .sorted { $0.score > $1.score }
  }

  /// Names that are data: numbers, ids, days. Of members alike.
  private static func isTable(_ object: JSONObject) -> Bool {
    object.count >= 2
      && object.names.allSatisfy(isData) && Set(object.values.map(\.shape)).count == 1
  }

  /// A number, a day, an id: a name that another answer does not have.
  private static func isData(_ name: String) -> Bool {
    name.contains(where: \.isNumber) && name.allSatisfy { $0.isNumber || "-:./TZ+abcdefABCDEF".contains($0) }
  }

  private static func step(_ name: String) -> String {
    let isPlain =
      name.first.map { $0.isASCII && $0.isLetter || $0 == "_" } ?? false
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return isPlain ? "." + name : "[\(FirstSpec.quoted(name).replacing("\"", with: "'"))]"
  }

  private func rows(_ path: String, _ key: String, _ objects: [JSONObject], _ scalars: [JSON]) -> FirstSpec.Rows? {
    let count = max(objects.count, scalars.count)
    guard count > 0 else { return nil }
    let fields = objects.isEmpty ? fieldsOfScalars(scalars) : fields(of: objects)
    guard fields.contains(where: { $0.isUnique || $0.share == 1 }) else { return nil }
    let unique = fields.contains(where: \.isUnique) ? 1.0 : 0.5
    let few = count == 1 ? 0.3 : 1
    let anchor = key == "entries" ? path : String(path.dropLast(3))
    // Of lists in lists the innermost has the most rows, and the outer ones name them.
    let score =
      Double(min(count, 40)).squareRoot() * Double(fields.count + 1) * unique * few * (objects.isEmpty ? 0.4 : 1)
    return FirstSpec.Rows(
      key: key, selector: DocumentRows.quoted(path), count: count, fields: fields,
      anchor: DocumentRows.quoted(
        anchor.contains("[*]")
          ? String(anchor[..<(anchor.firstRange(of: "[*]")?.lowerBound ?? anchor.endIndex)]) : anchor),
      document: document, score: score)
  }

  private static func quoted(_ path: String) -> String {
    path.contains(where: { "[]*'\" #:{},".contains($0) }) ? FirstSpec.quoted(path) : path
  }

  private func fieldsOfScalars(_ scalars: [JSON]) -> [FirstSpec.Field] {
    [field("value", "$", scalars, scalars.count)]
  }

  private func fields(of rows: [JSONObject]) -> [FirstSpec.Field] {
    var paths: [String] = []
    var values: [String: [JSON]] = [:]
    func walk(_ object: JSONObject, _ path: String, _ depth: Int) {
      for (name, value) in zip(object.names, object.values) where !DocumentRows.isData(name) {
        let place = path + DocumentRows.step(name)
        switch value {
        case .object(let inner): if depth < 2 { walk(inner, place, depth + 1) }
        case .array, .null: break
        default:
          if values[place] == nil { paths.append(place) }
          values[place, default: []].append(value)
        }
      }
    }
    for row in rows { walk(row, "$", 0) }
    var names = FieldNames()
    var found: [FirstSpec.Field] = []
    for path in paths.sorted(by: { DocumentRows.rank($0) < DocumentRows.rank($1) }) {
      guard found.count < DocumentRows.mostFields, let given = values[path] else { break }
      let share = Double(given.count) / Double(rows.count)
      let texts = Set(given.map(\.text))
      guard share >= 0.5, texts.count > 1 || rows.count < 3 || path == "$.key" else { continue }
      let last = path.split(whereSeparator: { ".[]'".contains($0) }).suffix(path.count { $0 == "." } > 1 ? 2 : 1)
      let wanted = path == "$.key" ? "entry" : last.joined(separator: "_")
      found.append(field(names.name(wanted), path, given, rows.count))
    }
    return found
  }

  private func field(_ name: String, _ path: String, _ given: [JSON], _ rows: Int) -> FirstSpec.Field {
    FirstSpec.Field(
      name: name, selector: DocumentRows.quoted(path), type: DocumentRows.type(given, name),
      example: given.first.map { Value(json: $0).plainText } ?? "",
      isUnique: given.count == rows && Set(given.map(\.text)).count == rows, share: Double(given.count) / Double(rows))
  }

  private static func type(_ values: [JSON], _ name: String) -> String? {
    var numbers: [Int64] = []
    var texts: [String] = []
    for value in values {
      switch value {
      case .integer(let number): numbers.append(number)
      case .string(let text): texts.append(text)
      default: return nil
      }
    }
    if texts.isEmpty { return ValueGuess.isEpoch(numbers, name: name) ? "instant" : nil }
    guard numbers.isEmpty else { return nil }
    // Keys of objects are text whatever they hold: seconds since 1970 look like a number there.
    let seconds = texts.compactMap { Int64($0) }
    if name == "entry", seconds.count == texts.count, ValueGuess.isEpoch(seconds, name: "time") { return "instant" }
    return ValueGuess.type(of: texts, name: name)
  }

  private static func rank(_ path: String) -> Int {
    let name = path.lowercased()
    if name == "$.id" || name == "$.key" { return 0 }
    if name.hasSuffix("title") || name.hasSuffix("name") { return 1 }
    return name.count { $0 == "." } > 1 ? 3 : 2
  }
}

extension JSON {
  fileprivate var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  /// What kind it is, and of an object its first names.
  fileprivate var shape: String {
    switch self {
    case .object(let object): "{" + object.names.sorted().prefix(4).joined(separator: ",")
    case .array: "["
    case .string: "s"
    case .null: "0"
    case .bool: "b"
    default: "n"
    }
  }
}
