import Diagnostics
import Engine
import Glibc
import Language
import PluginHost
import SiteSpecs

/// `check --fix`: writes what is mechanical, and nothing else.
struct CheckFix {
  let isDry: Bool
  let ignoresSecrets: Bool
  /// Where changes are told: not among what another program reads.
  let tell: (String) -> Void

  /// - Returns: Whether any file changed, or would have.
  func run(_ check: CheckRun) throws(CommandFailure) -> Bool {
    let fixes = check.list.sorted.filter { $0.fix != nil }
    var hasChanged = false
    var isLeft = false
    for file in Set(fixes.map(\.location.file)).sorted() {
      let bytes = try Files.read(file)
      let here = fixes.filter { $0.location.file == file }
      guard let fixed = FixedText(bytes, here.compactMap(\.fix).flatMap(\.edits)) else { continue }
      // Places are those of the bytes that were checked.
      guard check.contents[file] == fingerprint(bytes) else {
        isLeft = true
        tell("\(file): left as it is, it changed while it was checked")
        continue
      }
      guard isBetter(fixed.bytes, file, check) else {
        isLeft = true
        tell("\(file): left as it is, the changes would bring other errors")
        continue
      }
      hasChanged = true
      tell(fixed.changes(in: file, excerpts: here))
      if !isDry { try Files.replace(file, with: fixed.bytes) }
    }
    if !hasChanged, !isLeft { tell("nothing that is mechanical") }
    if hasChanged, isDry { tell("nothing was written: leave --dry-run out") }
    return hasChanged
  }

  /// Reads the file as it would be. One that was no YAML may show errors that nobody could see before.
  private func isBetter(_ bytes: [UInt8], _ file: String, _ check: CheckRun) -> Bool {
    let before = check.list.sorted.filter { $0.severity == .error && $0.location.file == file }
    let after = errors(bytes, file)
    return after.count <= before.count
      || before.contains { $0.code == .yamlSyntax } && !after.contains { $0.code == .yamlSyntax }
  }

  private func errors(_ bytes: [UInt8], _ file: String) -> [Diagnostic] {
    let reader = SpecReader(
      catalog: Builtins.catalog, environment: Workspace.environment, ignoresSecrets: ignoresSecrets)
    let found =
      switch SpecKind.of(file: file, bytes: bytes) {
      case .site: reader.readSite(file: file, bytes: bytes).diagnostics
      case .notifier: reader.readNotifier(file: file, bytes: bytes).diagnostics
      case .configuration: configuration(bytes, file)
      }
    return found.filter { $0.severity == .error && $0.location.file == file }
  }

  private func configuration(_ bytes: [UInt8], _ file: String) -> [Diagnostic] {
    let disk = SpecFiles.disk
    let files = SpecFiles(
      read: { $0 == file ? .success(Array(bytes.prefix($1))) : disk.read($0, $1) }, list: disk.list)
    return ConfigurationLoader(
      catalog: Builtins.catalog, environment: Workspace.environment, files: files, ignoresSecrets: ignoresSecrets
    ).load(file).diagnostics
  }
}

/// A file's bytes with edits made in them; every other byte is what it was.
struct FixedText {
  private(set) var bytes: [UInt8]
  /// What was done, of edits that overlap the first.
  private var made: [Fix.Edit] = []

  /// nil where no edit fits.
  init?(_ bytes: [UInt8], _ edits: [Fix.Edit]) {
    self.bytes = bytes
    let lines = LineOffsets(bytes)
    // What goes over lines is no slip of the pen.
    let small = edits.filter { $0.start.line == $0.end.line }
    var ranges = small.compactMap { edit in lines.range(edit).map { (range: $0, edit: edit) } }
    ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
    var result: [UInt8] = []
    var position = 0
    for (range, edit) in ranges {
      // Of two that overlap the first is made; the next run sees what is left.
      guard range.lowerBound >= position else { continue }
      result += bytes[position..<range.lowerBound]
      result += Array(edit.text.utf8)
      made.append(edit)
      position = range.upperBound
    }
    result += bytes[position...]
    guard result != bytes else { return nil }
    self.bytes = result
  }

  /// The lines that changed, as `diff -u` shows them without context: edits change lines and never their number.
  ///
  /// - Parameter diagnostics: Their excerpts are the lines with secrets blotted out; another line shows the edit alone.
  func changes(in file: String, excerpts diagnostics: [Diagnostic]) -> String {
    var lines = ["--- \(file)", "+++ \(file)"]
    for (number, edits) in Dictionary(grouping: made, by: \.start.line).sorted(by: { $0.key < $1.key }) {
      lines.append("@@ -\(number) +\(number) @@")
      let excerpt = diagnostics.first { $0.location.line == number }?.excerpt
      let was = Array((excerpt ?? "").unicodeScalars)
      guard excerpt != nil, edits.allSatisfy({ $0.end.column - 1 <= was.count }) else {
        lines += edits.map { "+… \($0.text) …" }
        continue
      }
      var isNow = String.UnicodeScalarView(was)
      for edit in edits.sorted(by: { $0.start.column > $1.start.column }) {
        let start = isNow.index(isNow.startIndex, offsetBy: edit.start.column - 1)
        let end = isNow.index(isNow.startIndex, offsetBy: edit.end.column - 1)
        isNow.replaceSubrange(start..<end, with: edit.text.unicodeScalars)
      }
      lines += ["-" + String(String.UnicodeScalarView(was)), "+" + String(isNow)]
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
