import Language
import SiteSpecs
import Synchronization

/// Reads files and remembers what each held, so that a save that changes nothing is known for one.
final class FileContents: Sendable {
  private let seen = Mutex<[String: String]>([:])

  /// Of each file read and each folder listed.
  var fingerprints: [String: String] { seen.withLock { $0 } }

  /// The disk, remembered as it is read.
  var files: SpecFiles {
    SpecFiles(
      read: { [self] path, limit in
        let result = SpecFiles.disk.read(path, limit)
        if case .success(let bytes) = result { note(path, fingerprint(bytes)) }
        return result
      },
      list: { [self] path in
        let names = SpecFiles.disk.list(path)
        if let names { note(path, FileContents.of(names)) }
        return names
      })
  }

  private func note(_ path: String, _ print: String) { seen.withLock { $0[path] = print } }

  /// What is there now; nil for what can't be read.
  static func now(_ path: String) -> String? {
    if let names = SpecFiles.disk.list(path) { return of(names) }
    guard case .success(let bytes) = SpecFiles.disk.read(path, largest) else { return nil }
    return fingerprint(bytes)
  }

  /// As much as is ever read of one file, and a byte (`YAMLReader.Budget.ofConfiguration`).
  private static let largest = 64 << 20 + 1

  /// Of a folder only what may be a spec counts: swap files and backups come and go.
  private static func of(_ names: [String]) -> String {
    let specs = names.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }.sorted()
    return fingerprint(specs.joined(separator: "\n"))
  }
}
