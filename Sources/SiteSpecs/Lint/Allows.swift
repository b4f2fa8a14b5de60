import Diagnostics
import Language

/// Remarks in a file that allow a warning of one line, with the reason:
///
///     each: //tr[2]      # slothunter: allow positional-xpath because the page has no classes
///
/// At the end of a line it is of that line, on a line of its own of the next one that is no remark.
public struct Allows: Sendable {
  struct Allow: Sendable {
    var code: String
    var hasReason: Bool
    /// Where the code stands, in scalars of the file.
    var place: Int
    var line: Int
    /// The line whose warnings it allows.
    var target: Int
  }

  private(set) var all: [Allow] = []
  private let source: YAMLSource
  static let marker = "slothunter: allow"

  public init(file: String, bytes: [UInt8]) {
    self.init(YAMLSource(file: file, bytes: bytes)) { [] }
  }

  /// - Parameter text: Where values stand, in scalars: a '#' in one of them begins no remark.
  init(_ source: YAMLSource, text values: () -> [Range<Int>]) {
    self.source = source
    // Nearly no file has one, and a configuration may have a million lines.
    guard Self.isMarked(source.bytes) else { return }
    let text = values()
    var line = 1
    while let written = source.text(ofLine: line) {
      read(written, line, text)
      line += 1
    }
  }

  private static func isMarked(_ bytes: [UInt8]) -> Bool {
    let wanted = Array(marker.utf8)
    var place = 0
    while let next = bytes[place...].firstIndex(of: wanted[0]) {
      if bytes[next...].starts(with: wanted) { return true }
      place = next + 1
    }
    return false
  }

  private mutating func read(_ written: String, _ line: Int, _ text: [Range<Int>]) {
    guard let marker = written.ranges(of: Self.marker).last,
      let hash = written[..<marker.lowerBound].lastIndex(of: "#"),
      written[written.index(after: hash)..<marker.lowerBound].allSatisfy({ $0 == " " })
    else { return }
    let start = source.scalarIndex(ofLine: line)
    let column = written.unicodeScalars.distance(from: written.startIndex, to: hash)
    if text.contains(where: { $0.contains(start + column) }) { return }
    let rest = written[marker.upperBound...]
    let reason = rest.firstRange(of: " because ")
    let isReason = reason.map { !trimmed(String(rest[$0.upperBound...])).isEmpty } ?? false
    let codes = rest[..<(reason?.lowerBound ?? rest.endIndex)]
    let isAlone = written[..<hash].allSatisfy { $0 == " " }
    for word in codes.split(whereSeparator: { $0 == " " || $0 == "," }) {
      let offset = written.unicodeScalars.distance(from: written.startIndex, to: word.startIndex)
      all.append(
        Allow(
          code: String(word), hasReason: isReason, place: start + offset, line: line,
          target: isAlone ? contentLine(after: line) : line))
    }
  }

  private func contentLine(after line: Int) -> Int {
    var next = line + 1
    while let text = source.text(ofLine: next), case let first = text.first(where: { $0 != " " }),
      first == nil || first == "#"
    {
      next += 1
    }
    return next
  }

  /// What is left of warnings, without what is allowed.
  public func filter(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    diagnostics.filter { !isAllowed($0) }
  }

  private func isAllowed(_ diagnostic: Diagnostic) -> Bool {
    guard diagnostic.severity == .warning, let code = diagnostic.code?.rawValue, diagnostic.location.file == source.file
    else { return false }
    return all.contains { $0.hasReason && $0.code == code && $0.target == diagnostic.location.line }
  }

  /// What is wrong with the remarks themselves, held against all that was found.
  func problems(among diagnostics: [Diagnostic]) -> [Diagnostic] {
    // In a file with errors not everything is looked at.
    let isWhole = !diagnostics.contains { $0.severity == .error }
    return all.compactMap { allow in
      let range = allow.place..<(allow.place + allow.code.unicodeScalars.count)
      guard let code = DiagnosticCode(rawValue: allow.code) else {
        let codes = DiagnosticCode.allCases.filter(\.isWarning).map(\.rawValue)
        return source.diagnostic(
          .unknownCode, severity: .warning, at: range.lowerBound, to: range.upperBound,
          "there is no code \(quoted(allow.code))", help: suggestion(for: allow.code, among: codes, calling: "codes"),
          fix: surelyMeant(allow.code, among: codes).map { source.fix("write '\($0)'", range, $0) })
      }
      if !allow.hasReason {
        return source.diagnostic(
          .allowWithoutReason, severity: .warning, at: range.lowerBound, to: range.upperBound,
          "this allows '\(allow.code)' and does not say why", help: "go on with: because …")
      }
      // Told of recordings, which are not always looked at.
      if code == .keyNotUnique { return nil }
      let isUsed = diagnostics.contains {
        $0.code == code && $0.location.line == allow.target && $0.severity == .warning
      }
      if isUsed || !isWhole && code.isWarning { return nil }
      return source.diagnostic(
        .unusedAllow, severity: .warning, at: range.lowerBound, to: range.upperBound,
        "'\(allow.code)' is allowed here and not told", help: "remove the remark")
    }
  }
}

extension SpecContext {
  /// Everything found in the file, less the warnings that it allows itself.
  func settle(_ root: YAMLNode?) {
    guard isLinting || diagnostics.all.contains(where: { $0.severity == .warning }) else { return }
    let allows = Allows(source) { root.map(valueRanges) ?? [] }
    guard !allows.all.isEmpty else { return }
    let found = diagnostics.all
    replaceDiagnostics(allows.filter(found) + (isLinting ? allows.problems(among: found) : []))
  }

  /// Of values that could hold a '#': quoted ones and blocks.
  private func valueRanges(_ node: YAMLNode) -> [Range<Int>] {
    switch node.content {
    case .scalar(let scalar): scalar.style == .plain ? [] : [node.start..<max(node.start, node.end)]
    case .sequence(let elements): elements.flatMap(valueRanges)
    case .mapping(let members): members.flatMap { valueRanges($0.value) }
    }
  }
}
