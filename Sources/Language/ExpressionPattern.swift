/// The pattern behind `matches`, folded as the text it is matched with.
struct ExpressionPattern: Sendable {
  init(_ source: String) throws(SyntaxError) {}
  func matches(_ text: String) -> Bool { false }
}
