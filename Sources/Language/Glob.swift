/// A path glob of `limits.never`: `*` stands for any text within a segment, `**` for any number of segments; letters
/// are compared case-blind with the percent-decoded path.
///
/// Globs guard against requests that do harm, so a path is looked at in every way a server may read it: decoded up to
/// ``GlobPath/maximumDecodings`` times, with `..`, `//`, `\`, `;parameters`, blanks and a trailing slash resolved. A
/// path that matches in any of these readings matches.
public struct Glob: Sendable, Hashable {
  public let source: String
  private let segments: [GlobSegment]

  public init(_ source: String) throws(SyntaxError) {
    self.source = source
    segments = try GlobSegment.parse(source)
  }

  /// - Parameter path: A URL's path, percent-encoded or not. A query or fragment is left out of account.
  public func matches(path: String) -> Bool {
    GlobPath.readings(of: path, hole: nil).contains { GlobSegment.match(segments[...], $0[...]) }
  }

  /// Whether some text in place of the holes makes the path match: each hole stands for any text within a segment.
  ///
  /// A path such as `/dr/{slug}/` could match `**/book`; what must never be sent whatever the holes hold is what
  /// ``mustMatch(pathWithHoles:hole:)`` finds.
  public func couldMatch(pathWithHoles path: String, hole: Character) -> Bool {
    GlobPath.readings(of: path, hole: hole).contains { GlobSegment.match(segments[...], $0[...]) }
  }

  /// Whether the path matches whatever stands in the holes: only `*` takes a hole.
  public func mustMatch(pathWithHoles path: String, hole: Character) -> Bool {
    let opaque = GlobPath.readings(of: path, hole: hole).map { reading in
      reading.map { segment in segment.map { $0 == .any ? .opaque : $0 } }
    }
    return opaque.contains { GlobSegment.match(segments[...], $0[...]) }
  }

  public static func == (left: Glob, right: Glob) -> Bool { left.segments == right.segments }
  public func hash(into hasher: inout Hasher) { hasher.combine(segments) }
}

/// A piece of a glob's or a path's segment.
enum GlobPiece: Sendable, Hashable {
  case scalar(Unicode.Scalar)
  /// Any text: `*` in a glob, a hole in a path.
  case any
  /// A hole that only `*` may take.
  case opaque
}

enum GlobSegment: Sendable, Hashable {
  case pieces([GlobPiece])
  /// `**`: any number of segments, none too.
  case anySegments

  static func parse(_ source: String) throws(SyntaxError) -> [GlobSegment] {
    guard !source.isEmpty else { throw SyntaxError("a glob cannot be empty", offset: 0, help: "such as **/book") }
    if let scheme = source.firstIndex(of: ":"), source[scheme...].hasPrefix("://") {
      throw SyntaxError("a glob is compared with the path alone", offset: 0, help: "leave out scheme and host: **/book")
    }
    guard source.hasPrefix("/") || source.hasPrefix("**/") else {
      throw SyntaxError("a glob begins with '/' or '**/'", offset: 0, help: "did you mean '**/\(source)'?")
    }
    var segments: [GlobSegment] = []
    var offset = 0
    for part in source.split(separator: "/", omittingEmptySubsequences: false) {
      if part == "**" {
        segments.append(.anySegments)
      } else if !part.isEmpty {
        segments.append(.pieces(try pieces(part, offset)))
      }
      offset += part.unicodeScalars.count + 1
    }
    guard segments.contains(where: { $0 != .anySegments }) else {
      throw SyntaxError("this glob matches every path", offset: 0, help: "name a segment: **/book")
    }
    return segments
  }

  private static func pieces(_ part: Substring, _ offset: Int) throws(SyntaxError) -> [GlobPiece] {
    let scalars = Array(part.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      if scalar == "?" || scalar == "#" {
        throw SyntaxError("a glob is compared with the path alone, without '\(scalar)'", offset: offset + index)
      }
      if scalar == "*", index > 0, scalars[index - 1] == "*" {
        throw SyntaxError("'**' must stand alone between slashes", offset: offset + index - 1, help: "use '*' here")
      }
    }
    if part == "." || part == ".." { throw SyntaxError("'\(part)' in a glob matches nothing", offset: offset) }
    let decoded = GlobPath.decoded(Array(part.utf8))
    return GlobPath.folded(String(decoding: decoded, as: UTF8.self)).map { $0 == "*" ? .any : .scalar($0) }
  }
}

extension GlobSegment {
  /// - Complexity: Segments of the glob × segments of the path, for `**` is followed through a table.
  static func match(_ glob: ArraySlice<GlobSegment>, _ path: ArraySlice<[GlobPiece]>) -> Bool {
    wildcardMatch(
      Array(glob), Array(path), isAnyLeft: { $0 == .anySegments }, isAnyRight: { _ in false },
      same: { segment, pieces in
        guard case .pieces(let wanted) = segment else { return false }
        return wildcardMatch(
          wanted, pieces, isAnyLeft: { $0 == .any }, isAnyRight: { $0 == .any }, same: { $0 == $1 })
      })
  }
}

/// Whether two sequences, each of which may hold wildcards for any run of the other, can be the same.
private func wildcardMatch<Left, Right>(
  _ left: [Left], _ right: [Right], isAnyLeft: (Left) -> Bool, isAnyRight: (Right) -> Bool,
  same: (Left, Right) -> Bool
) -> Bool {
  // reached[j]: the first i elements on the left can be the first j on the right.
  var reached = [Bool](repeating: false, count: right.count + 1)
  reached[0] = true
  for (index, element) in right.enumerated() where reached[index] && isAnyRight(element) { reached[index + 1] = true }
  for element in left {
    let isAny = isAnyLeft(element)
    var next = [Bool](repeating: false, count: right.count + 1)
    next[0] = isAny && reached[0]
    for (index, other) in right.enumerated() {
      let isOtherAny = isAnyRight(other)
      next[index + 1] =
        isAny && (reached[index + 1] || next[index]) || isOtherAny && (next[index] || reached[index + 1])
        || reached[index] && !isAny && same(element, other)
    }
    reached = next
  }
  return reached[right.count]
}
