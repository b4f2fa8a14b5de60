/// "Did you mean", for the words of selector languages.
enum Nearest {
  /// The nearest of the accepted words, where one is near, then all of them.
  static func help(for word: String, among words: [String], called list: String) -> String {
    let all = "\(list): \(words.joined(separator: ", "))"
    guard let nearest = nearest(to: word, among: words) else { return all }
    return "did you mean '\(nearest)'? \(all)"
  }

  static func nearest(to word: String, among words: [String]) -> String? {
    let ranked = words.map { (word: $0, distance: distance(word.lowercased(), $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    // A third of the letters: `contain` and `strating-with`, not `doc` for `not`.
    return best.distance <= max(1, word.count / 3) ? best.word : nil
  }

  /// Letters to change, add, remove or swap (restricted Damerau-Levenshtein).
  private static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.prefix(40)), b = Array(b.prefix(40))
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), min(last[j + 1], row[j]) + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      before = last
      last = row
    }
    return last[b.count]
  }
}
