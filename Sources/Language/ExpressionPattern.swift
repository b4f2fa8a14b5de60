internal import Patterns

/// The pattern behind `matches`, folded as the text it is matched with.
struct ExpressionPattern: Sendable {
  private let pattern: Pattern

  /// Compiled as written first, so that offsets are those of what was written; then folded, so that `[كي]` and `[کی]`
  /// are one.
  init(_ source: String) throws(SyntaxError) {
    if let dropped = foldingDrops(source) {
      throw SyntaxError(
        "text is matched without this mark, so the pattern can't find it", offset: dropped,
        help: "leave out diacritics, tatweel and direction marks")
    }
    do {
      _ = try Pattern(source)
      pattern = try Pattern(foldedPattern(source))
    } catch {
      throw SyntaxError(error.message, offset: error.offset)
    }
  }

  /// Whether folded text holds a match. A search that passes a limit has found nothing.
  func matches(_ text: String) -> Bool { (try? pattern.hasMatch(in: text)) ?? false }
}
