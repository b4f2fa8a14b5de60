/// The candidate that `word` was probably meant to be, nil where none is close.
///
/// Close is a third of the word's length in edits (one at least, four at most): inserting, deleting, replacing a scalar
/// or swapping two neighbours, as mistyped words differ. Case is free. Of equally close ones the first wins.
public func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String? {
  let near = nearest(word, among: candidates)
  return near.first ?? relative(of: word, among: candidates)
}

/// The candidate that `word` was meant to be, where no other is as close: what may be written without asking.
///
/// Of words below four letters nothing is sure: `fr` is as near to `fa` as it is a language of its own.
public func surelyMeant(_ word: String, among candidates: some Sequence<String>) -> String? {
  guard word.unicodeScalars.count >= 4 else { return nil }
  let near = nearest(word, among: candidates)
  return near.count == 1 ? near[0] : nil
}

/// Candidates within reach, those of the least distance only.
private func nearest(_ word: String, among candidates: some Sequence<String>) -> [String] {
  let typed = Array(word.lowercased().unicodeScalars.prefix(longestWord + 1))
  guard !typed.isEmpty, typed.count <= longestWord else { return [] }
  let allowed = min(4, max(1, typed.count / 3))
  var best: (candidates: [String], distance: Int) = ([], .max)
  for candidate in candidates {
    if candidate == word { continue }
    let other = Array(candidate.lowercased().unicodeScalars.prefix(longestWord + 1))
    guard other.count <= longestWord, abs(other.count - typed.count) <= allowed else { continue }
    let distance = editDistance(typed, other)
    // A word that shares no letter with what was typed ("a" for "b") explains nothing.
    guard distance <= allowed, distance < max(typed.count, other.count) else { continue }
    if distance < best.distance {
      best = ([candidate], distance)
    } else if distance == best.distance {
      best.candidates.append(candidate)
    }
  }
  return best.candidates
}

/// A candidate that begins or ends with the word, or the other way round: `watch` for `watches`, `foreach` for `each`.
private func relative(of word: String, among candidates: some Sequence<String>) -> String? {
  let typed = word.lowercased()
  guard typed.utf8.count <= longestWord else { return nil }
  return candidates.first { candidate in
    let other = candidate.lowercased()
    let (short, long) = typed.utf8.count < other.utf8.count ? (typed, other) : (other, typed)
    // Three letters and a third of the longer word: less is chance.
    guard candidate != word, short.utf8.count >= 3, short.utf8.count * 3 >= long.utf8.count else { return false }
    return long.hasPrefix(short) || long.hasSuffix(short)
  }
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
