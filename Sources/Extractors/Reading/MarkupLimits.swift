/// What a page may be at most (DESIGN.md, section 6). Crossing one is an error that names it, never a silent cut.
public enum MarkupLimits {
  /// Elements within elements. libxml2's own limit of 256 cuts without a word.
  public static let depth = 1_000
  /// Elements, text nodes, comments and instructions.
  public static let nodes = 200_000
  /// All attributes of a page: 8 MiB of them would be 200 MB of tree.
  public static let attributes = 500_000
  /// From `<` to `>`, in bytes.
  public static let startTagBytes = 256 << 10
  /// Attributes of one element: libxml2 compares each with each, 50,000 take it 7.7 s.
  public static let attributesOfOneElement = 512
  /// The selector itself, in bytes.
  public static let selectorBytes = 4 << 10
  /// Nodes that one JSONPath, XPath or CSS selector gives.
  public static let matches = 100_000
}
