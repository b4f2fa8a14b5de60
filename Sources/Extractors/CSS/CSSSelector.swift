/// The parse of a CSS selector (Selectors Level 4), without what only a browser can answer.
struct CSSSelector {
  /// What is given of a matched element.
  enum Output: Equatable {
    case element
    /// `::text`: its own text nodes.
    case text
    /// `::attr(name)`
    case attribute(CSSName)
  }

  var complex: CSSComplex
  var output = Output.element
}

/// Compounds joined by combinators, from right to left: the order in which they are matched.
struct CSSComplex {
  var subject: CSSCompound
  var links: [CSSLink] = []
}

struct CSSLink {
  var combinator: CSSCombinator
  var compound: CSSCompound
}

enum CSSCombinator: Equatable { case descendant, child, next, later }

/// Tests of one element, all of which must hold.
struct CSSCompound {
  var tests: [CSSTest] = []
}

/// A name as written and in lower case: HTML is case-blind, XML is not, and a selector is compiled for both.
struct CSSName: Equatable {
  let exact: [UInt8]
  let lower: [UInt8]
  /// Of the name in lower case.
  let key: NameKey

  init(_ name: String) {
    exact = Array(name.utf8)
    lower = Array(name.utf8).map(CSSName.lowered)
    key = lower.withUnsafeBufferPointer { NameKey($0) }
  }

  static func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
}

indirect enum CSSTest {
  /// `div`; `|div` only without a namespace.
  case type(CSSName, withoutNamespace: Bool)
  /// `|*`
  case withoutNamespace
  case id([UInt8])
  case className([UInt8])
  case attribute(CSSAttribute)
  /// `:is()`, `:where()`, `:matches()`
  case any([CSSComplex])
  case not([CSSComplex])
  case has([CSSComplex])
  case nth(CSSNth)
  case root, scope, empty, link, checked, disabled, enabled, required, optional
  case contains([[UInt8]], ownTextOnly: Bool)
  case language([String])
  /// The element that a `:has()` is asked of.
  case anchor
  /// `:hover`, `:visited` and the like: no page that is only read is in that state.
  case never
}

struct CSSAttribute {
  enum Match { case exists, equals, differs, word, dash, prefix, suffix, substring }
  enum Case {
    /// Blind for the attributes that HTML lists, such as `type`.
    case asHTML
    case blind, exact
  }
  enum Namespace { case none, any }

  var name: CSSName
  var namespace: Namespace
  var match: Match
  var value: [UInt8]
  var letterCase: Case
}

/// `an+b`, counted from the start or the end, of all siblings, those of the same type, or those a selector matches.
struct CSSNth {
  var step: Int
  var offset: Int
  var fromEnd: Bool
  var sameType: Bool
  var of: [CSSComplex]
  /// Tells counts apart in the matcher's memory.
  var id: Int

  func includes(_ index: Int) -> Bool {
    let distance = index - offset
    if index < 1 { return false }
    return step == 0 ? distance == 0 : distance % step == 0 && distance / step >= 0
  }
}
