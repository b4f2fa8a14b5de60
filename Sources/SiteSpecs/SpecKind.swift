/// Which of the three kinds of files a file is.
public enum SpecKind: String, Sendable, Hashable, CaseIterable {
  case site, notifier
  case configuration = "slothunter"

  /// By the keys at the beginning of lines: the kind that most of them belong to, so that one that is mistyped is told
  /// as such. The file's folder decides between equals, a configuration is what is left.
  public static func of(file: String, bytes: [UInt8]) -> SpecKind {
    let keys = Set(topKeys(bytes))
    let tables: [(SpecKind, TableReference)] = [
      (.site, SpecReference.site[0]), (.notifier, SpecReference.notifier[0]),
      (.configuration, SpecReference.configuration[0]),
    ]
    let counts = tables.map { kind, table in (kind, table.keys.count { keys.contains($0.name) }) }
    let most = counts.map(\.1).max() ?? 0
    let best = counts.filter { $0.1 == most }.map(\.0)
    if best.count == 1, most > 0 { return best[0] }
    let folder = file.split(separator: "/").dropLast().last.map(String.init) ?? ""
    if best.contains(.site), folder == "sites" { return .site }
    if best.contains(.notifier), folder == "notifiers" { return .notifier }
    return best.contains(.configuration) ? .configuration : best[0]
  }

  private static func topKeys(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
      guard let first = line.unicodeScalars.first, first.properties.isAlphabetic, let colon = line.firstIndex(of: ":")
      else { return nil }
      return String(line[..<colon])
    }
  }
}
