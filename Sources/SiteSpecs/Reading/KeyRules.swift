/// Which YAML scalars may stand for a text: YAML calls `24` a number and `true` a truth, and either can be a title.
public enum Scalars: Sendable, Hashable {
  case any
  case text
  case textOrBoolean
}

/// Which names of the author's choice a mapping takes.
public struct KeyNames: Sendable, Hashable {
  /// In what PCRE2 and ECMA-262 have in common; nil takes every name.
  public var pattern: String?
  public var except: [String]
  /// The only names there are; nil where they are free.
  public var among: [String]?
  public var atLeast: Int

  public init(pattern: String? = nil, except: [String] = [], among: [String]? = nil, atLeast: Int = 0) {
    self.pattern = pattern
    self.except = except
    self.among = among
    self.atLeast = atLeast
  }

  public static let any = KeyNames()
  /// ``isID(_:)``
  public static let id = KeyNames(pattern: "^[a-z0-9][a-z0-9_-]{0,63}$")
  /// ``isNameWellFormed(_:)``
  public static let name = KeyNames(pattern: "^[a-z_][a-z0-9_]{0,63}$")
  /// Names that templates and expressions can call.
  public static let defined = KeyNames(pattern: KeyNames.name.pattern, except: reservedWords.sorted())

  /// Names that templates and expressions can call, and `words` are not among them.
  static func defined(except words: Set<String>) -> KeyNames {
    KeyNames(pattern: KeyNames.name.pattern, except: reservedWords.union(words).sorted())
  }
}

/// One word of a mapping that has a single key, as `gone: { status: 404 }`.
public struct Choice: Sendable, Hashable {
  public var word: String
  /// Keys below it that mean nothing for this word.
  public var forbids: [String]
  public var requires: [String]
  /// Keys of which at least one is there; ``KeyRule/selector`` stands for the kinds of selectors.
  public var oneOf: [String]

  public init(_ word: String, forbids: [String] = [], requires: [String] = [], oneOf: [String] = []) {
    self.word = word
    self.forbids = forbids
    self.requires = requires
    self.oneOf = oneOf
  }
}

/// What the keys of a mapping ask of each other, as far as that can be said without their values. Told by the parser in
/// its own words; declared here for the JSON Schema and the reference pages.
public enum KeyRule: Sendable, Hashable {
  /// Stands in these lists for the kinds of selectors.
  public static let selector = "a selector"

  case exactlyOne([String])
  case atMostOne([String])
  case atLeastOne([String])
  /// The key stands only beside one of the others.
  case needs(String, oneOf: [String])
  /// The key and these others exclude each other, which among themselves do not.
  case excludes(String, [String])
  /// Beside the key, these are false or not there.
  case falseBeside(String, [String])
  /// The key belongs to these words of the other.
  case belongs(String, to: String, [String])
  /// One key of the author's choice, or this one.
  case exactlyOneName(or: String)
}

/// Keys that a mapping takes beside those of its table.
public enum FurtherKeys: Sendable, Hashable {
  /// A kind of selector.
  case selector
  case named(KeyNames, Shape)
}
