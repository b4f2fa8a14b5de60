import Diagnostics

/// What to type instead.
enum Suggestion {
  /// `did you mean 'x'? names: x, y, z`
  static func text(_ word: String, _ known: [String], _ what: String) -> String {
    (didYouMean(word, among: known).map { "did you mean '\($0)'? " } ?? "") + "\(what): "
      + (known.isEmpty ? "none" : known.joined(separator: ", "))
  }
}
