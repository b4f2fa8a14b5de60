/// The pattern of a date that was meant where `mm` stands among days and years, or `MM` behind hours; nil where none does.
func meantPattern(_ pattern: String) -> String? {
  var runs = letterRuns(pattern)
  let fields = runs.indices.filter { runs[$0].isField }
  for (position, index) in fields.enumerated() {
    let before = position > 0 ? runs[fields[position - 1]].text.first : nil
    let after = position + 1 < fields.count ? runs[fields[position + 1]].text.first : nil
    switch runs[index].text {
    case "mm", "m":
      guard isDay(before) || before == nil && isDay(after), after != "s" else { continue }
      runs[index].text = runs[index].text.uppercased()
    case "MM", "M":
      guard let before, "Hh".contains(before), !isDay(after) else { continue }
      runs[index].text = runs[index].text.lowercased()
    default: continue
    }
  }
  let meant = runs.map(\.text).joined()
  return meant == pattern ? nil : meant
}

private func isDay(_ letter: Character?) -> Bool { letter.map { "ydE".contains($0) } ?? false }

/// Equal letters in a row, and all that stands between them: quoted text too.
private func letterRuns(_ pattern: String) -> [(text: String, isField: Bool)] {
  var runs: [(text: String, isField: Bool)] = []
  var isQuoted = false
  for character in pattern {
    if character == "'" { isQuoted.toggle() }
    let isField = !isQuoted && character.isASCII && character.isLetter
    if let last = runs.last, last.isField == isField, !isField || last.text.last == character {
      runs[runs.count - 1].text.append(character)
    } else {
      runs.append((String(character), isField))
    }
  }
  return runs
}
