/// The candidate that `word` was probably meant to be, nil where none is close.
///
/// Close is a third of the word's length in edits (one at least, four at most): inserting, deleting, replacing a scalar
/// or swapping two neighbours, as mistyped words differ. Case is free. Of equally close ones the first wins.
public func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String? {
  let typed = Array(word.lowercased().unicodeScalars.prefix(longestWord + 1))
  guard !typed.isEmpty, typed.count <= longestWord else { return nil }
  let allowed = min(4, max(1, typed.count / 3))
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    if candidate == word { continue }
    let other = Array(candidate.lowercased().unicodeScalars.prefix(longestWord + 1))
    guard other.count <= longestWord, abs(other.count - typed.count) <= allowed else { continue }
    let distance = editDistance(typed, other)
    // A word that shares no letter with what was typed ("a" for "b") explains nothing.
    guard distance <= allowed, distance < max(typed.count, other.count) else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// Words longer than this are never compared: the table of distances grows with the square. Ids end at 64.
private let longestWord = 64

/// Damerau-Levenshtein distance in its restricted form (optimal string alignment): no piece is edited twice.
func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in b.indices {
      let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
      row[j + 1] = min(replaced, last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1) }
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
