/// A value of a YAML file with its place.
///
/// Places are scalar indices into the file (``YAMLSource/location(_:)`` makes lines and columns of them). What an alias
/// stands for keeps the place of its anchor: that is where a mistake in it is mended.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// In file order; no two keys have the same text.
    case mapping([YAMLMember])
  }

  var content: Content
  /// The first scalar of the value, and one past its last.
  var start: Int
  var end: Int
  /// A tag that is written out, in its long form: `tag:yaml.org,2002:str`.
  var tag: String?

  /// An empty value, `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let scalar) = content else { return false }
    return scalar.isNull(tag: tag)
  }

  var scalar: YAMLScalar? {
    guard case .scalar(let scalar) = content else { return nil }
    return scalar
  }

  /// What the node is, for "expected …, found …".
  var kind: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar): scalar.resolved(tag: tag).kind
    }
  }
}

struct YAMLMember: Sendable {
  /// Always a scalar.
  var key: YAMLNode
  var value: YAMLNode

  /// The key's text, `on` and `1` too.
  var name: String { key.scalar?.text ?? "" }
}

struct YAMLScalar: Sendable, Hashable {
  enum Style: Sendable, Hashable { case plain, singleQuoted, doubleQuoted, literal, folded }

  /// Unescaped and unfolded.
  var text: String
  var style: Style
}

extension YAMLNode {
  /// Where the `offset`th scalar of the text stands in the file.
  ///
  /// Exact for plain and quoted scalars on one line whose text is what the file shows; of others (escapes, folding,
  /// blocks) the start.
  func position(ofOffset offset: Int, in source: YAMLSource) -> Int {
    guard let scalar, offset > 0, source.line(ofScalar: start) == source.line(ofScalar: max(start, end - 1)) else {
      return textStart
    }
    let quotes = scalar.style == .plain ? 0 : 2
    let length = scalar.text.unicodeScalars.count
    guard end - start == length + quotes else { return textStart }
    return textStart + min(offset, length)
  }

  /// The start of a plain scalar's text, or of what stands between quotes.
  private var textStart: Int {
    switch scalar?.style {
    case .singleQuoted, .doubleQuoted: start + 1
    default: start
    }
  }
}
