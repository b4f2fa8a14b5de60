import Diagnostics

/// The text of a file with its line table: turns libyaml's scalar indices into places that an editor shows.
///
/// libyaml counts U+0085, U+2028 and U+2029 as line breaks (YAML 1.1) and editors do not, so its own line numbers are
/// not used. A byte order mark belongs to no line.
struct YAMLSource: Sendable {
  let file: String
  /// Without the byte order mark.
  let bytes: [UInt8]
  /// Where each line starts: as a byte offset and as a scalar index. Never empty.
  private let lineStarts: [(byte: Int, scalar: Int)]
  /// Scalars in all.
  let count: Int

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    (lineStarts, count) = Self.lines(of: self.bytes)
  }

  private static func lines(of bytes: [UInt8]) -> ([(byte: Int, scalar: Int)], Int) {
    var starts = [(byte: 0, scalar: 0)]
    var scalars = 0
    for (offset, byte) in bytes.enumerated() {
      // Continuation bytes belong to the scalar before them.
      if byte & 0xC0 != 0x80 { scalars += 1 }
      let endsLine =
        byte == UInt8(ascii: "\n")
        || byte == UInt8(ascii: "\r") && (offset + 1 >= bytes.count || bytes[offset + 1] != UInt8(ascii: "\n"))
      if endsLine { starts.append((offset + 1, scalars)) }
    }
    return (starts, scalars)
  }

  /// The place of a scalar; indices past the end give the end.
  func location(_ scalar: Int) -> SpecLocation {
    let index = min(max(scalar, 0), count)
    let line = self.line(ofScalar: index)
    return SpecLocation(file: file, line: line + 1, column: index - lineStarts[line].scalar + 1)
  }

  /// The scalar index of the byte at `offset`.
  func scalarIndex(ofByte offset: Int) -> Int {
    let line = last(where: { $0.byte <= offset })
    let start = lineStarts[line]
    return start.scalar + bytes[start.byte..<min(offset, bytes.count)].count { $0 & 0xC0 != 0x80 }
  }

  /// From 0.
  func line(ofScalar index: Int) -> Int { last(where: { $0.scalar <= index }) }

  /// Where a line counted from 1 starts.
  func scalarIndex(ofLine line: Int) -> Int { lineStarts[min(max(line, 1), lineStarts.count) - 1].scalar }

  /// The text of a line counted from 1, without its break; nil where there is none.
  func text(ofLine line: Int) -> String? {
    guard line >= 1, line <= lineStarts.count else { return nil }
    let start = lineStarts[line - 1].byte
    var end = line < lineStarts.count ? lineStarts[line].byte : bytes.count
    while end > start, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private func last(where isBefore: ((byte: Int, scalar: Int)) -> Bool) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if isBefore(lineStarts[middle]) { low = middle } else { high = middle }
    }
    return low
  }
}

extension YAMLSource {
  /// A problem at a scalar index, with the line it is on.
  func diagnostic(
    _ code: DiagnosticCode, severity: Diagnostic.Severity = .error, at scalar: Int, to end: Int? = nil,
    keyPath: String = "", _ message: String, help: String? = nil, notes: [Diagnostic.Note] = [], fix: Fix? = nil
  ) -> Diagnostic {
    let place = location(scalar)
    return Diagnostic(
      severity, code, at: place, to: end.map { location($0) }, keyPath: keyPath, message, help: help, notes: notes,
      excerpt: text(ofLine: place.line), fix: fix)
  }

  /// What the file shows between a value's ends.
  func text(of node: YAMLNode) -> String {
    let first = location(node.start)
    let last = location(max(node.start, node.end))
    return (first.line...max(first.line, last.line)).map { line in
      let scalars = Array((text(ofLine: line) ?? "").unicodeScalars)
      let from = line == first.line ? min(first.column - 1, scalars.count) : 0
      let to = line == last.line ? min(last.column - 1, scalars.count) : scalars.count
      return String(String.UnicodeScalarView(scalars[from..<max(from, to)]))
    }.joined(separator: "\n")
  }

  /// The change that puts `text` in the place of some scalars.
  func fix(_ title: String, _ range: Range<Int>, _ text: String) -> Fix {
    Fix(title, [Fix.Edit(from: location(range.lowerBound), to: location(range.upperBound), text)])
  }
}
