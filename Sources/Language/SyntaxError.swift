/// A mistake in a piece of text that a person wrote inside a spec: a path, template, expression or pattern.
///
/// The room that knows where the text stands turns it into a `Diagnostic`.
public struct SyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  public var message: String
  /// Where in the text, in Unicode scalars from 0.
  public var offset: Int
  /// What to write instead, with a "did you mean" where there is one.
  public var help: String?

  public init(_ message: String, offset: Int, help: String? = nil) {
    self.message = message
    self.offset = offset
    self.help = help
  }

  public var description: String { message }
}
