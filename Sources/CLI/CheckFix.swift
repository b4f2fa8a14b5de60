import Diagnostics
import Glibc

/// `check --fix`: writes what is mechanical, and nothing else.
struct CheckFix {
  let isDry: Bool
  /// Where changes are told: not among what another program reads.
  let tell: (String) -> Void

  /// - Returns: Whether any file changed, or would have.
  func run(_ list: DiagnosticList) throws(CommandFailure) -> Bool {
    let fixes = list.sorted.filter { $0.fix != nil }
    var hasChanged = false
    for file in Set(fixes.map(\.location.file)).sorted() {
      let bytes = try Files.read(file)
      let edits = fixes.filter { $0.location.file == file }.compactMap(\.fix).flatMap(\.edits)
      guard let fixed = FixedText(bytes, edits) else { continue }
      hasChanged = true
      tell(fixed.changes(in: file))
      if !isDry { try Files.replace(file, with: fixed.bytes) }
    }
    if !hasChanged { tell("nothing that is mechanical") }
    if hasChanged, isDry { tell("nothing was written: leave --dry-run out") }
    return hasChanged
  }
}

/// A file's bytes with edits made in them; every other byte is what it was.
struct FixedText {
  private(set) var bytes: [UInt8]
  private let before: [UInt8]

  /// nil where no edit fits.
  init?(_ bytes: [UInt8], _ edits: [Fix.Edit]) {
    before = bytes
    self.bytes = bytes
    let lines = LineOffsets(bytes)
    // What goes over lines is no slip of the pen.
    let small = edits.filter { $0.start.line == $0.end.line }
    var ranges = small.compactMap { edit in lines.range(edit).map { (range: $0, text: edit.text) } }
    ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
    var result: [UInt8] = []
    var position = 0
    for (range, text) in ranges {
      // Of two that overlap the first is made; the next run sees what is left.
      guard range.lowerBound >= position else { continue }
      result += bytes[position..<range.lowerBound]
      result += Array(text.utf8)
      position = range.upperBound
    }
    result += bytes[position...]
    guard result != bytes else { return nil }
    self.bytes = result
  }

  /// The lines that changed, as `diff -u` shows them without context: edits change lines and never their number.
  func changes(in file: String) -> String {
    let old = String(decoding: before, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let new = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    var lines = ["--- \(file)", "+++ \(file)"]
    for (number, (was, isNow)) in zip(old, new).enumerated() where was != isNow {
      lines += ["@@ -\(number + 1) +\(number + 1) @@", "-\(was)", "+\(isNow)"]
    }
    return lines.joined(separator: "\n")
  }
}

/// Byte offsets of places that count lines and scalars, a byte order mark left out as diagnostics leave it out.
private struct LineOffsets {
  private let bytes: [UInt8]
  private var starts: [Int]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
    for (offset, byte) in bytes.enumerated() {
      let isReturn =
        byte == UInt8(ascii: "\r") && (offset + 1 >= bytes.count || bytes[offset + 1] != UInt8(ascii: "\n"))
      if byte == UInt8(ascii: "\n") || isReturn { starts.append(offset + 1) }
    }
  }

  func range(_ edit: Fix.Edit) -> Range<Int>? {
    guard let start = offset(edit.start), let end = offset(edit.end), start <= end else { return nil }
    return start..<end
  }

  private func offset(_ place: SpecLocation) -> Int? {
    guard place.line >= 1, place.line <= starts.count, place.column >= 1 else { return nil }
    var offset = starts[place.line - 1]
    for _ in 1..<place.column {
      guard offset < bytes.count else { return nil }
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    }
    return offset
  }
}

extension Files {
  /// Puts a whole new file in the place of one: whoever reads it sees the old or the new. Its mode stays, and a symbolic
  /// link stays one.
  static func replace(_ path: String, with bytes: [UInt8]) throws(CommandFailure) {
    let target =
      realpath(path, nil).map { pointer in
        defer { free(pointer) }
        return String(cString: pointer)
      } ?? path
    var info = stat()
    guard stat(target, &info) == 0 else { throw replaceProblem(path) }
    let temporary = "\(target).\(getpid()).new"
    guard let file = fopen(temporary, "wbx") else { throw replaceProblem(path) }
    let isWritten =
      fwrite(bytes, 1, bytes.count, file) == bytes.count && fchmod(fileno(file), info.st_mode & 0o7777) == 0
      && fflush(file) == 0 && fsync(fileno(file)) == 0
    fclose(file)
    guard isWritten, rename(temporary, target) == 0 else {
      let failure = replaceProblem(path)
      unlink(temporary)
      throw failure
    }
  }

  private static func replaceProblem(_ path: String) -> CommandFailure {
    CommandFailure(.cannotStore, "can't write \(path): \(String(cString: strerror(errno)))")
  }
}
