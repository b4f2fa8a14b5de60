/// Names of fields from what a page calls its parts.
struct FieldNames {
  private var used: Set<String> = [
    "site", "now", "or", "and", "not", "in", "matches", "true", "false", "null", "key", "value",
  ]

  /// `publishedAt` and `Published at` are `published_at`; a name that is taken gets a number.
  mutating func name(_ wanted: String, else fallback: String = "field") -> String {
    var name = ""
    var wasLower = false
    for scalar in wanted.unicodeScalars {
      guard scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) else {
        if !name.isEmpty, !name.hasSuffix("_") { name += "_" }
        wasLower = false
        continue
      }
      let isUpper = ("A"..."Z").contains(scalar)
      if isUpper, wasLower, !name.hasSuffix("_") { name += "_" }
      name += String(scalar).lowercased()
      wasLower = !isUpper
    }
    while name.hasSuffix("_") { name.removeLast() }
    if name.first.map({ !$0.isLetter }) ?? true { name = name.isEmpty ? fallback : fallback + "_" + name }
    name = String(name.prefix(40))
    var free = name
    var number = 2
    while !used.insert(free).inserted {
      free = "\(name)_\(number)"
      number += 1
    }
    return free
  }
}
