import Language

extension StepStats {
  var json: JSON {
    func object(_ all: [String: Presence]) -> JSON {
      .object(JSONObject(all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
    }
    return .object(
      JSONObject([
        ("samples", .integer(Int64(samples))), ("rows_per_sample", .number(rowsPerSample)), ("fields", object(fields)),
        ("anchors", object(anchors)), ("layouts", .strings(prints)), ("steady", .integer(Int64(steady))),
        ("new_layout", newPrint.map(JSON.string) ?? .null), ("new_layout_samples", .integer(Int64(newPrintCount))),
        ("new_layout_watches", .strings(newPrintWatches)), ("new_layout_told", .bool(newPrintIsTold)),
        ("watches", .strings(watches)),
      ]))
  }

  /// What is not there, or is no number, is as in the beginning: samples come again.
  init(_ json: JSON) {
    self.init()
    guard case .object(let object) = json else { return }
    samples = object.count("samples")
    rowsPerSample = object.decimal("rows_per_sample")
    fields = object.presences("fields")
    anchors = object.presences("anchors")
    prints = object.strings("layouts")
    steady = object.count("steady")
    if case .string(let text)? = object["new_layout"] { newPrint = text }
    newPrintCount = object.count("new_layout_samples")
    newPrintWatches = object.strings("new_layout_watches")
    newPrintIsTold = object["new_layout_told"] == .bool(true)
    watches = object.strings("watches")
  }
}

extension StepStats.Presence {
  fileprivate var json: JSON {
    .object(
      JSONObject([
        ("seen", .integer(Int64(seen))), ("there", .integer(Int64(there))), ("lacking", .integer(Int64(lacking))),
        ("lacking_watches", .strings(lackingWatches)), ("told", .bool(isTold)),
      ]))
  }

  fileprivate init(_ object: JSONObject) {
    self.init(
      seen: object.count("seen"), there: object.count("there"), lacking: object.count("lacking"),
      lackingWatches: object.strings("lacking_watches"), isTold: object["told"] == .bool(true))
  }
}

extension JSON {
  fileprivate static func strings(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }

  /// Two places are enough for a mean.
  static func number(_ value: Double) -> JSON {
    let hundredths = Int64((value * 100).rounded())
    let rest = hundredths % 100
    return .number(Double(hundredths) / 100, lexeme: "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)")
  }
}

extension JSONObject {
  fileprivate func count(_ name: String) -> Int {
    if case .integer(let number)? = self[name] { Int(number) } else { 0 }
  }

  fileprivate func decimal(_ name: String) -> Double {
    switch self[name] {
    case .integer(let number)?: Double(number)
    case .number(let value, _)?: value
    default: 0
    }
  }

  fileprivate func strings(_ name: String) -> [String] {
    guard case .array(let all)? = self[name] else { return [] }
    return all.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  fileprivate func presences(_ name: String) -> [String: StepStats.Presence] {
    guard case .object(let all)? = self[name] else { return [:] }
    return zip(all.names, all.values).reduce(into: [:]) { found, member in
      if case .object(let object) = member.1 { found[member.0] = StepStats.Presence(object) }
    }
  }
}
